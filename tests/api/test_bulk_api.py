"""Many acts in one request: each under the rule of the single one, and all of them or none."""

import time
from typing import Any

import pytest

from clients.models import Client, ContactNote, Task
from core.models import AuditEvent
from core.walls import acting, service
from reports.models import Delivery
from reviews.models import Review
from tests import factories
from tests.api.conftest import MISSING, Calls, refused, verbs
from tests.people import People

CALL: dict[str, Any] = {"channel": "call", "happened_at": "2025-01-02T10:00:00+08:00", "text": "Spoke of the maturity"}
NOTE = "As agreed on the phone"


def statuses(document: dict[str, Any]) -> dict[str, int]:
    """Return what each refused item was answered, by index."""
    return {index: item["status"] for index, item in document["errors"]["items"].items()}


def test_contacts_are_logged_together(people: People, calls: Calls, near: Client) -> None:
    promise = {"text": "Send the offer", "due_on": "2025-01-09"}
    items = [{**CALL, "client": near.pk, "text": "First", "promises": [promise]}, {**CALL, "client": near.pk}]
    answer = calls(people.manager).post("contacts/", {"items": items})
    assert answer.status_code == 201, answer.content
    assert [row["text"] for row in answer.json()["results"]] == ["First", "Spoke of the maturity"]
    assert verbs().count("contact:log") == 2
    with acting(service()):
        assert Task.objects.get().text == "Send the offer"


def test_one_bad_contact_refuses_all(people: People, calls: Calls, near: Client) -> None:
    items = [
        {**CALL, "client": near.pk},
        {**CALL, "client": near.pk, "happened_at": "2099-01-01T00:00:00Z"},
        {**CALL, "client": people.foreign_id},
        {**CALL, "client": MISSING},
    ]
    document = refused(calls(people.manager).post("contacts/", {"items": items}), 404)
    assert statuses(document) == {"1": 400, "2": 404, "3": 404}
    found = document["errors"]["items"]
    assert found["2"] == found["3"]
    assert list(found["1"]["errors"]) == ["happened_at"]
    with acting(service()):
        assert not ContactNote.objects.exists()
    assert verbs() == ["access:denied"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"items"}),
        ({"items": []}, {"items"}),
        ({"items": {}}, {"items"}),
        ({"items": "all"}, {"items"}),
        ({"items": [{"id": 1}] * 501}, {"items"}),
        ({"items": [{"id": 1}], "all": True}, {"all"}),
    ],
)
def test_a_body_that_is_no_list_is_refused(people: People, calls: Calls, body: Any, errors: set[str]) -> None:
    document = refused(calls(people.manager).post("tasks/done/", body), 400)
    assert set(document["errors"]) == errors
    assert not isinstance(document["errors"].get("items"), dict)


@pytest.mark.parametrize("item", [{}, {"id": "x"}, {"id": -1}, {"id": 2**63}, {"id": 1, "owner": 1}, 1, None, []])
def test_an_item_that_is_none_is_named_by_its_index(people: People, calls: Calls, near: Client, item: Any) -> None:
    good = factories.task(near, people.manager)
    document = refused(calls(people.manager).post("tasks/done/", {"items": [{"id": good.pk}, item]}), 400)
    assert statuses(document) == {"1": 400}
    with acting(service()):
        assert Task.objects.get(pk=good.pk).done_at is None


def test_tasks_are_done_together(people: People, calls: Calls, near: Client) -> None:
    owed = [factories.task(near, people.manager, text=f"Promise {n}") for n in range(3)]
    body = {"items": [{"id": task.pk} for task in reversed(owed)]}
    answer = calls(people.manager).post("tasks/done/", body)
    assert [row["text"] for row in answer.json()["results"]] == ["Promise 2", "Promise 1", "Promise 0"]
    assert all(row["done_at"] for row in answer.json()["results"])


def test_own_and_foreign_tasks_together_change_nothing(people: People, calls: Calls, near: Client, far: Client) -> None:
    own, foreign = factories.task(near, people.manager), factories.task(far, people.stranger)
    call = calls(people.manager)
    for pk in (foreign.pk, MISSING):
        document = refused(call.post("tasks/done/", {"items": [{"id": own.pk}, {"id": pk}]}), 404)
        assert statuses(document) == {"1": 404}
    with acting(service()):
        assert not Task.objects.filter(done_at__isnull=False).exists()
        assert not AuditEvent.objects.filter(verb="task:complete").exists()


def test_a_task_given_twice_is_refused(people: People, calls: Calls, near: Client) -> None:
    task = factories.task(near, people.manager)
    document = refused(calls(people.manager).post("tasks/done/", {"items": [{"id": task.pk}] * 2}), 400)
    assert statuses(document) == {"0": 400, "1": 400}


