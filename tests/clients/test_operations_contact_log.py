"""A contact is written down once, and what was promised in it becomes owed."""

import datetime as dt

import pytest
from django.urls import reverse

from clients import operations, queries
from clients.models import Client, ContactNote, Task
from core.errors import Refused
from core.models import AuditEvent
from core.walls import acting
from tests import factories
from tests.conftest import SignIn
from tests.people import People


def test_a_promise_becomes_a_dated_task_of_the_author(people: People, now: dt.datetime) -> None:
    with acting(people.manager):
        operations.log_contact(
            user=people.manager,
            client_id=people.client_id,
            channel="call",
            text="Asked about the maturing deposit.",
            happened_at=now,
            now=now,
            promises=(operations.Promised("Send the rate table", now.date() + dt.timedelta(days=2)),),
        )
        task = Task.objects.get()
    assert (task.owner, task.text, task.done_at) == (people.manager, "Send the rate table", None)


def test_a_contact_of_tomorrow_is_refused(people: People, now: dt.datetime) -> None:
    with acting(people.manager), pytest.raises(Refused) as refusal:
        operations.log_contact(
            user=people.manager,
            client_id=people.client_id,
            channel="call",
            text="…",
            happened_at=now + dt.timedelta(days=1),
            now=now,
        )
    assert refusal.value.field == "happened_at"


def test_the_lead_reads_but_does_not_write(people: People, now: dt.datetime) -> None:
    with acting(people.lead), pytest.raises(Client.DoesNotExist):
        operations.log_contact(
            user=people.lead, client_id=people.client_id, channel="call", text="…", happened_at=now, now=now
        )


def test_the_drawer_saves_and_the_page_below_is_told_to_refresh(people: People, sign_in: SignIn) -> None:
    answer = sign_in(people.manager).post(
        reverse("clients:log_contact", args=[people.client_id]),
        {
            "channel": "meeting",
            "happened_at": "2026-01-05T10:30",
            "text": "Tea at the branch {{7*7}}",
            "promise_1": "Call the notary",
            "promise_1_due_on": "2026-01-09",
        },
        headers={"HX-Request": "true"},
    )
    assert (answer.status_code, answer["HX-Trigger"]) == (204, "contact-logged")
    with acting(people.manager):
        note = ContactNote.objects.get()
        verbs = list(AuditEvent.objects.filter(actor=people.manager).values_list("verb", flat=True))
    assert note.text == "Tea at the branch {{7*7}}"
    assert verbs.count("contact:log") == 1


def test_what_was_typed_stays_when_the_date_is_missing(people: People, sign_in: SignIn) -> None:
    answer = sign_in(people.manager).post(
        reverse("clients:log_contact", args=[people.client_id]),
        {"channel": "call", "happened_at": "2026-01-05T10:30", "text": "Kept words", "promise_1": "Call the notary"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 422
    assert "Kept words" in answer.text
    assert "By when?" in answer.text
    with acting(people.manager):
        assert not ContactNote.objects.exists()


def test_a_confidential_note_is_not_for_the_lead_who_does_not_cover(people: People) -> None:
    client = factories.owned_by(people.client_id)
    factories.note(client, people.manager, text="A divorce is coming", confidential=True)
    factories.note(client, people.manager, text="Likes tea")
    for person, expected in ((people.manager, 2), (people.backup, 2), (people.lead, 1), (people.compliance, 2)):
        with acting(person):
            assert queries.notes(user=person, client_id=people.client_id).count() == expected, person


def test_a_task_done_twice_is_recorded_once(people: People, now: dt.datetime) -> None:
    task = factories.task(factories.owned_by(people.client_id), people.manager)
    with acting(people.backup):
        operations.complete_task(user=people.backup, task_id=task.pk, now=now)
        operations.complete_task(user=people.backup, task_id=task.pk, now=now)
        assert AuditEvent.objects.filter(verb="task:complete").count() == 1


def test_an_exception_is_given_to_the_dedicated_manager_once(people: People, now: dt.datetime) -> None:
    for _again in range(2):
        with acting(people.manager):
            operations.add_task(
                client_id=people.client_id, kind="delivery", text="Bounced", due_on=now.date(), origin="delivery:7"
            )
    with acting(people.manager):
        assert Task.objects.get().owner == people.manager
