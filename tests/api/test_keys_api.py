"""Writes sent again: one effect, the same answer, and nothing of it for anybody else."""

import datetime as dt
import json
import threading
import uuid
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client as Browser

from clients.models import Client, ContactNote, Coverage
from core import clock, jobs, tasks
from core.models import Answer, AuditEvent, User
from core.programs import answers
from core.walls import acting, service
from tests import factories
from tests.api.conftest import Caller, Calls, refused
from tests.conftest import SignIn
from tests.people import People

CALL: dict[str, Any] = {"channel": "call", "happened_at": "2025-01-02T10:00:00+08:00", "text": "Spoke of the canary"}
KEY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def log(call: Caller, client_id: int, key: str = KEY, body: dict[str, Any] | None = None) -> Any:
    """Log a contact under a key."""
    return call.post(f"clients/{client_id}/contacts/", body or CALL, headers={"Idempotency-Key": key})


def logged() -> int:
    """Return how many contacts were written down."""
    with acting(service()):
        return ContactNote.objects.count()


def kept() -> int:
    """Return how many answers are kept."""
    with acting(service()):
        return Answer.objects.count()


def test_a_request_sent_again_has_one_effect_and_the_same_answer(people: People, calls: Calls) -> None:
    call = calls(people.manager)
    first, second = log(call, people.client_id), log(call, people.client_id)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert (first.headers.get("Idempotency-Replayed"), second["Idempotency-Replayed"]) == (None, "true")
    assert logged() == 1


def test_two_keys_have_two_effects(people: People, calls: Calls) -> None:
    call = calls(people.manager)
    log(call, people.client_id, "one")
    assert "Idempotency-Replayed" not in log(call, people.client_id, "two").headers
    assert logged() == 2


def test_a_key_belongs_to_one_request(people: People, calls: Calls, near: Client) -> None:
    call, task = calls(people.manager), factories.task(near, people.manager)
    log(call, near.pk)
    other_body = log(call, near.pk, body={**CALL, "text": "Something else"})
    other_address = call.post(f"tasks/{task.pk}/done/", headers={"Idempotency-Key": KEY})
    for answer in (other_body, other_address):
        assert refused(answer, 422)["code"] == "key-reused"
        assert "canary" not in answer.content.decode()
    assert logged() == 1


def test_a_key_belongs_to_one_person(people: People, calls: Calls, near: Client) -> None:
    mine = log(calls(people.manager), near.pk)
    hers = log(calls(people.backup), near.pk)
    assert hers.status_code == 201
    assert "Idempotency-Replayed" not in hers.headers
    assert mine.json()["id"] != hers.json()["id"]
    assert (mine.json()["author"], hers.json()["author"]) == ("mei", "bao")


def test_a_stranger_replays_nothing(people: People, calls: Calls, near: Client) -> None:
    log(calls(people.manager), near.pk)
    refused(log(calls(people.stranger), near.pk), 404)
    assert logged() == 1


@pytest.mark.parametrize("key", ["", "a" * 65, "a" * 10_000, "with space", "naïve", "semi;colon", "a,b", "<script>"])
def test_a_key_that_is_none_is_refused(people: People, calls: Calls, key: str) -> None:
    document = refused(log(calls(people.manager), people.client_id, key), 400)
    assert list(document["errors"]) == ["Idempotency-Key"]
    assert (logged(), kept()) == (0, 0)


def test_a_refused_answer_is_not_kept(people: People, calls: Calls) -> None:
    call = calls(people.manager)
    refused(log(call, people.client_id, body={**CALL, "text": ""}), 400)
    assert kept() == 0
    assert log(call, people.client_id).status_code == 201


def test_an_answer_lives_a_day(people: People, calls: Calls) -> None:
    call = calls(people.manager)
    log(call, people.client_id)
    with acting(service()):
        Answer.objects.update(made_at=clock.now() - answers.KEPT - dt.timedelta(seconds=1))
    assert "Idempotency-Replayed" not in log(call, people.client_id).headers
    assert (logged(), kept()) == (2, 1)


def test_what_is_old_is_purged_by_a_job(people: People, calls: Calls) -> None:
    log(calls(people.manager), people.client_id)
    claim = jobs.Claim(0, uuid.uuid4(), None)
    with acting(service()):
        tasks.tidy(claim=claim, now=clock.now())
        assert Answer.objects.count() == 1
        tasks.tidy(claim=claim, now=clock.now() + answers.KEPT)
        assert Answer.objects.count() == 0


