"""Typed rows of any kinds into their tables, those first that others name, as far as the strategy lets them."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction

from clients.operations.intake import batches, upsert_clients
from clients.queries import references
from clients.rules.intake import ClientRow, Counts
from core.jobs import Progress, silent
from portfolios.feeds.rows import (
    AccountRow,
    ActionRow,
    DepositRow,
    FxRow,
    HoldingRow,
    InstitutionRow,
    InstrumentRow,
    ListedRow,
    LotRow,
    PartyRow,
    PriceRow,
    Row,
    TransactionRow,
)
from portfolios.models import (
    Account,
    AccountParty,
    CorporateAction,
    Deposit,
    FxRate,
    Holding,
    Institution,
    Instrument,
    ListedRate,
    Lot,
    Price,
)
from portfolios.operations.board import upsert_board
from portfolios.operations.lots import upsert_lots
from portfolios.operations.staged import Taken, upsert_transactions
from portfolios.operations.upserts import (
    upsert_accounts,
    upsert_holdings,
    upsert_institutions,
    upsert_instruments,
    upsert_prices,
)

LOCK = 7_205_311
"""One feed at a time: two files that bring the same row would each find it missing."""
Key = tuple[object, ...]
BELIEVED = {"superseded_at__isnull": True}
LISTED_BY = ("kind", "currency", "term_months", "notice_days", "amount_from", "value_date")
NATURAL: dict[type[Any], tuple[type[Any], dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    InstitutionRow: (Institution, {}, ("reference",), ("reference",)),
    InstrumentRow: (Instrument, {}, ("reference",), ("reference",)),
    AccountRow: (Account, {}, ("reference",), ("reference",)),
    PartyRow: (AccountParty, {}, ("account__reference", "client__reference"), ("reference", "client")),
    DepositRow: (Deposit, {}, ("reference",), ("reference",)),
    LotRow: (Lot, BELIEVED, ("reference", "value_date"), ("reference", "value_date")),
    HoldingRow: (Holding, BELIEVED, ("reference", "value_date"), ("reference", "value_date")),
    PriceRow: (Price, BELIEVED, ("instrument__reference", "value_date"), ("reference", "value_date")),
    ActionRow: (
        CorporateAction,
        BELIEVED,
        ("instrument__reference", "value_date"),
        ("reference", "value_date"),
    ),
    FxRow: (FxRate, BELIEVED, ("base", "quote", "value_date"), ("base", "quote", "value_date")),
    ListedRow: (ListedRate, BELIEVED, ("institution__reference", *LISTED_BY), ("institution", *LISTED_BY)),
}
"""By which table and columns a row is known, and where the row says them."""


def lock() -> None:
    """Let one file at a time write, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


@transaction.atomic
def apply_rows(*, rows: Sequence[Row], now: dt.datetime, strategy: str = "both", progress: Progress = silent) -> Taken:
    """Upsert rows of any kinds, those first that others name.

    Raises:
        LinesRefused: the tables have something against a line. Nothing is written.
    """
    lock()
    done = Taken()
    for kinds, work in STEPS:
        of_kind = [row for row in rows if isinstance(row, kinds)]
        kept = (
            of_kind
            if strategy == "both"
            else [row for row, known in _known(of_kind) if known is (strategy == "update")]
        )
        done.skipped += len(of_kind) - len(kept)
        if kept:
            done.counts = done.counts.plus(work(kept, now, progress))
    movements = [row for row in rows if isinstance(row, TransactionRow)]
    if movements:
        taken = upsert_transactions(rows=movements, now=now, strategy=strategy, progress=progress)
        done = Taken(done.counts.plus(taken.counts), done.skipped + taken.skipped, taken.accounts)
    return done


Work = Callable[[Sequence[Any], dt.datetime, Progress], Counts]
STEPS: tuple[tuple[tuple[type[Any], ...], Work], ...] = (
    ((InstitutionRow,), lambda rows, now, _progress: upsert_institutions(rows=rows, now=now)),
    ((InstrumentRow,), lambda rows, now, _progress: upsert_instruments(rows=rows, now=now)),
    ((ClientRow,), lambda rows, now, _progress: upsert_clients(rows=rows, now=now)),
    ((AccountRow, PartyRow), lambda rows, now, progress: upsert_accounts(rows=rows, now=now, progress=progress)),
    ((DepositRow, HoldingRow), lambda rows, now, progress: upsert_holdings(rows=rows, now=now, progress=progress)),
    ((LotRow,), lambda rows, now, progress: upsert_lots(rows=rows, now=now, progress=progress)),
    ((ListedRow,), lambda rows, now, progress: upsert_board(rows=rows, now=now, progress=progress)),
    ((PriceRow, ActionRow, FxRow), lambda rows, now, progress: upsert_prices(rows=rows, now=now, progress=progress)),
)
"""What is written before what."""


def _known(rows: Sequence[Any]) -> Iterator[tuple[Any, bool]]:
    """Yield each row with whether the tables know it by its natural key."""
    known = {kind: _keys(kind, [row for row in rows if type(row) is kind]) for kind in {type(row) for row in rows}}
    for row in rows:
        yield row, _key(row) in known[type(row)]


def _key(row: Any) -> Key:
    names = ("reference",) if isinstance(row, ClientRow) else NATURAL[type(row)][3]
    return tuple(getattr(row, name) for name in names)


def _keys(kind: type[Any], rows: Sequence[Any]) -> set[Key]:
    found: set[Key] = set()
    for part in batches(rows):
        if kind is ClientRow:
            found |= {(reference,) for reference in references({row.reference for row in part})}
            continue
        model, believed, paths, names = NATURAL[kind]
        first = {f"{paths[0]}__in": {getattr(row, names[0]) for row in part}}
        found |= set(model.objects.filter(**believed, **first).values_list(*paths))
    return found
