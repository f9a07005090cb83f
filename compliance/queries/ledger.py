"""What others print of the ledger, and how far back the trail goes."""

import datetime as dt

from django.db import connection

from compliance.models import Checkpoint
from core.models import AuditEvent

MONTHS = """
    SELECT to_date(substring(inhrelid::regclass::text FROM '_([0-9]{6})$'), 'YYYYMM') AS month FROM pg_inherits
    WHERE inhparent = 'core_auditevent'::regclass AND inhrelid::regclass::text ~ '_[0-9]{6}$' ORDER BY 1 LIMIT 1"""


def newest_checkpoint() -> Checkpoint | None:
    """Return what the ledger signed last; None before it signed anything."""
    return Checkpoint.objects.first()


def oldest_month() -> dt.date | None:
    """Return the first day of the oldest month that the trail has a partition of."""
    with connection.cursor() as cursor:
        cursor.execute(MONTHS)
        row = cursor.fetchone()
    return row[0] if row else None


def events_of(month: dt.date) -> int:
    """Return how many events a month has; months are cut in UTC."""
    begin = dt.datetime(month.year, month.month, 1, tzinfo=dt.UTC)
    behind = dt.datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=dt.UTC)
    return AuditEvent.objects.filter(at__gte=begin, at__lt=behind).count()
