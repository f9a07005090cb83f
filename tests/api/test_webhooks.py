"""Webhooks: what happened is told to whom asked for it, once in effect, signed, and for a day."""

import datetime as dt
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection, transaction

from clients import operations as clients_write
from clients.models import Client
from core import audit, clock, jobs, tasks
from core.models import AuditEvent, Job, Webhook, WebhookCall
from core.programs import calls as sending
from core.programs import webhooks
from core.walls import acting, service
from tests import factories
from tests.api.conftest import Calls, verbs
from tests.api.receiver import Receiver, listening
from tests.people import People

VERB = "contact:log"
SAID: dict[str, Any] = {"channel": "call", "happened_at": "2025-01-02T10:00:00+08:00", "text": "Canary Wen owes"}
State = WebhookCall.State
assert tasks.call.__name__ == "call"  # its import registers the jobs


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """Run a receiver that the installation lists."""
    with listening() as told:
        settings.WEBHOOK_HOSTS = [told.host]
        yield told


def log(calls_: Calls, people: People, client: Client) -> None:
    """Let something happen."""
    assert calls_(people.manager).post(f"clients/{client.pk}/contacts/", SAID).status_code == 201


def work(now: dt.datetime | None = None) -> int:
    """Do what is due; return how many jobs were done."""
    now = now or clock.now() + dt.timedelta(seconds=1)
    return sum(jobs.run(job_id, now=now) for job_id in jobs.due(now=now))


def call() -> WebhookCall:
    """Return the only call there is."""
    with acting(service()):
        return WebhookCall.objects.get()


