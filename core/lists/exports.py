"""Lists as files: asked for by a person, written by a job that acts as that person, sealed, and gone after a day."""

import datetime as dt
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

from django.core.exceptions import BadRequest
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.forms import CharField, ChoiceField, Form
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import audit
from core.errors import Refused
from core.jobs import Claim, enqueue, pace
from core.lists.asked import Asked, Invalid, again
from core.lists.declared import REGISTRY, Field, Listing, Viewer, read
from core.lists.files import MAKERS, SHEET_ROWS, Writer
from core.lists.sealed import SealedWriter, opened
from core.models import Export, Job, Role, User
from core.walls import acting, service
from core.web.pages import page, size_of

PERMISSION = "list:export"
COLUMN = "core_export.file"
KEPT = dt.timedelta(hours=24)
CHUNK = 2000
MOST_OPEN, MOST_AN_HOUR = 3, 20
SEE_EVERYBODY = (Role.COMPLIANCE, Role.OPERATIONS)
"""Roles whose view of clients does not end client by client; of others a file names the clients it speaks of."""
State = Export.State
RECORD = {"holdings": "deposit"}
"""The kind of line, in layouts that have several."""


@dataclass(frozen=True)
class Card:
    """An export as its page shows it. ``failed``: nobody works on it any more, though it is not done."""

    export: Export
    listing: Listing | None
    done: int
    total: int
    failed: bool

    @property
    def waiting(self) -> bool:
        """Say whether the page should look again."""
        return self.export.state in (State.WAITING, State.RUNNING) and not self.failed


def exports(*, user: User) -> models.QuerySet[Export]:
    """Return the person's exports, newest first."""
    return Export.objects.filter(user=user).defer("clients").order_by("-id")


def card(*, user: User, export_id: int) -> Card:
    """Return one of the person's exports.

    Raises:
        Export.DoesNotExist: missing or somebody else's.
    """
    found = exports(user=user).get(pk=export_id)
    done, total, *_rest = pace(found.job_id)
    open_now = found.state in (State.WAITING, State.RUNNING)
    failed = open_now and Job.objects.filter(pk=found.job_id or 0, state=Job.State.FAILED).exists()
    return Card(found, REGISTRY.get(found.listing), done, total, failed)


def fields(asked: Asked, form: str) -> list[Field]:
    """Return the columns of the file: those of the chosen columns, and in CSV those that a feed would read again."""
    names = {column.name for column in asked.columns} if any(name == "column" for name, _v in asked.pairs) else None
    return [
        one
        for one in asked.listing.fields
        if (not one.permission or asked.user.has_perm(one.permission))
        and (names is None or not one.column or one.column in names)
        and (one.feed or form != "csv" or not asked.listing.feed)
    ]


def makers(listing: Listing, user: User) -> dict[str, Callable[..., Writer]]:
    """Return what writes each file that a list may become for a person."""
    return MAKERS | {one.form: one.make for one in listing.packages if user.has_perm(one.permission)}


@transaction.atomic
def request(*, asked: Asked, form: str, now: dt.datetime) -> Export:
    """Ask for a list as a file; ``form`` is one that it may become. A job writes it.

    Raises:
        Refused: the form is unknown, or there are too many already.
    """
    if form not in makers(asked.listing, asked.user) or not asked.listing.fields:
        raise Refused("export-form", _("Choose CSV or XLSX."))
    mine = Export.objects.filter(user=asked.user)
    waiting = mine.filter(state__in=[State.WAITING, State.RUNNING], asked_at__gt=now - dt.timedelta(minutes=15)).count()
    if waiting >= MOST_OPEN or mine.filter(asked_at__gt=now - dt.timedelta(hours=1)).count() >= MOST_AN_HOUR:
        raise Refused("exports-many", _("Wait until your other exports are done."))
    export = Export.objects.create(
        user=asked.user,
        listing=asked.listing.name,
        within=dict(asked.within),
        query=[list(pair) for pair in asked.pairs],
        form=form,
        language=translation.get_language() or "en",
        seal_id=uuid.uuid4(),
        asked_at=now,
    )
    export.job_id = enqueue("lists.export", now=now, requested_by=asked.user, export_id=export.pk)
    export.save(update_fields=["job_id"])
    _tell("ask", export, asked)
    return export