def test_an_answer_is_sealed_and_its_own_person_s(people: People, calls: Calls) -> None:
    log(calls(people.manager), people.client_id)
    with acting(service()), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(a)::text FROM core_answer a")
        assert "canary" not in cursor.fetchone()[0]
    with acting(people.backup):
        assert not Answer.objects.exists()
    with acting(people.manager):
        assert "canary" in answers.text(Answer.objects.get())


def test_an_answer_ends_with_the_coverage(people: People, calls: Calls, near: Client) -> None:
    call = calls(people.manager)
    log(call, near.pk)
    with acting(service()):
        ended = (factories.LONG_AGO, factories.NOW.replace(year=2025))
        Coverage.objects.filter(client=near, manager=people.manager).update(valid=ended)
    foreign, missing = log(call, near.pk), log(call, 7_999_999_999)
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


def test_an_answer_given_again_is_written_down(people: People, calls: Calls, near: Client) -> None:
    call = calls(people.manager)
    log(call, near.pk)
    log(call, near.pk)
    with acting(service()):
        event = AuditEvent.objects.get(verb="answer:repeat")
    assert (event.client_id, event.actor_id) == (near.pk, people.manager.pk)


def test_a_write_that_answers_200_is_kept_too(people: People, calls: Calls, near: Client) -> None:
    task, call = factories.task(near, people.manager), calls(people.manager)
    body = {"due_on": "2199-01-01", "version": 1}
    first = call.post(f"tasks/{task.pk}/move/", body, headers={"Idempotency-Key": KEY})
    second = call.post(f"tasks/{task.pk}/move/", body, headers={"Idempotency-Key": KEY})
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content


def test_the_condition_is_part_of_the_request(people: People, calls: Calls, near: Client) -> None:
    task, call = factories.task(near, people.manager), calls(people.manager)
    headers = {"Idempotency-Key": KEY, "If-Match": '"1"'}
    assert call.post(f"tasks/{task.pk}/move/", {"due_on": "2199-01-01"}, headers=headers).status_code == 200
    headers["If-Match"] = '"2"'
    refused(call.post(f"tasks/{task.pk}/move/", {"due_on": "2199-01-01"}, headers=headers), 422)


def test_without_a_cookie_s_token_a_key_opens_nothing(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    log(Caller(browser), people.client_id)
    browser.handler.enforce_csrf_checks = True
    refused(log(Caller(browser), people.client_id), 403)


def knock(browser: Browser, path: str, statuses: list[tuple[int, bytes]]) -> None:
    """Send the same request from a thread of its own."""
    try:
        answer: Any = browser.post(
            path, json.dumps(CALL), content_type="application/json", headers={"Idempotency-Key": KEY}
        )
        statuses.append((answer.status_code, answer.content))
    finally:
        connections.close_all()


def test_fifty_at_once_have_one_effect_and_one_answer(committed: People, sign_in: SignIn) -> None:
    statuses: list[tuple[int, bytes]] = []
    path = f"/api/clients/{committed.client_id}/contacts/"
    browsers = [sign_in(committed.manager) for _ in range(50)]
    threads = [threading.Thread(target=knock, args=(browser, path, statuses)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == 50
    assert {status for status, _body in statuses} == {201}
    assert len({body for _status, body in statuses}) == 1
    assert logged() == 1


def test_one_that_waits_too_long_is_told_so(committed: People, sign_in: SignIn, monkeypatch: Any) -> None:
    monkeypatch.setattr(answers, "WAIT", "100ms")
    held, done = threading.Event(), threading.Event()

    def hold(user: User) -> None:
        try:
            with acting(user):
                assert answers.wait(user=user, key=KEY)
                held.set()
                done.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold, args=(committed.manager,))
    thread.start()
    held.wait(10)
    try:
        answer = log(Caller(sign_in(committed.manager)), committed.client_id)
    finally:
        done.set()
        thread.join()
    assert refused(answer, 409)["code"] == "key-busy"
    assert logged() == 0
    assert log(Caller(sign_in(committed.manager)), committed.client_id).status_code == 201
