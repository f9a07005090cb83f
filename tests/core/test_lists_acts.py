"""What is done to many rows at once is named first, and then done to all of them or to none."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client, ContactNote, Task
from core.walls import acting, service
from reports.models import Delivery
from tests import factories
from tests.conftest import SignIn
from tests.people import People

TASKS, CLIENTS, DELIVERIES = "/clients/tasks/", "/clients/", "/reports/deliveries/"
TODAY = timezone.localdate


@pytest.fixture
def mine(people: People) -> list[Task]:
    """Owe three things to the manager's client."""
    client = factories.owned_by(people.client_id)
    return [factories.task(client, people.manager, text=f"Promise {n}", due_on=TODAY()) for n in range(3)]


def pks(rows: list[Any]) -> list[int]:
    return [row.pk for row in rows]


def confirm(browser: Browser, where: str, form: dict[str, Any], **more: Any) -> Any:
    """Send what was chosen, then what the page in between asks to confirm; return the second answer."""
    asked = browser.post(where, form)
    assert asked.status_code == 200, asked.content
    once = asked.context["chosen"].once
    rows = [row.pk for row in asked.context["chosen"].rows]
    return browser.post(where, {"do": form["do"], "row": rows, "once": once, "sure": "1", **more})


def done(rows: list[Task]) -> int:
    with acting(service()):
        return Task.objects.filter(pk__in=pks(rows), done_at__isnull=False).count()


def test_the_rows_are_named_before_anything_is_done(people: People, mine: list[Task], sign_in: SignIn) -> None:
    answer = sign_in(people.manager).post(TASKS, {"do": "done", "row": pks(mine[:2])})
    assert "Rows chosen: 2" in answer.text
    assert ["Promise 0" in answer.text, "Promise 2" in answer.text] == [True, False]
    assert done(mine) == 0


