"""Work outside requests. PostgreSQL is the truth, Celery only carries ids.

``enqueue`` writes a ``Job`` row in the business transaction and announces it after commit. ``run`` claims the row for a
lease, calls the registered function and finishes with the token of the claim, so a job that ran twice counts once.
``sweep`` announces again what nobody finished.
"""

import datetime as dt
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import structlog
from celery import current_app, shared_task
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Q
from django.utils.module_loading import autodiscover_modules

from core import clock
from core.errors import Refused
from core.models import Job, User
from core.walls import acting, service

Progress = Callable[[int, int], None]
"""Hears how much of how much is done."""

LEASE, LONG = dt.timedelta(seconds=60), dt.timedelta(seconds=300)
MOST_ATTEMPTS = 6
SWEEP_BATCH = 500
PROGRESS_SECONDS = 3600
log = structlog.get_logger()


class LeaseLost(Exception):  # noqa: N818  (named for what happened)
    """Another worker took the job over; what was done here must not count."""


@dataclass(frozen=True)
class Registered:
    """A function that jobs may name. An atomic one runs and finishes in one transaction; none outlasts its lease."""

    function: Callable[..., None]
    atomic: bool
    lease: dt.timedelta


@dataclass(frozen=True)
class Claim:
    """The right to work on a job until the lease ends."""

    job_id: int
    token: uuid.UUID
    requested_by: User | None

    def progress(self, done: int, total: int) -> None:
        """Tell the watching page how far the work is; outside the transaction, so it is seen before commit."""
        known = cache.get(f"job:{self.job_id}:{self.token}")
        began = known or time.time()
        if known is None:
            cache.set(f"job:{self.job_id}:{self.token}", began, PROGRESS_SECONDS)
        cache.set(f"job:{self.job_id}", (done, total, began), PROGRESS_SECONDS)


def silent(_done: int, _total: int) -> None:
    """Tell nobody."""


class Pace(NamedTuple):
    """How far a job is, in its own units; ``rate`` a second and the seconds ``left``, as soon as they can be told."""

    done: int = 0
    total: int = 0
    rate: float | None = None
    left: float | None = None


def pace(job_id: int | None) -> Pace:
    """Return how far a job says it is."""
    done, total, began = cache.get(f"job:{job_id}") or (0, 0, 0.0)
    seconds = time.time() - began
    if not done or seconds < 1:
        return Pace(done, total)
    rate = done / seconds
    return Pace(done, total, rate, max(total - done, 0) / rate)


REGISTRY: dict[str, Registered] = {}


