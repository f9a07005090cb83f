"""The portfolios room's work outside requests."""

import datetime as dt

from core.jobs import LONG, Claim, task
from portfolios import operations


@task("portfolios.apply_feed", lease=LONG)
def apply_feed(*, claim: Claim, now: dt.datetime, run_id: int, **_later: object) -> None:
    """Apply a received bank file."""
    operations.apply(run_id=run_id, now=now, progress=claim.progress)


@task("portfolios.mature", lease=LONG)
def mature(*, claim: Claim, now: dt.datetime, as_of: str, **_later: object) -> None:
    """Note the deposits that fall due within the window."""
    operations.mature(as_of=dt.date.fromisoformat(as_of))


@task("portfolios.find_breaks", lease=LONG)
def find_breaks(*, claim: Claim, now: dt.datetime, run_id: int, account_ids: list[int], **_later: object) -> None:
    """Compare some accounts' movements with their balances after a file."""
    operations.find_breaks(run_id=run_id, account_ids=account_ids, now=now)
