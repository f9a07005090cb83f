"""A lead who is away lets another lead decide for the team: for a while, not for the lead, without chain or ring."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.urls import reverse
from django.utils import timezone

from core import approvals
from core.approvals import deputies
from core.errors import Refused
from core.models import Approval, AuditEvent, Delegation, Role, User
from core.walls import acting, service
from tests import factories
from tests.conftest import SignIn
from tests.people import PASSWORD, People, user


def asked(people: People, by: User | None = None) -> Approval:
    """Ask for a handover in the East."""
    return factories.approval(by or people.manager, factories.owned_by(people.client_id), people.colleague)


def seen_by(person: User) -> list[int]:
    with acting(person):
        rows = list(Approval.objects.values_list("pk", flat=True))
        assert rows == list(approvals.approvals(user=person).values_list("pk", flat=True))
        return rows


def test_the_deputy_decides_for_the_team_and_the_trail_says_by_what(committed: People) -> None:
    row = asked(committed)
    assert seen_by(committed.other_lead) == []
    given = factories.delegation(committed.lead, committed.other_lead)
    assert seen_by(committed.other_lead) == [row.pk]
    factories.approved(row, committed.other_lead)
    with acting(committed.compliance):
        event = AuditEvent.objects.get(verb="approval:approve")
    assert event.actor == committed.other_lead
    assert event.body["data"]["delegation"] == given.pk


def test_what_the_lead_asks_is_not_for_the_deputy(committed: People) -> None:
    row = asked(committed, by=committed.lead)
    factories.delegation(committed.lead, committed.other_lead)
    assert seen_by(committed.other_lead) == []
    with pytest.raises(Approval.DoesNotExist):
        factories.approved(row, committed.other_lead)


@pytest.mark.parametrize("far", [-1, 1], ids=["over", "to come"])
def test_at_other_times_the_deputy_sees_nothing(committed: People, far: int) -> None:
    asked(committed)
    row = factories.delegation(committed.lead, committed.other_lead, begins=timezone.localdate() + dt.timedelta(days=1))
    if far < 0:
        with acting(committed.lead):
            deputies.end(user=committed.lead, delegation_id=row.pk, now=timezone.now())
    assert seen_by(committed.other_lead) == []


def test_ended_is_ended_at_once(committed: People) -> None:
    asked(committed)
    row = factories.delegation(committed.lead, committed.other_lead)
    assert seen_by(committed.other_lead) != []
    with acting(committed.lead):
        deputies.end(user=committed.lead, delegation_id=row.pk, now=timezone.now())
        with pytest.raises(Refused):
            deputies.end(user=committed.lead, delegation_id=row.pk, now=timezone.now())
    assert seen_by(committed.other_lead) == []


def test_a_lead_who_left_lets_nobody_decide(committed: People) -> None:
    asked(committed)
    factories.delegation(committed.lead, committed.other_lead)
    with acting(service()):
        User.objects.filter(pk=committed.lead.pk).update(is_active=False)
    assert seen_by(committed.other_lead) == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"begins": dt.date(2020, 1, 1)}, "deputy-past"),
        ({"until": dt.date(2020, 1, 1)}, "deputy-days"),
        ({"until": dt.date(2099, 1, 1)}, "deputy-days"),
    ],
)
def test_days_that_cannot_be_are_refused(people: People, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        factories.delegation(people.lead, people.other_lead, **given)
    assert refusal.value.code == code


def test_there_is_no_ring_no_chain_and_no_second_one(people: People) -> None:
    third = user("third", Role.LEAD)
    factories.delegation(people.lead, people.other_lead)
    for lead, deputy, code in (
        (people.other_lead, people.lead, "deputy-chain"),
        (people.other_lead, third, "deputy-chain"),
        (third, people.lead, "deputy-chain"),
        (people.lead, third, "deputy-twice"),
    ):
        with pytest.raises(Refused) as refusal:
            factories.delegation(lead, deputy)
        assert refusal.value.code == code
    later = timezone.localdate() + dt.timedelta(days=2)
    factories.delegation(people.other_lead, people.lead, begins=later, until=later)


def test_of_two_that_close_a_ring_at_once_one_is_refused(committed: People) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def give(lead: User, deputy: User) -> None:
        start.wait()
        try:
            factories.delegation(lead, deputy)
            outcomes.append("given")
        except (Refused, DatabaseError) as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    pairs = [(committed.lead, committed.other_lead), (committed.other_lead, committed.lead)]
    threads = [threading.Thread(target=give, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("given") == 1, outcomes


@pytest.mark.parametrize("name", ["manager", "compliance", "deputy", "administrator", "colleague"])
def test_only_a_lead_decides_for_a_lead(people: People, name: str) -> None:
    with pytest.raises(User.DoesNotExist):
        factories.delegation(people.lead, getattr(people, name))


def test_a_second_account_of_the_lead_is_no_deputy(people: People) -> None:
    with acting(service()):
        second = User.objects.create(
            username="second", email="second@bank.example", name="Second", role=Role.LEAD, person=people.lead.person
        )
    with pytest.raises(User.DoesNotExist):
        factories.delegation(people.lead, second)


def test_the_database_gives_nothing_else_and_changes_nothing(people: People) -> None:
    row = factories.delegation(people.lead, people.other_lead)
    span = DateTimeTZRange(row.valid.lower, row.valid.upper + dt.timedelta(days=9))
    third, now = user("third", Role.LEAD), timezone.now()
    given = {"valid": span, "reason": "Because I say so", "given_at": now}
    ways: list[tuple[User, Any]] = [
        (people.lead, lambda: Delegation.objects.filter(pk=row.pk).update(valid=span)),
        (people.lead, lambda: Delegation.objects.filter(pk=row.pk).update(deputy=third)),
        (people.lead, lambda: Delegation.objects.filter(pk=row.pk).delete()),
        (people.other_lead, lambda: Delegation.objects.create(lead=people.other_lead, deputy=third, **given)),
        (people.other_lead, lambda: Delegation.objects.create(lead=people.lead, deputy=people.other_lead, **given)),
        (people.manager, lambda: Delegation.objects.create(lead=people.manager, deputy=people.other_lead, **given)),
        (people.compliance, lambda: Delegation.objects.create(lead=third, deputy=people.other_lead, **given)),
    ]
    for person, way in ways:
        with pytest.raises(DatabaseError), acting(person):
            way()
    with acting(people.other_lead):
        assert Delegation.objects.filter(pk=row.pk).update(valid=DateTimeTZRange(row.valid.lower, now)) == 0
    with acting(people.manager):
        assert not Delegation.objects.exists()


def test_it_is_named_and_ended_on_a_page(committed: People, sign_in: SignIn) -> None:
    browser, page, today = sign_in(committed.lead), reverse("deputy"), timezone.localdate()
    form = {"deputy": committed.other_lead.pk, "begins": today, "until": today, "reason": "Away on leave"}
    assert browser.post(page, form)["Location"].startswith(reverse("account_reauthenticate"))
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert list(browser.post(page, {**form, "until": "2020-01-01"}).context["form"].errors) == ["until"]
    assert browser.post(page, {**form, "deputy": committed.manager.pk}).status_code == 422
    assert browser.post(page, form)["Location"] == page
    with acting(committed.lead):
        row = Delegation.objects.get()
    assert committed.other_lead.name in browser.get(page).text
    assert sign_in(committed.other_lead).get(page).status_code == 200
    other = sign_in(committed.other_lead).post(reverse("end_deputy", args=[row.pk]))
    assert other.status_code == 404
    assert "Ended" in browser.post(reverse("end_deputy", args=[row.pk]), follow=True).text
    assert sign_in(committed.manager).get(page).status_code == 403