def task(
    name: str, *, atomic: bool = True, lease: dt.timedelta = LEASE
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register ``function(*, claim, now, **arguments)`` under ``name``.

    Atomic functions run as the service account on behalf of whoever asked, in the transaction that finishes the job.
    Others open their own transactions with ``acting`` and must be safe to run twice.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        REGISTRY[name] = Registered(function, atomic, lease)
        return function

    return register


def enqueue(
    name: str,
    *,
    now: dt.datetime,
    key: str | None = None,
    requested_by: User | None = None,
    delay: dt.timedelta = dt.timedelta(0),
    **arguments: object,
) -> int | None:
    """Write the job and announce it after commit; return its id, or None where ``key`` was used before."""
    due_at = now + delay
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_job"
            " (name, arguments, key, state, done, total, error, attempts, due_at, created_at, requested_by_id)"
            " VALUES (%s, %s, %s, 'queued', 0, 0, '', 0, %s, %s, %s) ON CONFLICT (key) DO NOTHING RETURNING id",
            [name, json.dumps(arguments, default=str), key, due_at, now, requested_by.pk if requested_by else None],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    job_id = int(row[0])
    if not delay:
        transaction.on_commit(lambda: announce(job_id), robust=True)
    return job_id


def announce(job_id: int) -> None:
    """Send the id to the workers. A lost message is harmless: the sweeper announces again."""
    current_app.send_task("steward.run", args=[job_id], ignore_result=True)


def claim(job_id: int, *, now: dt.datetime) -> tuple[Job, Claim] | None:
    """Take the job if it is due and nobody holds it; None otherwise."""
    token = uuid.uuid4()
    with acting(service()):
        open_now = Q(state=Job.State.QUEUED, due_at__lte=now) | Q(state=Job.State.RUNNING, due_at__lt=now)
        job = (
            Job.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(open_now, pk=job_id, name__in=REGISTRY)
            .first()
        )
        if job is None:
            return None
        job.state, job.token, job.due_at, job.attempts = (
            Job.State.RUNNING,
            token,
            now + REGISTRY[job.name].lease,
            job.attempts + 1,
        )
        job.save(update_fields=["state", "token", "due_at", "attempts"])
    return job, Claim(job.pk, token, job.requested_by)


def run(job_id: int, *, now: dt.datetime) -> bool:
    """Claim and do one job; say whether it was done here."""
    taken = claim(job_id, now=now)
    if taken is None:
        return False
    job, held = taken
    registered = REGISTRY[job.name]
    call = {"claim": held, "now": now, **job.arguments}
    try:
        if registered.atomic:
            with acting(service(), behalf=held.requested_by):
                registered.function(**call)
                finish(held, now=clock.now())
        else:
            registered.function(**call)
            with acting(service()):
                finish(held, now=clock.now())
    except LeaseLost:
        log.warning("job.lease_lost", job=job_id, name=job.name)
        return False
    except Refused as refusal:
        _give_up(held, str(refusal), now=now)
        return False
    except Exception as error:
        log.exception("job.failed", job=job_id, name=job.name)
        _retry(held, job, error, now=now)
        return False
    return True


def finish(held: Claim, *, now: dt.datetime) -> None:
    """Mark the job done, if this claim still holds it.

    Raises:
        LeaseLost: another worker has it; the caller's transaction must roll back.
    """
    done = Job.objects.filter(pk=held.job_id, token=held.token, state=Job.State.RUNNING)
    if not done.update(state=Job.State.DONE, finished_at=now, error=""):
        raise LeaseLost(held.job_id)


def _give_up(held: Claim, reason: str, *, now: dt.datetime) -> None:
    with acting(service()):
        Job.objects.filter(pk=held.job_id, token=held.token).update(
            state=Job.State.FAILED, finished_at=now, error=reason
        )


def _retry(held: Claim, job: Job, error: Exception, *, now: dt.datetime) -> None:
    reason = f"{type(error).__name__}: {error}"[:1000]
    if job.attempts >= MOST_ATTEMPTS:
        _give_up(held, reason, now=now)
        return
    due_at = now + dt.timedelta(seconds=2**job.attempts)
    with acting(service()):
        Job.objects.filter(pk=held.job_id, token=held.token).update(state=Job.State.QUEUED, due_at=due_at, error=reason)


def due(*, now: dt.datetime) -> list[int]:
    """Return ids of jobs that wait or whose lease ran out, oldest first, at most a batch."""
    open_now = Q(state=Job.State.QUEUED, due_at__lte=now) | Q(state=Job.State.RUNNING, due_at__lt=now)
    with acting(service()):
        return list(Job.objects.filter(open_now).order_by("due_at", "id").values_list("pk", flat=True)[:SWEEP_BATCH])


def outstanding() -> int:
    """Return how many jobs are not finished."""
    with acting(service()):
        return Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).count()


@shared_task(name="steward.run", ignore_result=True)
def run_announced(job_id: int, **_later: object) -> None:
    """Celery's door to ``run``."""
    autodiscover_modules("tasks")
    run(job_id, now=clock.now())


@shared_task(name="steward.sweep", ignore_result=True)
def sweep(**_later: object) -> None:
    """Announce what is due again."""
    for job_id in due(now=clock.now()):
        announce(job_id)


@shared_task(name="steward.tick", ignore_result=True)
def tick(name: str, *, every: str, **_later: object) -> None:
    """Enqueue a periodic job once per ``every`` (``day`` or ``minute``): a second beat's tick finds the key taken."""
    now, today = clock.now(), clock.today()
    moment = today.isoformat() if every == "day" else now.strftime("%Y-%m-%dT%H:%M")
    with acting(service()):
        enqueue(name, now=now, key=f"{name}@{moment}", as_of=today)
