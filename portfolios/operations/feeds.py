"""Bank files: received once, applied whole or not at all, tried before, taken back after."""

import datetime as dt
import io
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import BinaryIO

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from clients.rules.intake import Counts, LineError, LinesRefused
from core import audit, jobs
from core.errors import Refused
from core.jobs import Progress, silent
from core.lists.sealed import SealedWriter, reader
from core.models import Job, User
from portfolios import feeds
from portfolios.feeds.mapping import understood
from portfolios.feeds.packages import Package
from portfolios.feeds.reading import plain
from portfolios.feeds.sources import ENCODINGS, SEPARATORS, How, Unreadable
from portfolios.models import FeedMapping, FeedRun
from portfolios.operations.breaks import look_for_breaks
from portfolios.operations.rows import apply_rows, lock
from portfolios.operations.staged import upsert_transactions
from portfolios.queries.traces import Trace, mark

COLUMN = "portfolios_feedrun.file"
MOST_BYTES = 256 * 1024 * 1024
LARGE_BYTES = 8 * 1024 * 1024
"""Above this a file gets a job with a longer lease."""
MOST_NAME = 200
PART = 256 * 1024
KEPT = dt.timedelta(days=1)
"""How long the bytes of a file stay that was tried or refused: to apply it, or to correct its lines."""
TABLE = "portfolios_feedrun"
State = FeedRun.State


@dataclass(frozen=True)
class Wishes:
    """How a file is to be taken; what is empty is detected."""

    strategy: str = FeedRun.Strategy.BOTH
    dry_run: bool = False
    encoding: str = ""
    separator: str = ""
    mapping_id: int | None = None
    source: str = FeedRun.Source.PAGE


class _Tried(Exception):  # noqa: N818  (ends a dry run)
    """A dry run has come to its end, and nothing of it is to stay."""


# --- receive ----------------------------------------------------------------------------------------------------------


def receive(
    *,
    user: User,
    kind: str,
    file_name: str,
    content: bytes | BinaryIO,
    now: dt.datetime,
    wishes: Wishes = Wishes(),
) -> FeedRun:
    """Keep a file sealed and enqueue its application, or its trial.

    A file that is waiting or applied already is answered with that run, told by an ``uploaded_at`` that is not ``now``;
    nothing is enqueued.

    Raises:
        Refused: the layout, mapping or a wish is unknown, or the file is empty or too large.
    """
    _refuse_wishes(kind, wishes)
    name = "".join(letter for letter in file_name if letter.isprintable())[:MOST_NAME]
    run = FeedRun(kind=kind, file_name=name, uploaded_by=user, uploaded_at=now, seal_id=uuid.uuid4())
    run.mapping_id, run.strategy, run.dry_run, run.source = (
        wishes.mapping_id,
        wishes.strategy,
        wishes.dry_run,
        wishes.source,
    )
    run.encoding, run.separator = wishes.encoding, wishes.separator
    _seal(run, io.BytesIO(content) if isinstance(content, bytes) else content)
    try:
        with transaction.atomic():
            return _begin(run, now)
    except IntegrityError:
        return _earlier(run).get()
    finally:
        if run.pk is None and run.stored:
            default_storage.delete(run.stored)


def _refuse_wishes(kind: str, wishes: Wishes) -> None:
    if kind not in FeedRun.Kind.values or (kind == FeedRun.Kind.MAPPED) is (wishes.mapping_id is None):
        raise Refused("feed-kind", _("No such layout."), field="kind")
    if wishes.mapping_id is not None and not FeedMapping.objects.filter(pk=wishes.mapping_id).exists():
        raise Refused("feed-kind", _("No such layout."), field="kind")
    known = {
        "strategy": (wishes.strategy, FeedRun.Strategy.values),
        "encoding": (wishes.encoding, ["", *ENCODINGS]),
        "separator": (wishes.separator, ["", *SEPARATORS]),
    }
    for field, (wish, choices) in known.items():
        if wish not in choices:
            raise Refused("feed-wish", _("This is not one of the choices."), field=field)