def write(*, claim: Claim, export_id: int, now: dt.datetime) -> None:
    """Write the file of an export, acting as whoever asked. Opens its own transactions; safe to run twice."""
    with acting(service()):
        export = Export.objects.select_related("user").get(pk=export_id)
    user = User.objects.get(pk=export.user_id)
    with translation.override(export.language):
        try:
            _write(claim, export, user, now)
        except (Refused, BadRequest, Invalid) as refusal:
            reason = refusal.code if isinstance(refusal, Refused) else "export-query"
            _end(export, State.FAILED, now, reason=reason)


def _write(claim: Claim, export: Export, user: User, now: dt.datetime) -> None:
    listing = REGISTRY[export.listing]
    viewer = Viewer(user, now, export.within, file=True)
    with tempfile.TemporaryFile() as file:  # what is written there is sealed
        out = SealedWriter(file, column=COLUMN, row=export.seal_id)
        told = _Told(claim, export, user)
        asked = told.within(lambda: again(listing, export.query, viewer))
        columns = fields(asked, export.form)
        more = {"record": RECORD.get(listing.feed, "")} if export.form == "csv" else {"title": str(listing.title)}
        make = makers(listing, told.user).get(export.form)
        if make is None:
            raise Refused("export-role", _("This is not open to your role"))
        writer = make(out, columns, **more)
        for rows in _chunks(asked, told):
            told.within(partial(writer.rows, rows))
        told.within(writer.finish)
        out.finish()
        file.seek(0)
        _keep(asked, file, out, told, now)


class _Told:
    """What an export in the making knows: how far it is, of whom it speaks, and whether it still may."""

    def __init__(self, claim: Claim, export: Export, user: User) -> None:
        self.claim, self.export, self.user = claim, export, user
        self.rows = self.total = 0
        self.clients: set[int] = set()

    def within(self, work: Any) -> Any:
        """Do a piece of work as the person, if they still may and have not changed their mind."""
        self.user = User.objects.get(pk=self.user.pk)
        listing = REGISTRY[self.export.listing]
        if not (self.user.has_perm(PERMISSION) and self.user.has_perm(listing.permission)):
            raise Refused("export-role", _("This is not open to your role"))
        with acting(self.user):
            if not Export.objects.filter(pk=self.export.pk, state__in=[State.WAITING, State.RUNNING]).exists():
                raise Refused("export-cancelled", _("The export was cancelled."))
            return work()


def _chunks(asked: Asked, told: _Told) -> Iterator[list[Any]]:
    """Yield the rows page by page, each page read in a transaction of its own."""

    def first() -> None:
        told.total = size_of(asked.rows())
        Export.objects.filter(pk=told.export.pk, state=State.WAITING).update(state=State.RUNNING)

    told.within(first)
    if told.export.form == "xlsx" and told.total > SHEET_ROWS:
        raise Refused("export-large", _("A sheet holds 1,048,575 rows; choose CSV, or narrow the list."))
    token, listing = "", asked.listing
    while True:
        cut = told.within(lambda token=token: _page(asked, token))
        told.rows += len(cut.rows)
        if listing.client and told.user.role not in SEE_EVERYBODY:
            told.clients |= {read(listing.client, row) for row in cut.rows} - {None}
        told.claim.progress(told.rows, max(told.total, told.rows))
        yield cut.rows
        if not cut.next:
            return
        token = cut.next


def _page(asked: Asked, token: str) -> Any:
    cut = page(asked.rows(), order=asked.order, after=token, size=CHUNK)
    if asked.listing.prepare is None:
        return cut
    return type(cut)(list(asked.listing.prepare(asked, cut.rows)), cut.next, cut.first)


