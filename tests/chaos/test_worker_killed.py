"""Workers killed in the middle of the month's statements: every client still gets one mail, nobody two."""

import datetime as dt
import random
import time
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from clients.models import Client
from config.mailsink import Fault, MailSink
from core import jobs
from core.models import Job
from core.walls import acting, service
from portfolios.models import Deposit
from reports.models import Delivery, Statement
from reviews.models import Review
from tests import factories
from tests.people import People
from tests.reports import post
from tests.worker import Worker, until

SILENT = 4
"""Every fourth client has not agreed to mail."""
SLOW = 0.7
"""Seconds in which the relay already has a mail that the sender does not know about."""
OVER = dt.timedelta(seconds=301)

State = Delivery.State


@pytest.fixture
def relay(tmp_path: Path, settings: Settings) -> Generator[MailSink]:
    """Listen where workers and the command send to; answer late, so that a kill meets mails without an answer."""
    with MailSink(tmp_path / "mail") as sink:
        settings.SMTP_URL = sink.url
        sink.faults.append(Fault("delay", times=1000, seconds=SLOW))
        yield sink


@pytest.fixture
def worker(committed: People, relay: MailSink, tmp_path: Path) -> Generator[Worker]:
    """Run a worker with a pool of two on the database and the queue of this test."""
    with Worker(tmp_path / "worker.log", {"SMTP_URL": relay.url}, "-c", "2") as started:
        yield started


def book(count: int) -> set[str]:
    """Create clients, each with a deposit that falls due; return the addresses of those who agreed to mail."""
    agreed = set()
    for number in range(count):
        client, email = factories.client(), f"client{number}@mail.example"
        post.ready(client, email=email)
        if number % SILENT == 0:
            client.consented_on = None
            factories.save(client)
        else:
            agreed.add(email)
    return agreed


def turn(*arguments: str) -> None:
    """Turn the desk for the date."""
    call_command("run_cycle", "--as-of", post.AS_OF.isoformat(), *arguments)


def rendering() -> bool:
    """Say whether a worker is printing."""
    with acting(service()):
        return Job.objects.filter(name="reports.render", state=Job.State.RUNNING).exists()


def sending() -> bool:
    """Say whether a worker speaks to the relay."""
    with acting(service()):
        return Delivery.objects.filter(state=State.SENDING).exists()


def moment(dice: random.Random) -> Callable[[], bool]:
    """Return a condition that comes true after a while, or when nothing is left to kill."""
    end = time.monotonic() + dice.uniform(2, 8)
    return lambda: time.monotonic() > end or not jobs.outstanding()


def leases_run_out() -> tuple[int, int]:
    """Let the five minutes pass for whoever was killed; return how many jobs and deliveries were left behind."""
    past = timezone.now() - dt.timedelta(seconds=1)
    with acting(service()):
        left = Job.objects.filter(state=Job.State.RUNNING).update(due_at=past)
        unsure = Delivery.objects.filter(state=State.SENDING).update(lease_until=past)
        Job.objects.filter(state=Job.State.QUEUED, name="reports.deliver").update(due_at=past)
    return left, unsure


def kill_when(worker: Worker, condition: Callable[[], bool], what: str) -> tuple[int, int]:
    """Kill the worker at a moment; later start it again and announce what is due, as the beat does."""
    until(condition, what)
    worker.kill()
    time.sleep(SLOW)
    left = leases_run_out()
    worker.start()
    jobs.sweep.delay()
    return left


def mails(relay: MailSink) -> Counter[str]:
    """Return how many mails each address got."""
    return Counter(str(message["To"]) for message in relay.mailbox.messages())


def said() -> tuple[list[tuple[object, ...]], ...]:
    """Return every review, statement and delivery there is."""
    with acting(service()):
        return (
            list(Review.objects.order_by("pk").values_list("pk", "client", "kind", "maturity", "period")),
            list(Statement.objects.order_by("pk").values_list("pk", "client", "period_end", "digest", "pdf_sha256")),
            list(Delivery.objects.order_by("pk").values_list("pk", "client", "state", "reason", "attempt", "sent_at")),
        )


def expect_each_once(relay: MailSink, agreed: set[str]) -> None:
    """Nothing lost, nothing doubled, and a second turn of the desk changes nothing."""
    assert mails(relay) == dict.fromkeys(agreed, 1)
    reviews, statements, deliveries = said()
    with acting(service()):
        everybody = sorted(Client.objects.values_list("pk", flat=True))
        maturities = sorted(Deposit.objects.values_list("client", flat=True))
    assert sorted(row[1] for row in reviews if row[2] == Review.Kind.MATURITY) == maturities
    assert sorted(row[1] for row in reviews if row[2] == Review.Kind.PERIODIC) == everybody
    assert sorted(row[1] for row in statements) == sorted(row[1] for row in deliveries) == everybody
    assert Counter(row[2] for row in deliveries) == {
        State.SENT: len(agreed),
        State.SKIPPED: len(everybody) - len(agreed),
    }
    turn()
    assert (said(), mails(relay)) == ((reviews, statements, deliveries), dict.fromkeys(agreed, 1))


def test_a_worker_killed_while_it_prints_and_while_it_sends(relay: MailSink, worker: Worker) -> None:
    agreed = book(8)
    turn("--no-wait")
    jobs_left, _ = kill_when(worker, rendering, "a statement is printed")
    _, unsure = kill_when(worker, sending, "a statement is sent")
    assert jobs_left
    assert unsure
    turn()
    expect_each_once(relay, agreed)


@pytest.mark.full
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_workers_killed_again_and_again_at_any_moment(seed: int, relay: MailSink, worker: Worker) -> None:
    agreed, dice = book(20), random.Random(seed)
    turn("--no-wait")
    for _ in range(6):
        kill_when(worker, moment(dice), "some time passes")
    turn()
    expect_each_once(relay, agreed)
