"""The contact log and what is owed, through the API."""

from typing import Any

import pytest

from clients.models import Client, ContactNote, Task
from core.walls import acting, service
from tests import factories
from tests.api.conftest import MISSING, Calls, refused, verbs
from tests.people import People

CALL: dict[str, Any] = {"channel": "call", "happened_at": "2025-01-02T10:00:00+08:00", "text": "Spoke of the maturity"}
PROMISE = {"text": "Send the offer", "due_on": "2025-01-09"}


def test_a_contact_is_logged_with_its_promises(people: People, calls: Calls, near: Client) -> None:
    call = calls(people.manager)
    answer = call.post(f"clients/{near.pk}/contacts/", {**CALL, "promises": [PROMISE]})
    assert answer.status_code == 201, answer.content
    assert (answer.json()["author"], answer.json()["text"]) == ("mei", "Spoke of the maturity")
    owed = call.get("tasks/", client=near.pk).json()["results"]
    assert [(task["text"], task["due_on"], task["note"]) for task in owed] == [
        ("Send the offer", "2025-01-09", answer.json()["id"])
    ]
    assert "contact:log" in verbs()


def test_the_log_is_listed_newest_first(people: People, calls: Calls, near: Client) -> None:
    for day in (1, 3, 2):
        factories.note(near, people.manager, text=f"Day {day}", happened_at=factories.NOW.replace(day=day))
    rows = calls(people.manager).get(f"clients/{near.pk}/contacts/").json()["results"]
    assert [row["text"] for row in rows] == ["Day 3", "Day 2", "Day 1"]


def test_a_lead_who_does_not_cover_reads_no_confidential_note(people: People, calls: Calls, near: Client) -> None:
    factories.note(near, people.manager, text="In confidence", confidential=True)
    assert calls(people.lead).get(f"clients/{near.pk}/contacts/").json()["results"] == []
    assert calls(people.manager).get(f"clients/{near.pk}/contacts/").json()["results"] != []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"happened_at": "2099-01-01T00:00:00Z"}, "happened_at"),
        ({"happened_at": "0001-01-01T00:00:00+08:00"}, "happened_at"),
        ({"happened_at": "2027-02-29T00:00:00Z"}, "happened_at"),
        ({"promises": [{**PROMISE, "due_on": "2024-01-01"}]}, "promises"),
        ({"promises": [{**PROMISE, "due_on": "9999-12-31"}]}, "promises"),
        ({"promises": [PROMISE] * 4}, "promises"),
        ({"promises": [{**PROMISE, "owner": 1}]}, "promises"),
        ({"promises": {}}, "promises"),
        ({"channel": "fax"}, "channel"),
        ({"text": ""}, "text"),
        ({"text": "Ann\0"}, "text"),
        ({"text": "x" * 20001}, "text"),
        ({"people": "x" * 201}, "people"),
    ],
)
def test_a_contact_that_cannot_be_is_refused_by_its_field(
    people: People, calls: Calls, near: Client, change: dict[str, Any], field: str
) -> None:
    document = refused(calls(people.manager).post(f"clients/{near.pk}/contacts/", {**CALL, **change}), 400)
    assert list(document["errors"]) == [field]
    with acting(service()):
        assert not ContactNote.objects.exists()
        assert not Task.objects.exists()


def test_words_come_back_as_they_were_said(people: People, calls: Calls, near: Client) -> None:
    said = "O'Brien-Łukasz 司马 相如 Nguyễn Thị Ánh 陈𠮷 <script>alert(1)</script> {{7*7}}"
    answer = calls(people.manager).post(f"clients/{near.pk}/contacts/", {**CALL, "text": said})
    assert answer.json()["text"] == said


@pytest.mark.parametrize("name", ["stranger", "colleague", "lead"])
def test_whoever_does_not_cover_logs_nothing(people: People, calls: Calls, name: str) -> None:
    call = calls(getattr(people, name))
    foreign, missing = (call.post(f"clients/{pk}/contacts/", CALL) for pk in (people.client_id, MISSING))
    refused(foreign, 404)
    assert foreign.content == missing.content
    with acting(service()):
        assert not ContactNote.objects.exists()


def test_what_was_owed_is_ticked_off_once(people: People, calls: Calls, near: Client) -> None:
    task, call = factories.task(near, people.manager), calls(people.manager)
    first, second = call.post(f"tasks/{task.pk}/done/"), call.post(f"tasks/{task.pk}/done/")
    assert first.status_code == second.status_code == 200
    assert first.json()["done_at"] == second.json()["done_at"] is not None
    assert call.get("tasks/").json()["results"] == []
    assert verbs().count("task:complete") == 1


def test_ticking_off_takes_no_words(people: People, calls: Calls, near: Client) -> None:
    task = factories.task(near, people.manager)
    document = refused(calls(people.manager).post(f"tasks/{task.pk}/done/", {"done_at": "2020-01-01"}), 400)
    assert list(document["errors"]) == ["done_at"]


def test_a_stranger_ticks_nothing_off(people: People, calls: Calls, near: Client) -> None:
    task, call = factories.task(near, people.manager), calls(people.stranger)
    foreign, missing = (call.post(f"tasks/{pk}/done/") for pk in (task.pk, MISSING))
    refused(foreign, 404)
    assert foreign.content == missing.content
    with acting(service()):
        assert Task.objects.get(pk=task.pk).done_at is None