def test_confirmed_they_are_all_done_and_it_is_said(people: People, mine: list[Task], sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    answer = confirm(browser, TASKS, {"do": "done", "row": pks(mine[:2])})
    assert answer.status_code == 302
    assert done(mine) == 2
    assert "Done. Tasks: 2." in browser.get(TASKS).text


def test_all_that_match_are_taken_up_to_a_cap(
    people: People, mine: list[Task], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.lists.acts.MOST", 2)
    browser = sign_in(people.manager)
    answer = browser.post(TASKS, {"do": "done", "scope": "all"})
    assert len(answer.context["chosen"].rows) == 2
    assert "More rows match" in answer.text
    late = browser.post(TASKS + "?due=late", {"do": "done", "scope": "all"})
    assert late.status_code == 302


def test_a_foreign_row_among_them_refuses_the_whole(people: People, mine: list[Task], sign_in: SignIn) -> None:
    foreign = factories.task(factories.owned_by(people.foreign_id), people.stranger, text="Canary promise")
    browser = sign_in(people.manager)
    form = {"do": "done", "row": [*pks(mine), foreign.pk], "sure": "1", "once": "k"}
    for sent in (form, {**form, "row": [*pks(mine), 999_999]}):
        answer = browser.post(TASKS, sent, follow=True)
        assert "Nothing was changed." in answer.text
        assert "Canary" not in answer.text
    assert done([*mine, foreign]) == 0


def test_a_refusal_of_one_undoes_the_others_and_names_it(people: People, mine: list[Task], sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    yesterday = TODAY() - dt.timedelta(days=1)
    answer = confirm(browser, TASKS, {"do": "move", "row": pks(mine)}, due_on=yesterday.isoformat())
    assert answer.status_code == 422
    assert "Li Wen — Promise 0: Choose today or a later day." in answer.text
    assert yesterday.isoformat() in answer.text
    with acting(service()):
        assert set(Task.objects.filter(pk__in=pks(mine)).values_list("due_on", "version")) == {(TODAY(), 1)}


def test_what_is_asked_in_between_keeps_what_was_typed(people: People, mine: list[Task], sign_in: SignIn) -> None:
    answer = confirm(sign_in(people.manager), TASKS, {"do": "move", "row": pks(mine)}, due_on="2027-02-30")
    assert answer.status_code == 422
    assert "2027-02-30" in answer.text
    assert len(answer.context["chosen"].rows) == 3


def test_a_confirmation_sent_twice_is_done_once(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    asked = browser.post(CLIENTS, {"do": "owe", "row": people.client_id})
    form = {"do": "owe", "row": people.client_id, "once": asked.context["chosen"].once, "sure": "1"}
    form |= {"text": "Invite to dinner", "due_on": TODAY().isoformat()}
    for _again in range(2):
        assert browser.post(CLIENTS, form).status_code == 302
    with acting(service()):
        task = Task.objects.get(text="Invite to dinner")
    assert (task.client_id, task.owner_id) == (people.client_id, people.manager.pk)


def test_the_same_contact_is_logged_for_several_clients(people: People, sign_in: SignIn) -> None:
    other = factories.client(name="Second")
    factories.coverage(other, people.manager)
    form = {"channel": "call", "happened_at": "2025-01-02T10:00", "text": "Spoke of the new year's rates"}
    answer = confirm(sign_in(people.manager), CLIENTS, {"do": "log", "row": [people.client_id, other.pk]}, **form)
    assert answer.status_code == 302
    with acting(service()):
        assert set(ContactNote.objects.values_list("client_id", flat=True)) == {people.client_id, other.pk}


def test_a_lead_acts_for_the_own_clients_alone(people: People, mine: list[Task], sign_in: SignIn) -> None:
    browser = sign_in(people.lead)
    assert "Promise 0" in browser.get(TASKS).text
    answer = browser.post(TASKS, {"do": "done", "row": pks(mine)}, follow=True)
    assert "Nothing was changed." in answer.text
    everything = browser.post(TASKS, {"do": "done", "scope": "all"}, follow=True)
    assert "Choose at least one row" in everything.text
    assert done(mine) == 0


@pytest.mark.parametrize("name", ["compliance", "operations"])
def test_who_only_reads_is_offered_nothing_and_refused(people: People, sign_in: SignIn, name: str) -> None:
    browser = sign_in(getattr(people, name))
    assert "list-acts" not in browser.get(CLIENTS).text
    form = {"do": "owe", "row": people.client_id, "sure": "1", "once": "k", "text": "x", "due_on": "2199-01-01"}
    assert browser.post(CLIENTS, form).status_code == 403
    with acting(service()):
        assert not Task.objects.exists()


def test_failed_statements_are_sent_again_and_waiting_ones_are_not(people: People, sign_in: SignIn) -> None:
    clients: list[Client] = [factories.owned_by(people.client_id), factories.client(name="Second")]
    factories.coverage(clients[1], people.manager)
    failed = []
    for client in clients:
        factories.secret(client)
        factories.contact_point(client, f"{client.pk}@mail.example")
        failed.append(factories.delivery(factories.statement(client), state="failed", reason="address"))
    waiting = factories.delivery(factories.statement(clients[0], version=2))
    browser = sign_in(people.manager)
    refused = browser.post(DELIVERIES, {"do": "send", "row": pks([*failed, waiting])}, follow=True)
    assert "Nothing was changed." in refused.text
    assert confirm(browser, DELIVERIES, {"do": "send", "row": pks(failed)}).status_code == 302
    with acting(service()):
        assert Delivery.objects.filter(attempt=2, state="waiting").count() == 2


@pytest.mark.parametrize("row", ["x", "-1", "1e3", "²", "9" * 30, "1\0"])
def test_a_row_that_is_no_number_is_not_understood(people: People, sign_in: SignIn, row: str) -> None:
    assert sign_in(people.manager).post(TASKS, {"do": "done", "row": row}).status_code == 400