def _seal(run: FeedRun, content: BinaryIO) -> None:
    """Write the file sealed beside the database.

    Raises:
        Refused: it is empty or too large.
    """
    with tempfile.TemporaryFile() as kept:
        out = SealedWriter(kept, column=COLUMN, row=run.seal_id)
        while part := content.read(PART):
            out.write(part)
            if out.size > MOST_BYTES:
                raise Refused("feed-large", _("The file is larger than 256 MB."), field="file")
        if not out.size:
            raise Refused("feed-empty", _("The file is empty."), field="file")
        out.finish()
        run.size, run.sha256 = out.size, out.sha256
        kept.seek(0)
        run.stored = default_storage.save(f"feeds/{run.seal_id}.sealed", File(kept))


def _earlier(run: FeedRun) -> QuerySet[FeedRun]:
    live = FeedRun.objects.filter(state__in=[State.WAITING, State.APPLIED, State.UNDOING], dry_run=False)
    return live.filter(kind=run.kind, mapping=run.mapping_id, strategy=run.strategy, sha256=run.sha256)


def _begin(run: FeedRun, now: dt.datetime) -> FeedRun:
    if not run.dry_run and (earlier := _earlier(run).first()):
        return earlier
    run.save()
    _enqueue(run, now)
    told = {"kind": run.kind, "sha256": run.sha256, "bytes": run.size, "dry": run.dry_run, "strategy": run.strategy}
    audit.record("feed:receive", row=(TABLE, run.pk), data=told)
    return run


def _enqueue(run: FeedRun, now: dt.datetime) -> None:
    name = "portfolios.apply_large_feed" if run.size > LARGE_BYTES else "portfolios.apply_feed"
    run.job_id = jobs.enqueue(name, now=now, requested_by=run.uploaded_by, run_id=run.pk)
    run.save(update_fields=["job_id"])


def begin(run: FeedRun) -> BinaryIO:
    """Open the clear bytes of a run's file.

    Raises:
        FileNotFoundError: they are gone.
    """
    if not run.stored or not default_storage.exists(run.stored):
        raise FileNotFoundError(run.file_name)
    return reader(partial(default_storage.open, run.stored), column=COLUMN, row=run.seal_id)


# --- apply ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def apply(*, run_id: int, now: dt.datetime, progress: Progress = silent) -> FeedRun:
    """Apply a received file: every row, or none and the reasons by line. A run that is not waiting is left as it is.

    A dry run does the same, keeps what the trail would have said, and leaves nothing else.
    """
    run = FeedRun.objects.select_for_update(of=("self",)).select_related("mapping", "uploaded_by").get(pk=run_id)
    if run.state != State.WAITING:
        return run
    lock()
    first = mark()
    try:
        with transaction.atomic():
            accounts = _take(run, now, progress)
            trace = Trace.of_transaction(after=first)
            if run.dry_run:
                run.preview = trace.preview()
                raise _Tried  # noqa: TRY301  (rolls back to the savepoint)
    except LinesRefused as refusal:
        return _refuse(run, refusal.errors, now)
    except _Tried:
        return _keep_preview(run, now)
    run.state, run.applied_at = State.APPLIED, now
    run.xid, run.first_event, run.last_event = trace.xid, trace.after, trace.until
    _forget_bytes(run)
    run.save()
    told = {"kind": run.kind, "sha256": run.sha256, "skipped": run.skipped, **_counts(run)._asdict()}
    audit.record("feed:apply", row=(TABLE, run.pk), data=told)
    look_for_breaks(run_id=run.pk, account_ids=accounts, now=now, by=run.uploaded_by)
    return run


def _take(run: FeedRun, now: dt.datetime, progress: Progress) -> list[int]:
    """Read the file and upsert what it says; return the accounts whose movements were touched.

    Raises:
        LinesRefused: something in the file, or something the tables have against it.
    """
    counts, skipped = Counts(), 0
    accounts: list[int] = []
    try:
        for reading in _readings(run):
            if reading.staged:
                blocks, wrong = reading.blocks(), reading.errors
                taken = upsert_transactions(
                    blocks=blocks, wrong=wrong, strategy=run.strategy, now=now, progress=progress
                )
            else:
                rows = list(reading.rows())
                if reading.errors:
                    raise LinesRefused(reading.errors)
                progress(0, len(rows))
                taken = apply_rows(rows=rows, now=now, strategy=run.strategy, progress=progress)
            counts, skipped, accounts = counts.plus(taken.counts), skipped + taken.skipped, accounts + taken.accounts
    except Unreadable as reason:
        raise LinesRefused(
            [LineError(reason.line, reason.column, reason.code, tuple(reason.values.items()))]
        ) from reason
    run.created, run.changed, run.unchanged = counts
    run.skipped = skipped
    return accounts


