"""Lines that say what is left of single purchases, into the table: corrections keep what was believed before."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from clients.rules.intake import Counts
from core.jobs import Progress, silent
from portfolios.feeds.rows import LotRow
from portfolios.models import Account, Instrument, Lot
from portfolios.operations.plans import Errors, Plan, by_reference, known_rows, versioned, write


@transaction.atomic
def upsert_lots(*, rows: Sequence[LotRow], now: dt.datetime, progress: Progress = silent) -> Counts:
    """Add what is left of purchases on a date and correct what was known of it, by reference and date.

    Raises:
        LinesRefused: an account or instrument is unknown, a currency differs, or the owner would change.
    """
    accounts = by_reference(Account, (row.account for row in rows))
    instruments = by_reference(Instrument, (row.instrument for row in rows))
    believed = Lot.objects.filter(superseded_at__isnull=True)
    known = known_rows(
        believed, "reference", (row.reference for row in rows), lambda lot: (lot.reference, lot.value_date)
    )
    owners = {lot.reference: lot.client_id for lot in known.values()}
    plan, errors = Plan[Lot](), Errors()
    for row in rows:
        account, instrument = accounts.get(row.account), instruments.get(row.instrument)
        if account is None:
            errors.add(row.line, "account", "no-account")
        elif owners.get(row.reference, account.client_id) != account.client_id:
            errors.add(row.line, "account", "owner-differs")
        if instrument is None:
            errors.add(row.line, "instrument", "no-instrument")
        elif row.currency and row.currency != instrument.currency:
            errors.add(row.line, "currency", "currency-differs", known=instrument.currency)
        if account is None or instrument is None:
            continue
        said = {name: getattr(row, name) for name in ("reference", "acquired_on", "quantity", "cost", "value_date")}
        said |= {"account_id": account.pk, "client_id": account.client_id, "instrument_id": instrument.pk}
        versioned(plan, Lot, known.get((row.reference, row.value_date)), said, now)
    errors.stop()
    return write(plan, Lot, [], now, progress)
