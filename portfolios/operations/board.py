"""Lines of the rate board into the table: a new day's rate is added, what was said of a day is corrected and kept."""

import datetime as dt
from collections.abc import Hashable, Sequence

from django.db import transaction

from clients.rules.intake import Counts
from core.jobs import Progress, silent
from portfolios.feeds.rows import ListedRow
from portfolios.models import Institution, ListedRate
from portfolios.operations.plans import Errors, Plan, by_reference, known_rows, versioned, write

NAMED = (*ListedRate.KEY[1:], "value_date")
SAID = (*NAMED, "rate", "transfer_rate", "source")


@transaction.atomic
def upsert_board(*, rows: Sequence[ListedRow], now: dt.datetime, progress: Progress = silent) -> Counts:
    """Add what banks list from a day on, and correct what was known of that day, keeping what was believed before.

    Raises:
        LinesRefused: an institution is unknown.
    """
    banks = by_reference(Institution, (row.institution for row in rows))
    believed = ListedRate.objects.filter(
        superseded_at__isnull=True, institution__in=[bank.pk for bank in banks.values()]
    )
    known = known_rows(believed, "value_date", {row.value_date for row in rows}, _key)
    plan, errors = Plan[ListedRate](), Errors()
    for row in rows:
        bank = banks.get(row.institution)
        if bank is None:
            errors.add(row.line, "institution", "no-institution")
            continue
        said = {"institution_id": bank.pk, **{name: getattr(row, name) for name in SAID}}
        key = (bank.pk, *(getattr(row, name) for name in NAMED))
        versioned(plan, ListedRate, known.get(key), said, now)
    errors.stop()
    return write(plan, ListedRate, [], now, progress)


def _key(row: ListedRate) -> Hashable:
    return (row.institution_id, *(getattr(row, name) for name in NAMED))
