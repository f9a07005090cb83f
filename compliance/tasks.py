"""Clock of the compliance room."""

import datetime as dt

from compliance import operations
from core.jobs import Claim, task


@task("compliance.partitions")
def partitions(*, claim: Claim, now: dt.datetime, as_of: str, **_later: object) -> None:
    """Keep the trail's partitions ahead of time."""
    operations.keep_partitions(as_of=dt.date.fromisoformat(as_of))
