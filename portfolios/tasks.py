"""The portfolios room's work outside requests."""

import datetime as dt

from django.conf import settings

from core.jobs import LONG, Claim, task
from portfolios import operations

VERY_LONG = dt.timedelta(minutes=14)
"""Within the 15 minutes for which the database believes who acts."""


@task("portfolios.apply_feed", lease=LONG)
def apply_feed(*, claim: Claim, now: dt.datetime, run_id: int, **_later: object) -> None:
    """Apply a received bank file."""
    operations.apply(run_id=run_id, now=now, progress=claim.progress)


@task("portfolios.apply_large_feed", lease=VERY_LONG)
def apply_large_feed(*, claim: Claim, now: dt.datetime, run_id: int, **_later: object) -> None:
    """Apply a received bank file that takes longer than most."""
    operations.apply(run_id=run_id, now=now, progress=claim.progress)


@task("portfolios.undo_feed", lease=VERY_LONG)
def undo_feed(*, claim: Claim, now: dt.datetime, run_id: int, **_later: object) -> None:
    """Take a run back."""
    operations.take_back(run_id=run_id, now=now)


@task("portfolios.tidy_feeds")
def tidy_feeds(*, claim: Claim, now: dt.datetime, **_later: object) -> None:
    """Delete the bytes of files that nobody applied or corrected."""
    operations.tidy(now=now)


@task("portfolios.scan_inbox", atomic=False, lease=LONG)
def scan_inbox(*, claim: Claim, now: dt.datetime, **_later: object) -> None:
    """Look into the watched folder."""
    if settings.INBOX is not None:
        operations.scan(folder=settings.INBOX, now=now)


@task("portfolios.mature", lease=LONG)
def mature(*, claim: Claim, now: dt.datetime, as_of: str, **_later: object) -> None:
    """Note the deposits that fall due within the window."""
    operations.mature(as_of=dt.date.fromisoformat(as_of))


@task("portfolios.find_breaks", lease=LONG)
def find_breaks(*, claim: Claim, now: dt.datetime, run_id: int, account_ids: list[int], **_later: object) -> None:
    """Compare some accounts' movements with their balances after a file."""
    operations.find_breaks(run_id=run_id, account_ids=account_ids, now=now)


@task("portfolios.value_due")
def value_due(*, claim: Claim, now: dt.datetime, as_of: str, **_later: object) -> None:
    """Value every client at the end of the day before."""
    operations.value_due(until=dt.date.fromisoformat(as_of) - dt.timedelta(days=1), now=now)


@task("portfolios.value", lease=LONG)
def value(*, claim: Claim, now: dt.datetime, client_ids: list[int], until: str, **_later: object) -> None:
    """Value some clients up to the end of a day."""
    operations.value(client_ids=client_ids, until=dt.date.fromisoformat(until), now=now, progress=claim.progress)
