"""The client page shows its panels to those who may, and says in the trail who looked."""

from django.urls import reverse

from core.models import AuditEvent
from core.walls import acting
from tests import factories
from tests.conftest import SignIn
from tests.people import People


def test_the_page_and_each_own_panel_answer_the_manager(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    for name in ("page", "side", "profile_panel", "tasks_panel", "contacts"):
        assert browser.get(reverse(f"clients:{name}", args=[people.client_id])).status_code == 200, name


def test_each_look_is_one_event_with_the_person_and_the_client(people: People, sign_in: SignIn) -> None:
    sign_in(people.manager).get(reverse("clients:page", args=[people.client_id]))
    with acting(people.compliance):
        event = AuditEvent.objects.get(verb="client:read")
    assert (event.actor, event.client_id) == (people.manager, people.client_id)
    assert event.request_id is not None


def test_the_narrow_panels_come_in_one_answer_and_each_look_is_recorded(people: People, sign_in: SignIn) -> None:
    for person in (people.manager, people.compliance):
        address = reverse("clients:side", args=[people.client_id])
        answer = sign_in(person).get(address, headers={"HX-Request": "true"})
        with acting(people.compliance):
            verbs = list(AuditEvent.objects.filter(actor=person, verb__endswith=":read").values_list("verb", flat=True))
        assert "<html" not in answer.text
        looks = ["contacts:read", "hold:read", "profile:read", "reviews:read", "statements:read", "tasks:read"]
        assert sorted(verbs) == looks


def test_the_page_is_not_shown_when_the_look_cannot_be_recorded(
    people: People, sign_in: SignIn, monkeypatch: object
) -> None:
    from core import audit  # noqa: PLC0415

    def broken(*_args: object, **_data: object) -> None:
        from django.db import OperationalError  # noqa: PLC0415

        raise OperationalError("no record")

    monkeypatch.setattr(audit, "record_looks", broken)  # type: ignore[attr-defined]
    answer = sign_in(people.manager).get(reverse("clients:page", args=[people.client_id]))
    assert answer.status_code == 503
    assert "Li Wen" not in answer.text


def test_the_page_costs_the_same_queries_for_one_and_for_three_contacts(
    people: People, sign_in: SignIn, django_assert_num_queries: object
) -> None:
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    browser, address = sign_in(people.manager), reverse("clients:contacts", args=[people.client_id])
    client = factories.owned_by(people.client_id)
    counts = []
    for more in (1, 2):
        for _each in range(more):
            factories.note(client, people.manager)
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            browser.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_operations_lists_names_and_opens_nobody(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.operations)
    listed = browser.get(reverse("clients:list"))
    assert "Li Wen" in listed.text
    assert browser.get(reverse("clients:page", args=[people.client_id])).status_code == 403


def test_a_new_secret_is_shown_once_and_opens_nothing_old(people: People, sign_in: SignIn) -> None:
    client = factories.owned_by(people.client_id)
    old = factories.secret(client)
    answer = sign_in(people.manager).post(reverse("clients:issue_secret", args=[people.client_id]))
    assert answer.status_code == 200
    assert old not in answer.text
    with acting(people.compliance):
        event = AuditEvent.objects.get(verb="secret:issue")
    assert "secret" not in str(event.body["data"])