def genuine(secret: str, header: str, body: bytes) -> bool:
    """Verify as the documentation tells receivers to."""
    said = dict(part.split("=", 1) for part in header.split(","))
    made = hmac.new(secret.encode(), f"{said['t']}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(made, said["v1"]) and abs(time.time() - int(said["t"])) < 300


def test_what_happened_is_told_with_ids_and_no_names(
    people: People, calls: Calls, near: Client, receiver: Receiver
) -> None:
    secret = factories.webhook(people.administrator, url=receiver.url, events=[VERB])[1]
    log(calls, people, near)
    assert work() == 1
    path, headers, body = receiver.received[0]
    said = json.loads(body)
    assert said == {
        "id": str(call().event),
        "verb": VERB,
        "at": said["at"],
        "client": near.pk,
        "table": "clients_contactnote",
        "row": said["row"],
    }
    assert dt.datetime.fromisoformat(said["at"]).tzinfo is not None
    assert headers["Content-Type"] == "application/json"
    assert headers["Steward-Event"] == said["id"]
    assert genuine(secret, headers["Steward-Signature"], body)
    assert not genuine(secret, headers["Steward-Signature"], body + b" ")
    assert not genuine("another", headers["Steward-Signature"], body)
    assert b"Canary" not in path.encode() + body
    assert (call().state, call().status, call().attempts) == (State.SENT, 204, 1)


def test_only_what_was_asked_for_is_told(people: People, calls: Calls, near: Client, receiver: Receiver) -> None:
    factories.webhook(people.administrator, url=receiver.url, events=["review:decide"])
    log(calls, people, near)
    assert work() == 0
    assert receiver.received == []


def test_looks_and_the_house_itself_are_told_to_nobody(people: People) -> None:
    for verb in (
        "client:read",
        "access:denied",
        "session:start",
        "token:create",
        "webhook:add",
        "row:insert",
        "legal:place",
    ):
        assert not audit.is_told(verb)


def test_one_event_has_one_id_at_every_webhook(people: People, calls: Calls, near: Client, receiver: Receiver) -> None:
    for name in ("Ledger", "Archive"):
        factories.webhook(people.administrator, name=name, url=receiver.url, events=[VERB])
    log(calls, people, near)
    assert work() == 2
    assert len({headers["Steward-Event"] for _path, headers, _body in receiver.received}) == 1


def test_what_was_taken_back_is_not_told(people: People, near: Client, receiver: Receiver) -> None:
    factories.webhook(people.administrator, url=receiver.url, events=[VERB])
    with pytest.raises(RuntimeError), acting(people.manager):
        audit.record(VERB, client_id=near.pk)
        assert WebhookCall.objects.count() == 0  # the person who acts does not see it
        raise RuntimeError
    assert work() == 0


def test_a_refused_request_is_not_told(people: People, calls: Calls, near: Client, receiver: Receiver) -> None:
    factories.webhook(people.administrator, url=receiver.url, events=[VERB])
    items = [{**SAID, "client": near.pk}, {**SAID, "client": people.foreign_id}]
    assert calls(people.manager).post("contacts/", {"items": items}).status_code == 404
    assert work() == 0


def test_a_failed_call_is_tried_again_with_the_same_words(
    people: People, calls: Calls, near: Client, receiver: Receiver
) -> None:
    factories.webhook(people.administrator, url=receiver.url, events=[VERB])
    log(calls, people, near)
    receiver.status, receiver.body = 503, b"busy\nnow"
    now = clock.now() + dt.timedelta(seconds=1)
    work(now)
    waiting = call()
    assert (waiting.state, waiting.reason, waiting.status, waiting.answer) == (State.WAITING, "status", 503, "busy now")
    assert work(now + dt.timedelta(seconds=5)) == 0
    receiver.status, receiver.body = 200, b""
    work(waiting.due_at)
    assert (call().state, call().attempts, call().reason) == (State.SENT, 2, "")
    assert receiver.received[0][2] == receiver.received[1][2]


def test_waits_grow_and_end_within_a_day(people: People, calls: Calls, near: Client, receiver: Receiver) -> None:
    factories.webhook(people.administrator, url=receiver.url, events=[VERB])
    log(calls, people, near)
    receiver.status = 500
    now, waits = clock.now(), []
    for _ in range(30):
        now = call().due_at + dt.timedelta(milliseconds=1)
        work(now)
        if call().state != State.WAITING:
            break
        waits.append(round((call().due_at - now).total_seconds()))
    assert waits == sorted(waits)
    assert waits[:3] == [10, 40, 160]
    assert max(waits) == 6 * 3600
    assert dt.timedelta(hours=12) < now - call().at <= sending.SPAN
    assert (call().state, call().reason) == (State.FAILED, "status")
    assert verbs().count("webhook:fail") == 1
    with acting(service()):
        assert not Job.objects.filter(state=Job.State.QUEUED, name=webhooks.JOB).exists()


def test_an_address_that_became_private_is_not_called(
    people: People, calls: Calls, near: Client, receiver: Receiver, settings: Any
) -> None:
    factories.webhook(people.administrator, url=receiver.url.replace("http:", "https:"), events=[VERB])
    settings.WEBHOOK_HOSTS = []
    log(calls, people, near)
    work()
    assert (call().state, call().reason, call().status) == (State.WAITING, "address", None)
    assert receiver.received == []


def test_a_pause_holds_what_happens_and_the_end_of_it_tells(
    people: People, calls: Calls, near: Client, receiver: Receiver
) -> None:
    hook = factories.webhook(people.administrator, url=receiver.url, events=[VERB])[0]
    with acting(people.administrator):
        webhooks.pause(webhook_id=hook.pk)
    log(calls, people, near)
    assert work() == 0
    assert call().state == State.WAITING
    with acting(people.administrator):
        webhooks.resume(user=people.administrator, webhook_id=hook.pk, now=clock.now())
    assert work() == 1
    assert call().state == State.SENT


def test_a_long_pause_is_shown_as_failed(people: People, calls: Calls, near: Client, receiver: Receiver) -> None:
    hook = factories.webhook(people.administrator, url=receiver.url, events=[VERB])[0]
    with acting(people.administrator):
        webhooks.pause(webhook_id=hook.pk)
    log(calls, people, near)
    tidied(clock.now() + dt.timedelta(hours=23))
    assert call().state == State.WAITING
    tidied(clock.now() + dt.timedelta(hours=25))
    assert (call().state, call().reason) == (State.FAILED, "paused")


def tidied(now: dt.datetime) -> None:
    """Tidy as the job does."""
    with acting(service()):
        sending.tidy(now=now)


def test_a_call_without_its_job_is_taken_up(people: People, calls: Calls, near: Client, receiver: Receiver) -> None:
    factories.webhook(people.administrator, url=receiver.url, events=[VERB])
    log(calls, people, near)
    with acting(service()):
        Job.objects.all().delete()
    tidied(clock.now())
    assert work() == 0
    later = clock.now() + dt.timedelta(minutes=6)
    tidied(later)
    assert work(later) == 1
    assert call().state == State.SENT


def test_the_log_is_cleared_after_a_month(people: People, calls: Calls, near: Client, receiver: Receiver) -> None:
    factories.webhook(people.administrator, url=receiver.url, events=[VERB])
    log(calls, people, near)
    work()
    tidied(clock.now() + dt.timedelta(days=29))
    assert call().state == State.SENT
    tidied(clock.now() + dt.timedelta(days=31))
    with acting(service()):
        assert not WebhookCall.objects.exists()


def test_a_removed_webhook_is_called_no_more(people: People, calls: Calls, near: Client, receiver: Receiver) -> None:
    hook = factories.webhook(people.administrator, url=receiver.url, events=[VERB])[0]
    log(calls, people, near)
    with acting(people.administrator):
        webhooks.remove(webhook_id=hook.pk)
    log(calls, people, near)
    work()
    assert receiver.received == []
    assert (call().state, call().reason) == (State.FAILED, "removed")


def test_woken_twice_it_goes_out_once(people: People, calls: Calls, near: Client, receiver: Receiver) -> None:
    factories.webhook(people.administrator, url=receiver.url, events=[VERB])
    log(calls, people, near)
    with acting(service()):
        webhooks.wake(WebhookCall.objects.all(), user=None, now=clock.now())
    assert work() == 2
    assert len(receiver.received) == 1


def test_only_the_administrator_knows_the_webhooks(people: People, receiver: Receiver) -> None:
    secret = factories.webhook(people.administrator, url=receiver.url)[1]
    for person in people.everybody().values():
        with acting(person):
            assert Webhook.objects.exists() == (person == people.administrator)
    with acting(service()), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(w)::text FROM core_webhook w")
        assert secret not in cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(body::text, '') FROM core_auditevent")
        assert secret not in cursor.fetchone()[0]


def test_nobody_else_writes_a_call_or_its_job(people: People, receiver: Receiver) -> None:
    hook = factories.webhook(people.administrator, url=receiver.url)[0]
    now = clock.now()
    forged = WebhookCall(webhook_id=hook.pk, verb=VERB, at=now, due_at=now)
    for person in people.everybody().values():
        with pytest.raises(Exception, match="row-level security"), transaction.atomic(), acting(person):
            WebhookCall(webhook_id=hook.pk, verb=VERB, at=now, due_at=now).save()
    for person in (people.manager, people.compliance):
        with pytest.raises(Exception, match="row-level security"), transaction.atomic(), acting(person):
            jobs.enqueue(webhooks.JOB, now=now, requested_by=person, call_id=1)
    assert forged.pk is None


def test_without_a_webhook_an_act_costs_one_statement(
    people: People, near: Client, django_assert_num_queries: Any
) -> None:
    with acting(people.manager), django_assert_num_queries(1):
        audit.record(VERB, client_id=near.pk)


RUN = """
import os, django
django.setup()
from django.conf import settings
settings.WEBHOOK_HOSTS = [os.environ["RECEIVER"]]
from core import clock, jobs, tasks
from core.programs import calls
calls._finish = lambda *a, **k: os.kill(os.getpid(), 9)
jobs.run(int(os.environ["JOB"]), now=clock.now())
"""


def test_a_worker_killed_between_sending_and_writing_down_sends_again_and_the_id_tells(
    committed: People, receiver: Receiver
) -> None:
    factories.webhook(committed.administrator, url=receiver.url, events=[VERB])
    with acting(committed.manager):
        clients_write.log_contact(
            user=committed.manager,
            client_id=committed.client_id,
            channel="call",
            text="Spoke",
            happened_at=factories.NOW,
            now=clock.now(),
        )
    with acting(service()):
        job = Job.objects.get(name=webhooks.JOB)
    values = {**os.environ, "RECEIVER": receiver.host, "JOB": str(job.pk)}
    done = subprocess.run([sys.executable, "-c", RUN], env=values, cwd=configured.BASE_DIR, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(receiver.received) == 1
    assert (call().state, call().attempts) == (State.WAITING, 1)
    assert work() == 0
    assert work(clock.now() + jobs.LEASE + dt.timedelta(seconds=1)) == 1
    assert (call().state, call().attempts) == (State.SENT, 2)
    first, second = receiver.received
    assert first[1]["Steward-Event"] == second[1]["Steward-Event"]
    assert first[2] == second[2]


def test_nothing_is_lost_between_act_and_call(committed: People, receiver: Receiver) -> None:
    factories.webhook(committed.administrator, url=receiver.url, events=[VERB])
    for number in range(20):
        with acting(committed.manager):
            audit.record(VERB, client_id=committed.client_id, data={"number": number})
    with acting(service()):
        assert AuditEvent.objects.filter(verb=VERB).count() == WebhookCall.objects.count() == 20
    assert work() == 20
    assert len({headers["Steward-Event"] for _path, headers, _body in receiver.received}) == 20
