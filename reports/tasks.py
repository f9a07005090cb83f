"""Clock and queue of the reports room."""

import datetime as dt

from core.jobs import LONG, Claim, task
from reports import operations


@task("reports.issue_due", lease=LONG)
def issue_due(*, claim: Claim, now: dt.datetime, as_of: str, **_later: object) -> None:
    """Queue the statements of the last month that ended before today."""
    operations.issue_due(as_of=dt.date.fromisoformat(as_of) - dt.timedelta(days=1), now=now)


@task("reports.issue", lease=LONG)
def issue(*, claim: Claim, now: dt.datetime, client_ids: list[int], period_end: str, **_later: object) -> None:
    """Freeze the month of some clients."""
    operations.issue(client_ids=client_ids, period_end=dt.date.fromisoformat(period_end), now=now)


@task("reports.render", atomic=False)
def render(*, claim: Claim, now: dt.datetime, statement_id: int, **_later: object) -> None:
    """Print one statement."""
    operations.render(statement_id=statement_id, now=now)


@task("reports.deliver", atomic=False, lease=LONG)
def deliver(*, claim: Claim, now: dt.datetime, delivery_id: int, **_later: object) -> None:
    """Send one delivery."""
    operations.deliver(delivery_id=delivery_id, now=now)


@task("reports.sweep_deliveries", atomic=False)
def sweep_deliveries(*, claim: Claim, now: dt.datetime, **_later: object) -> None:
    """Take up what dead senders left."""
    operations.sweep(now=now)