def _readings(run: FeedRun) -> "Iterator[feeds.Reading]":
    if run.mapping is None:
        how = How(run.encoding, run.separator)
        return iter([plain(run.kind, partial(begin, run), name=run.file_name, how=how)])
    mapping = understood(run.mapping.text)
    return Package(partial(begin, run), run.file_name, mapping).readings()


def _counts(run: FeedRun) -> Counts:
    return Counts(run.created, run.changed, run.unchanged)


def _forget_bytes(run: FeedRun) -> None:
    """Delete the file once the transaction is through: its digest stays."""
    if stored := run.stored:
        transaction.on_commit(lambda: default_storage.delete(stored), robust=True)
    run.stored, run.preview = "", []


def _keep_preview(run: FeedRun, now: dt.datetime) -> FeedRun:
    run.state, run.applied_at, run.errors = State.PREVIEWED, now, []
    run.save()
    audit.record("feed:try", row=(TABLE, run.pk), data={"kind": run.kind, **_counts(run)._asdict()})
    return run


def _refuse(run: FeedRun, errors: list[LineError], now: dt.datetime) -> FeedRun:
    run.state, run.applied_at = State.REFUSED, now
    run.errors = [_told(error) for error in sorted(errors, key=lambda error: error.line)]
    run.save()
    told = {"kind": run.kind, "sha256": run.sha256, "errors": len(errors)}
    audit.record("feed:refuse", row=(TABLE, run.pk), data=told)
    return run


def _told(error: LineError) -> dict[str, object]:
    """Return an error as it is kept: its code for later readers, and its sentence in English."""
    values = dict(error.values)
    with translation.override("en"):
        message = feeds.sentence(error.code, values)
    return {**asdict(error), "values": values, "message": message}


# --- after a trial or a refusal ---------------------------------------------------------------------------------------


def _tried(run_id: int) -> FeedRun:
    run = FeedRun.objects.select_for_update(of=("self",)).select_related("uploaded_by").get(pk=run_id)
    if run.state != State.PREVIEWED:
        raise Refused("feed-state", _("The run is not a dry run any more."))
    return run


@transaction.atomic
def confirm(*, user: User, run_id: int, now: dt.datetime) -> FeedRun:
    """Apply for real what was tried.

    Raises:
        Refused: it is over, its bytes are gone, or the same file was applied meanwhile.
        FeedRun.DoesNotExist: there is no such run.
    """
    run = _tried(run_id)
    if not run.stored:
        raise Refused("feed-gone", _("The file was discarded; send it again to apply it."))
    if _earlier(run).exists():
        raise Refused("feed-twice", _("The same file was applied in the meantime."))
    run.state, run.dry_run, run.preview, run.uploaded_by = State.WAITING, False, [], user
    run.save()
    _enqueue(run, now)
    audit.record("feed:confirm", row=(TABLE, run.pk))
    return run


@transaction.atomic
def discard(*, user: User, run_id: int) -> FeedRun:
    """Throw away what was tried.

    Raises:
        Refused: it is over.
        FeedRun.DoesNotExist: there is no such run.
    """
    run = _tried(run_id)
    run.state = State.DISCARDED
    _forget_bytes(run)
    run.save()
    audit.record("feed:discard", row=(TABLE, run.pk))
    return run


@transaction.atomic
def tidy(*, now: dt.datetime) -> int:
    """Delete the bytes of files that nobody took up for a day; return how many. For the service account."""
    ended = Q(state__in=[State.PREVIEWED, State.REFUSED], applied_at__lt=now - KEPT)
    given_up = Job.objects.filter(pk=OuterRef("job_id"), state=Job.State.FAILED)
    stuck = Q(Exists(given_up), state=State.WAITING, uploaded_at__lt=now - KEPT)
    rows = list(FeedRun.objects.filter(ended | stuck).exclude(stored="").select_for_update(of=("self",)))
    for run in rows:
        run.state = State.REFUSED if run.state == State.REFUSED else State.DISCARDED
        _forget_bytes(run)
        run.save()
    return len(rows)


def again(run: FeedRun) -> Wishes:
    """Return a run's wishes for a file that was put together here from its lines: UTF-8 with commas."""
    return Wishes(run.strategy, run.dry_run, "utf-8", ",", run.mapping_id, run.source)
