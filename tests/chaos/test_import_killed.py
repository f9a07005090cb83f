"""A bank file whose worker is killed, and one file sent by two at once: exact, with one event a row."""

import datetime as dt
import random
import threading
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from core import jobs
from core.models import AuditEvent, Job
from core.walls import acting, service
from portfolios import operations
from portfolios.models import Account, FeedRun, Transaction
from tests import factories
from tests.people import People
from tests.worker import Worker, until

ROWS = 6000
HEADER = "reference,account,value_date,kind,amount,currency\n"


@pytest.fixture
def worker(committed: People, tmp_path: Path) -> Generator[Worker]:
    """Run a worker on the database and the queue of this test."""
    with Worker(tmp_path / "worker.log", {}) as started:
        yield started


@pytest.fixture
def account(committed: People) -> Account:
    """Return the account that the files move."""
    return factories.account(factories.owned_by(committed.client_id), reference="A-KILL", currency="CNY")


def content(mark: str, rows: int = ROWS) -> bytes:
    """Write a file of movements."""
    lines = (f"{mark}-{number},A-KILL,2026-03-{1 + number % 28:02},other,1.50,CNY\n" for number in range(rows))
    return (HEADER + "".join(lines)).encode()


def receive(people: People, body: bytes) -> FeedRun:
    """Send a file as operations."""
    with acting(people.operations):
        return operations.receive(
            user=people.operations, kind="transactions", file_name="t.csv", content=body, now=timezone.now()
        )


def expect_exact(mark: str, rows: int = ROWS) -> None:
    """Every row is there once, and each has one event."""
    with acting(service()):
        ids = set(Transaction.objects.filter(reference__startswith=f"{mark}-").values_list("pk", flat=True))
        events = AuditEvent.objects.filter(table_name="portfolios_transaction", verb="row:insert", row_id__in=ids)
        assert (len(ids), events.count()) == (rows, rows)
        runs = FeedRun.objects.filter(kind="transactions", state="applied", created=rows)
        assert runs.filter(file_name="t.csv").exists()


def applied(run: FeedRun) -> bool:
    """Say whether a run is over."""
    with acting(service()):
        return FeedRun.objects.get(pk=run.pk).state == FeedRun.State.APPLIED


def killed(worker: Worker, people: People, mark: str, seconds: float) -> None:
    """Send a file, kill its worker after a while, let its lease run out, and have it done by the next."""
    run = receive(people, content(mark))
    time.sleep(seconds)
    worker.kill()
    with acting(service()):
        Job.objects.filter(state=Job.State.RUNNING).update(due_at=timezone.now() - dt.timedelta(seconds=1))
    worker.start()
    jobs.sweep.delay()
    until(lambda: applied(run), "the file is applied")
    expect_exact(mark)


def test_a_worker_killed_in_an_import_leaves_it_exact(committed: People, worker: Worker, account: Account) -> None:
    killed(worker, committed, "K", 0.6)


@pytest.mark.full
def test_a_worker_killed_at_twenty_points_of_an_import(committed: People, worker: Worker, account: Account) -> None:
    dice = random.Random(20)
    for point in range(20):
        killed(worker, committed, f"K{point}", dice.uniform(0.0, 2.0))


def at_once(people: People, mark: str, rows: int = 300) -> None:
    """Let two send the same file at the same moment and both work on what they got."""
    body, gate, faults = content(mark, rows), threading.Barrier(2), []

    def send() -> None:
        try:
            gate.wait()
            run = receive(people, body)
            with acting(service(), behalf=people.operations):
                operations.apply(run_id=run.pk, now=timezone.now())
        except BaseException as fault:  # noqa: BLE001  (a thread's fault is nobody's unless kept)
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    expect_exact(mark, rows)
    with acting(service()):
        assert FeedRun.objects.filter(kind="transactions", sha256__isnull=False, created=rows).count() >= 1


def test_two_imports_of_one_file_at_once(committed: People, account: Account) -> None:
    for number in range(3):
        at_once(committed, f"W{number}", 100 + number)


@pytest.mark.full
def test_two_imports_of_one_file_at_once_twenty_times(committed: People, account: Account) -> None:
    for number in range(20):
        at_once(committed, f"W{number}", 300 + number)
