"""Clock of the compliance room."""

import datetime as dt

from compliance import operations
from compliance.ledger.kept import CHECK_JOB
from core import post
from core.jobs import LONG, Claim, task
from core.walls import acting, service


@task("compliance.partitions")
def partitions(*, claim: Claim, now: dt.datetime, as_of: str, **_later: object) -> None:
    """Keep the trail's partitions ahead of time."""
    operations.keep_partitions(as_of=dt.date.fromisoformat(as_of))


@task("compliance.watch_ledger")
def watch_ledger(*, claim: Claim, now: dt.datetime, **_later: object) -> None:
    """Raise the alarm when the ledger lags behind."""
    operations.watch_ledger(now=now)


@task(CHECK_JOB, atomic=False, lease=LONG)
def check_ledger(*, claim: Claim, now: dt.datetime, **_later: object) -> None:
    """Read the whole ledger again; a second run only records a second check."""
    with acting(service(), behalf=claim.requested_by):
        operations.check_ledger(now=now, progress=claim.progress)


@task("compliance.watch_openings")
def watch_openings(*, claim: Claim, now: dt.datetime, **_later: object) -> None:
    """Raise the alarm for emergencies that nobody reviewed in time."""
    operations.watch_openings(user=service(), now=now)


@task("compliance.mail_day", atomic=False)
def mail_day(*, claim: Claim, now: dt.datetime, **_later: object) -> None:
    """Mail compliance how the day begins; whoever was told is not told again."""
    with acting(service()):
        put_off = operations.mail_day(now=now)
    if put_off:
        raise post.PutOff(f"officers {put_off}")
