"""The clients room's work outside requests."""

import datetime as dt

from clients import operations
from core.jobs import Claim, task


@task("clients.hand_tasks")
def hand_tasks(*, claim: Claim, now: dt.datetime, approval_id: int, **_later: object) -> None:
    """Give the open tasks of handed over clients to the new manager, at the minute that was approved."""
    operations.hand_tasks(approval_id=approval_id)