def _keep(asked: Asked, file: BinaryIO, out: SealedWriter, told: _Told, now: dt.datetime) -> None:
    """Store the sealed file and finish the export, unless somebody else did or the person cancelled."""
    export = told.export
    stored = default_storage.save(f"exports/{export.seal_id}.sealed", File(file))
    values = {
        "state": State.DONE,
        "rows": told.rows,
        "stored": stored,
        "size": out.size,
        "sha256": out.sha256,
        "clients": sorted(told.clients),
        "finished_at": now,
        "expires_at": now + KEPT,
        "reason": "",
    }

    def finish() -> None:
        if not Export.objects.filter(pk=export.pk, state=State.RUNNING).update(**values):
            raise Refused("export-cancelled", _("The export was cancelled."))
        export.rows = told.rows
        _tell("finish", export, asked)

    try:
        told.within(finish)
    except BaseException:
        default_storage.delete(stored)
        raise


def _end(export: Export, state: str, now: dt.datetime, *, reason: str) -> None:
    with acting(service()):
        open_now = Export.objects.filter(pk=export.pk, state__in=[State.WAITING, State.RUNNING])
        open_now.update(state=state, reason=reason, finished_at=now)


@transaction.atomic
def cancel(*, user: User, export_id: int, now: dt.datetime) -> Export:
    """Stop an export that is not done; one that is keeps its file.

    Raises:
        Export.DoesNotExist: missing or somebody else's.
    """
    export = Export.objects.select_for_update().get(pk=export_id, user=user)
    if export.state in (State.WAITING, State.RUNNING):
        export.state, export.finished_at = State.CANCELLED, now
        export.save(update_fields=["state", "finished_at"])
        audit.record("export:cancel", row=("core_export", export.pk), client_id=_client(export))
    return export


def download(*, user: User, export_id: int, now: dt.datetime) -> tuple[Export, Iterator[bytes]]:
    """Return an export and the clear bytes of its file, which are decrypted as they are read.

    Raises:
        Export.DoesNotExist: missing, somebody else's, not done, over, or of clients that the person sees no more.
    """
    export = exports(user=user).get(pk=export_id, state=State.DONE, expires_at__gt=now)
    listing = REGISTRY.get(export.listing)
    if listing is None or not user.has_perm(listing.permission) or not _still_seen(export):
        raise Export.DoesNotExist
    if not default_storage.exists(export.stored):
        raise Export.DoesNotExist
    said = {"list": export.listing, "rows": export.rows, "sha256": export.sha256}
    audit.record("export:download", row=("core_export", export.pk), client_id=_client(export), data=said)
    return export, opened(partial(_stored, export), column=COLUMN, row=export.seal_id)


def _stored(export: Export) -> "File[bytes]":
    return default_storage.open(export.stored)


def _still_seen(export: Export) -> bool:
    """Ask the database whether the acting person still sees every client that the file speaks of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT steward_sees(clients) FROM core_export WHERE id = %s", [export.pk])
        row = cursor.fetchone()
    return bool(row and row[0])


def tidy(*, now: dt.datetime) -> int:
    """Delete the files whose day is over; return how many. For the service account."""
    over = list(Export.objects.filter(state=State.DONE, expires_at__lte=now))
    for export in over:
        if export.stored:
            default_storage.delete(export.stored)
        export.state, export.stored, export.clients = State.EXPIRED, "", []
        export.save(update_fields=["state", "stored", "clients"])
    return len(over)


def file_name(export: Export) -> str:
    """Return the name under which a browser saves the file."""
    return f"{export.listing}-{timezone.localtime(export.asked_at):%Y-%m-%d-%H%M}.{export.form}"


def _client(export: Export) -> int | None:
    client: int | None = export.within.get("client_id")
    return client


def _tell(act: str, export: Export, asked: Asked) -> None:
    """Write an act to the trail with the filter; words that somebody typed are not repeated there."""
    said = {"list": export.listing, "form": export.form, "filter": _filter(asked.form, asked), "rows": export.rows}
    audit.record(f"export:{act}", row=("core_export", export.pk), client_id=_client(export), data=said)


def _filter(form: Form, asked: Asked) -> dict[str, str]:
    typed = {n for n, one in form.fields.items() if isinstance(one, CharField) and not isinstance(one, ChoiceField)}
    return {name: "•••" if name in typed else value for name, value in asked.pairs if name != "column"}
