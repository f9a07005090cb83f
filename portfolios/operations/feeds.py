"""Bank files: received once, applied whole or not at all."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from django.db import IntegrityError, connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from clients.operations.intake import upsert_clients
from clients.rules.intake import ClientRow, Counts, LineError, LinesRefused
from core import audit, jobs
from core.errors import Refused
from core.models import User
from portfolios import feeds
from portfolios.feeds.rows import (
    AccountRow,
    DepositRow,
    FxRow,
    HoldingRow,
    InstitutionRow,
    InstrumentRow,
    PartyRow,
    PriceRow,
    Row,
    TransactionRow,
)
from portfolios.models import FeedRun
from portfolios.operations.plans import Progress, silent
from portfolios.operations.upserts import (
    upsert_accounts,
    upsert_holdings,
    upsert_institutions,
    upsert_instruments,
    upsert_prices,
    upsert_transactions,
)

MOST_BYTES = 10 * 1024 * 1024
MOST_NAME = 200
TABLE = "portfolios_feedrun"
LOCK = 7_205_311
"""One feed at a time: two files that bring the same row would each find it missing."""


def receive(*, user: User, kind: str, file_name: str, content: bytes, now: dt.datetime) -> FeedRun:
    """Keep a file and enqueue its application.

    A file received before is answered with its earlier run, told by an ``uploaded_at`` that is not ``now``; nothing is
    enqueued.

    Raises:
        Refused: the layout is unknown, or the file is empty or too large.
    """
    if kind not in feeds.LAYOUTS:
        raise Refused("feed-kind", _("No such layout."), field="kind")
    if not content:
        raise Refused("feed-empty", _("The file is empty."), field="file")
    if len(content) > MOST_BYTES:
        raise Refused("feed-large", _("The file is larger than 10 MB."), field="file")
    digest = hashlib.sha256(content).hexdigest()
    try:
        with transaction.atomic():
            return _earlier(kind, digest) or _receive(user, kind, file_name, content, digest=digest, now=now)
    except IntegrityError:
        return FeedRun.objects.exclude(state=FeedRun.State.REFUSED).get(kind=kind, sha256=digest)


def _earlier(kind: str, digest: str) -> FeedRun | None:
    return FeedRun.objects.exclude(state=FeedRun.State.REFUSED).filter(kind=kind, sha256=digest).first()


def _receive(user: User, kind: str, file_name: str, content: bytes, *, digest: str, now: dt.datetime) -> FeedRun:
    name = "".join(letter for letter in file_name if letter.isprintable())[:MOST_NAME]
    run = FeedRun.objects.create(
        kind=kind, file_name=name, sha256=digest, content=content, uploaded_by=user, uploaded_at=now
    )
    run.job_id = jobs.enqueue("portfolios.apply_feed", now=now, requested_by=user, run_id=run.pk)
    run.save(update_fields=["job_id"])
    audit.record("feed:receive", row=(TABLE, run.pk), data={"kind": kind, "sha256": digest, "bytes": len(content)})
    return run


@transaction.atomic
def apply(*, run_id: int, now: dt.datetime, progress: Progress = silent) -> FeedRun:
    """Apply a received file: every row, or none and the reasons by line. A run that is not waiting is left as it is.

    The bytes go once they are read: they hold identity numbers in clear; the digest stays.
    """
    run = FeedRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != FeedRun.State.WAITING:
        return run
    parsed = feeds.read(run.kind, bytes(run.content))
    if parsed.errors:
        return _refuse(run, parsed.errors, now)
    progress(0, len(parsed.rows))
    try:
        counts = apply_rows(rows=parsed.rows, now=now, progress=progress)
    except LinesRefused as refusal:
        return _refuse(run, refusal.errors, now)
    run.state, run.applied_at = FeedRun.State.APPLIED, now
    run.created, run.changed, run.unchanged = counts
    run.content = b""
    run.save(update_fields=["state", "applied_at", "created", "changed", "unchanged", "content"])
    audit.record("feed:apply", row=(TABLE, run.pk), data={"kind": run.kind, "sha256": run.sha256, **counts._asdict()})
    return run


@transaction.atomic
def apply_rows(*, rows: Sequence[Row], now: dt.datetime, progress: Progress = silent) -> Counts:
    """Upsert rows of any kinds, those first that others name.

    Raises:
        LinesRefused: the tables have something against a line. Nothing is written.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    counts = Counts()
    if institutions := [row for row in rows if isinstance(row, InstitutionRow)]:
        counts = counts.plus(upsert_institutions(rows=institutions, now=now))
    if instruments := [row for row in rows if isinstance(row, InstrumentRow)]:
        counts = counts.plus(upsert_instruments(rows=instruments, now=now))
    if clients := [row for row in rows if isinstance(row, ClientRow)]:
        counts = counts.plus(upsert_clients(rows=clients, now=now))
    if accounts := [row for row in rows if isinstance(row, AccountRow | PartyRow)]:
        counts = counts.plus(upsert_accounts(rows=accounts, now=now, progress=progress))
    if holdings := [row for row in rows if isinstance(row, DepositRow | HoldingRow)]:
        counts = counts.plus(upsert_holdings(rows=holdings, now=now, progress=progress))
    if movements := [row for row in rows if isinstance(row, TransactionRow)]:
        counts = counts.plus(upsert_transactions(rows=movements, now=now, progress=progress))
    if prices := [row for row in rows if isinstance(row, PriceRow | FxRow)]:
        counts = counts.plus(upsert_prices(rows=prices, now=now, progress=progress))
    return counts


def _refuse(run: FeedRun, errors: list[LineError], now: dt.datetime) -> FeedRun:
    run.state, run.applied_at = FeedRun.State.REFUSED, now
    run.errors = [_told(error) for error in sorted(errors, key=lambda error: error.line)]
    run.content = b""
    run.save(update_fields=["state", "applied_at", "errors", "content"])
    told = {"kind": run.kind, "sha256": run.sha256, "errors": len(errors)}
    audit.record("feed:refuse", row=(TABLE, run.pk), data=told)
    return run


def _told(error: LineError) -> dict[str, object]:
    """Return an error as it is kept: its code for later readers, and its sentence in English."""
    values = dict(error.values)
    with translation.override("en"):
        message = feeds.sentence(error.code, values)
    return {**asdict(error), "values": values, "message": message}