def test_tasks_move_together_or_stay(people: People, calls: Calls, near: Client) -> None:
    first, second = (factories.task(near, people.manager) for _ in range(2))
    call = calls(people.manager)
    items = [{"id": task.pk, "due_on": "2199-01-01", "version": 1} for task in (first, second)]
    assert {row["due_on"] for row in call.post("tasks/move/", {"items": items}).json()["results"]} == {"2199-01-01"}
    items[0]["version"], items[0]["due_on"] = 2, "2199-02-02"
    document = refused(call.post("tasks/move/", {"items": items}), 409)
    assert document["errors"]["items"]["1"]["theirs"]["version"] == "2"
    with acting(service()):
        assert {str(task.due_on) for task in Task.objects.all()} == {"2199-01-01"}


def test_reviews_are_decided_under_the_rules_of_one(people: People, calls: Calls, near: Client) -> None:
    good, bare = factories.review(near), factories.review(near, period="2025H1")
    call = calls(people.manager)
    decided = {"decision": "reviewed", "note": NOTE, "version": 1}
    items = [{"id": good.pk, **decided}, {"id": bare.pk, **decided, "note": ""}]
    document = refused(call.post("reviews/decide/", {"items": items}), 400)
    assert document["errors"]["items"]["1"]["code"] == "note-missing"
    with acting(service()):
        assert not Review.objects.exclude(decision="").exists()
    items[1]["note"] = NOTE
    answer = call.post("reviews/decide/", {"items": items})
    assert [row["decision"] for row in answer.json()["results"]] == ["reviewed"] * 2


def test_a_hold_stops_the_whole(people: People, calls: Calls, near: Client) -> None:
    free = factories.client()
    factories.coverage(free, people.manager)
    held, open_one = factories.review(near), factories.review(free)
    factories.hold(near, people.compliance)
    decided = {"decision": "reviewed", "note": NOTE, "version": 1}
    items = [{"id": open_one.pk, **decided}, {"id": held.pk, **decided}]
    document = refused(calls(people.manager).post("reviews/decide/", {"items": items}), 400)
    assert document["errors"]["items"] == {
        "1": {
            "title": "Refused",
            "status": 400,
            "code": "on-hold",
            "detail": "Compliance holds this client; the decision waits.",
        }
    }
    with acting(service()):
        assert not Review.objects.exclude(decision="").exists()


def test_statements_are_sent_together(people: People, calls: Calls, near: Client, far: Client) -> None:
    for client, mail in ((near, "near@mail.example"), (far, "far@mail.example")):
        factories.contact_point(client, mail, preferred=True)
        factories.secret(client)
    own = [factories.statement(near, version=number, pdf_name="x.pdf") for number in (1, 2)]
    foreign, call = factories.statement(far, pdf_name="y.pdf"), calls(people.manager)
    document = refused(call.post("statements/send/", {"items": [{"id": row.pk} for row in (*own, foreign)]}), 404)
    assert statuses(document) == {"2": 404}
    with acting(service()):
        assert not Delivery.objects.exists()
    answer = call.post("statements/send/", {"items": [{"id": row.pk} for row in own]})
    assert answer.status_code == 201, answer.content
    assert [row["statement"] for row in answer.json()["results"]] == [row.pk for row in own]


@pytest.mark.parametrize("name", ["compliance", "operations", "administrator", "auditor"])
def test_who_may_not_do_one_may_not_do_many(people: People, calls: Calls, near: Client, name: str) -> None:
    task = factories.task(near, people.manager)
    call = calls(getattr(people, name))
    for path in ("contacts/", "tasks/done/", "tasks/move/", "reviews/decide/", "statements/send/"):
        refused(call.post(path, {"items": [{"id": task.pk}]}), 403)


def test_many_have_one_effect_under_one_key(people: People, calls: Calls, near: Client) -> None:
    call, body = calls(people.manager), {"items": [{**CALL, "client": near.pk}] * 3}
    first, second = (call.post("contacts/", body, headers={"Idempotency-Key": "many"}) for _ in range(2))
    assert first.content == second.content
    with acting(service()):
        assert ContactNote.objects.count() == 3


def test_five_hundred_are_done_in_one_request(people: People, calls: Calls, near: Client) -> None:
    began = time.process_time()
    answer = calls(people.manager).post("contacts/", {"items": [{**CALL, "client": near.pk}] * 500})
    assert len(answer.json()["results"]) == 500
    assert time.process_time() - began < 10
