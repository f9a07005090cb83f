"""Versions of rows: told where one is read, wanted where one is written, and the loser sees what the winner did."""

from typing import Any

import pytest

from clients.models import Client, Task
from core.walls import acting, service
from tests import factories
from tests.api.conftest import Caller, Calls, refused
from tests.people import People

LATER = "2199-01-01"


@pytest.fixture
def task(people: People, near: Client) -> Task:
    """Return something the manager owes."""
    return factories.task(near, people.manager)


def move(call: Caller, task: Task, body: dict[str, Any], **headers: str) -> Any:
    """Move a task."""
    return call.post(f"tasks/{task.pk}/move/", {"due_on": LATER, **body}, headers=headers)


def test_rows_with_versions_say_theirs(people: People, calls: Calls, near: Client) -> None:
    review, call = factories.review(near), calls(people.manager)
    for path in (f"clients/{near.pk}/", f"reviews/{review.pk}/"):
        answer = call.get(path)
        assert answer["ETag"] == f'"{answer.json()["version"]}"'


def test_a_write_may_name_the_version_in_its_body_or_in_a_header(people: People, calls: Calls, task: Task) -> None:
    call = calls(people.manager)
    first = move(call, task, {"version": 1})
    assert (first.status_code, first.json()["version"], first["ETag"]) == (200, 2, '"2"')
    second = move(call, task, {}, **{"If-Match": first["ETag"]})
    assert (second.status_code, second["ETag"]) == (200, '"3"')
    assert move(call, task, {"version": 3}, **{"If-Match": '"3"'}).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1"'}])
def test_the_slower_of_two_sees_what_stands_there(
    people: People, calls: Calls, task: Task, headers: dict[str, str]
) -> None:
    move(calls(people.backup), task, {"version": 1})
    body = {} if headers else {"version": 1}
    document = refused(move(calls(people.manager), task, {"due_on": "2198-01-01", **body}, **headers), 409)
    assert document["theirs"] == {"due_on": LATER, "done_at": "", "version": "2"}
    with acting(service()):
        assert Task.objects.get(pk=task.pk).due_on.isoformat() == LATER


@pytest.mark.parametrize("tag", ["*", "1", 'W/"1"', '"1", "2"', '"x"', '"0"', '"' + "9" * 40 + '"', '""', ""])
def test_a_condition_that_cannot_be_read_is_refused(people: People, calls: Calls, task: Task, tag: str) -> None:
    document = refused(move(calls(people.manager), task, {}, **{"If-Match": tag}), 400)
    assert list(document["errors"]) == ["If-Match"]


def test_header_and_body_must_agree(people: People, calls: Calls, task: Task) -> None:
    document = refused(move(calls(people.manager), task, {"version": 1}, **{"If-Match": '"2"'}), 400)
    assert list(document["errors"]) == ["If-Match"]


def test_a_write_without_a_version_is_refused(people: People, calls: Calls, task: Task, near: Client) -> None:
    review, call = factories.review(near), calls(people.manager)
    for answer in (move(call, task, {}), call.post(f"reviews/{review.pk}/decide/", {"decision": "pay_out"})):
        assert list(refused(answer, 400)["errors"]) == ["version"]


def test_a_condition_where_nothing_has_a_version_is_refused(people: People, calls: Calls, near: Client) -> None:
    body = {"channel": "call", "happened_at": "2025-01-02T10:00:00Z", "text": "Spoke"}
    answer = calls(people.manager).post(f"clients/{near.pk}/contacts/", body, headers={"If-Match": '"1"'})
    assert list(refused(answer, 400)["errors"]) == ["If-Match"]


def test_a_review_is_decided_by_the_version_in_the_header(people: People, calls: Calls, near: Client) -> None:
    review, call = factories.review(near), calls(people.manager)
    tag = call.get(f"reviews/{review.pk}/")["ETag"]
    path, body = f"reviews/{review.pk}/decide/", {"decision": "reviewed", "note": "As agreed on the phone"}
    assert call.post(path, body, headers={"If-Match": tag}).status_code == 200
    assert refused(call.post(path, body, headers={"If-Match": tag}), 409)["theirs"]["note"] == body["note"]


def test_done_asks_for_no_version_and_heeds_one(people: People, calls: Calls, task: Task) -> None:
    call = calls(people.manager)
    move(call, task, {"version": 1})
    refused(call.post(f"tasks/{task.pk}/done/", {"version": 1}), 409)
    assert call.post(f"tasks/{task.pk}/done/").json()["version"] == 3
    refused(move(call, task, {"version": 3}), 400)


def test_nothing_moves_into_the_past(people: People, calls: Calls, task: Task) -> None:
    document = refused(move(calls(people.manager), task, {"version": 1, "due_on": "2020-01-01"}), 400)
    assert list(document["errors"]) == ["due_on"]
