"""Clock of the reviews room."""

import datetime as dt

from core.jobs import LONG, Claim, task
from reviews import operations


@task("reviews.open_due", lease=LONG)
def open_due(*, claim: Claim, now: dt.datetime, as_of: str, **_later: object) -> None:
    """Open what falls due."""
    operations.open_due(as_of=dt.date.fromisoformat(as_of), now=now)


@task("reviews.lapse", lease=LONG)
def lapse(*, claim: Claim, now: dt.datetime, as_of: str, **_later: object) -> None:
    """Leave to the contracts what nobody decided by the cut-off."""
    operations.lapse(as_of=dt.date.fromisoformat(as_of), now=now)
