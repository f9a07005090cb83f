"""Workers killed in the middle of the month's statements: every client still gets one mail, nobody two."""

import asyncio
import datetime as dt
import random
import time
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
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
"""Seconds in which the relay has a mail and its sender does not know."""
FRESH = dt.timedelta(seconds=0.1)
State = Delivery.State


class SlowRelay(MailSink):
    """Keeps a mail at once and answers late, so that a kill leaves mails in it of which nobody has heard."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep, wait, answer."""
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(SLOW)
        return answer


@pytest.fixture
def relay(tmp_path: Path, settings: Settings) -> Generator[MailSink]:
    """Listen where workers and the command send to; half of the mails are not yet kept when a kill may meet them."""
    with SlowRelay(tmp_path / "mail") as sink:
        settings.SMTP_URL = sink.url
        sink.faults += [Fault("delay", f"{digit}@", times=1000, seconds=SLOW) for digit in (1, 3, 5, 7, 9)]
        yield sink


@pytest.fixture
def worker(committed: People, relay: MailSink, tmp_path: Path) -> Generator[Worker]:
    """Run a worker with a pool of two on the database and the queue of this test."""
    with Worker(tmp_path / "worker.log", {"SMTP_URL": relay.url}, "-c", "2") as started:
        yield started


def book(people: People, count: int) -> set[str]:
    """Create clients, each with a deposit that falls due; return the addresses of those who agreed to mail."""
    agreed = set()
    for client_id in (people.client_id, people.foreign_id):
        factories.secret(factories.owned_by(client_id))
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


def printing() -> bool:
    """Say whether a worker has just begun to print."""
    begun = timezone.now() + jobs.LEASE - FRESH
    with acting(service()):
        return Job.objects.filter(name="reports.render", state=Job.State.RUNNING, due_at__gt=begun).exists()


def kept_without_an_answer(relay: MailSink) -> Callable[[], bool]:
    """Return whether the relay has a mail that its sender still waits to hear of."""

    def waits() -> bool:
        known = {str(message["To"]) for message in relay.mailbox.messages()}
        with acting(service()):
            sent = Delivery.objects.filter(state=State.SENT).count()
        return len(known) > sent

    return waits


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


def said() -> tuple[list[tuple[Any, ...]], ...]:
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


def test_a_worker_killed_while_it_prints_and_while_it_sends(committed: People, relay: MailSink, worker: Worker) -> None:
    agreed = book(committed, 8)
    turn("--no-wait")
    jobs_left, _ = kill_when(worker, printing, "a statement is printed")
    _, unsure = kill_when(worker, kept_without_an_answer(relay), "a mail is kept")
    assert jobs_left
    assert unsure
    turn()
    expect_each_once(relay, agreed)


@pytest.mark.full
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_workers_killed_again_and_again_at_any_moment(
    seed: int, committed: People, relay: MailSink, worker: Worker
) -> None:
    agreed, dice = book(committed, 20), random.Random(seed)
    turn("--no-wait")
    for _ in range(6):
        kill_when(worker, moment(dice), "some time passes")
    turn()
    expect_each_once(relay, agreed)
