"""The lists of the trail: as a whole, of one person, of one client."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clients import queries as clients
from clients.access import Permission
from compliance import queries
from compliance.forms import LOOKS, TrailFilter
from compliance.lists.pack import Pack
from compliance.queries import Line
from core.lists import Asked, Column, Empty, Field, Kind, Listing, Package, PageOf, Viewer, address, register
from core.models import AuditEvent

REFUSALS = {"access:denied", "session:refused", "token:refuse"}


def _events(asked: Asked, *, own: bool = False) -> models.QuerySet[AuditEvent]:
    chosen = dict(asked.chosen)
    looks = chosen["verb"] == LOOKS
    if looks:
        chosen["verb"] = ""
    rows = queries.trail(client_id=asked.within.get("client_id"), **chosen)
    rows = queries.looks(rows) if looks else rows
    return rows.filter(actor=asked.user) if own else rows


def _lines(asked: Asked, events: Sequence[AuditEvent]) -> list[Line]:
    return queries.lines(list(events))


def _filters(data: Mapping[str, Any], viewer: Viewer) -> TrailFilter:
    return TrailFilter(data, acts=queries.acts_of(user=viewer.user))


def _own_filters(data: Mapping[str, Any], viewer: Viewer) -> TrailFilter:
    return TrailFilter(data, acts=queries.acts_of(user=viewer.user), own=True)


def _who(line: Line) -> str:
    return line.event.actor.name if line.event.actor else str(line.event.body.get("session", ""))


def _for(line: Line) -> str:
    return gettext("for %(name)s") % {"name": line.event.behalf.name} if line.event.behalf else ""


def _number(line: Line) -> str:
    return f"№ {line.pk}"


def _tone(line: Line) -> str:
    if line.event.verb in REFUSALS:
        return "act"
    return "plain" if line.event.table_name else "info"


def _about(line: Line) -> str:
    place = f" · {line.event.table_name} {line.event.row_id or ''}" if line.event.table_name else ""
    return f"{line.event.verb}{place}"


def _record_link(line: Line, asked: Asked) -> str:
    event = line.event
    if not event.verb.startswith("row:") or event.row_id is None or not asked.user.has_perm(Permission.HISTORY_READ):
        return ""
    return address("compliance:record", event.row_id, event.table_name)


def _client_link(line: Line, asked: Asked) -> str:
    return _CLIENT(line, asked) if line.client_name else ""


_CLIENT = PageOf("compliance:client_trail", of="client_id", permission=Permission.TRAIL_READ)


def _changes(line: Line) -> str:
    return "; ".join(
        f"{name}: {before} → {after}" if before else f"{name}: {after}" for name, before, after in line.changes
    )


def _what(line: Line) -> str:
    """Draw what changed, folded up; drawn here because a template for each row takes half of the page's time."""
    if not line.changes:
        return ""
    count = ngettext("%(n)s value", "%(n)s values", len(line.changes)) % {"n": len(line.changes)}
    pairs = (
        (name, format_html('<s class="text-secondary">{}</s> ', before) if before else "", after)
        for name, before, after in line.changes
    )
    listed = format_html_join("", "<dt>{}</dt><dd>{}{}</dd>", pairs)
    return format_html('<details><summary>{}</summary><dl class="pairs">{}</dl></details>', count, listed)


def _proof(_line: Line) -> str:
    return gettext("Proof")


COLUMNS = (
    Column("when", _("When"), "event.at", Kind.MOMENT, sort=("id",), sub=_number, fixed=True),
    Column("who", _("Who"), _who, sub=_for),
    Column("act", _("Act"), "act", Kind.BADGE, link=_record_link, sub=_about, tone=_tone),
    Column("client", _("Client"), "client_name", link=_client_link),
    Column("what", _("What"), _what, wide=True),
    Column(
        *("proof", _("Proof"), _proof),
        link=PageOf("compliance:proof", permission=Permission.LEDGER_READ),
        permission=Permission.LEDGER_READ,
    ),
)
FIELDS = (
    Field("event", _("Number"), "pk", Kind.NUMBER),
    Field("at", _("When"), "event.at", Kind.MOMENT),
    Field("actor", _("User name"), "event.actor.username", column="who"),
    Field("actor_name", _("Who"), _who, column="who"),
    Field("behalf", _("For"), "event.behalf.username", column="who"),
    Field("verb", _("Verb"), "event.verb", column="act"),
    Field("act", _("Act"), "act", column="act"),
    Field("table", _("Table"), "event.table_name", column="act"),
    Field("row", _("Row"), "event.row_id", Kind.NUMBER, column="act"),
    Field("client_name", _("Client"), "client_name", column="client"),
    Field("changes", _("What"), _changes, column="what", permission=Permission.HOLD_READ),
)
NOTHING = Empty("list-search", _("No events match"), _("Widen the dates or clear a filter."))


def _trail(name: str, title: Any, url: str, kicker: Any, **more: Any) -> Listing:
    """Declare one of the trail's lists."""
    given = {"rows": _events, "filters": _filters, "permission": Permission.TRAIL_READ, **more}
    return register(
        Listing(
            name=name,
            title=title,
            url=url,
            kicker=kicker,
            sort="-when",
            seen="trail",
            client="event.client_id",
            columns=COLUMNS,
            fields=FIELDS,
            prepare=_lines,
            empty=NOTHING,
            **given,
        )
    )


def _client(asked: Asked) -> dict[str, Any]:
    client = clients.client(user=asked.user, client_id=asked.within["client_id"])
    return {
        "title": client.name,
        "links": [
            (reverse("compliance:sight", args=[client.pk]), gettext("Who can see")),
            (reverse("clients:page", args=[client.pk]), gettext("Client page")),
        ],
    }


def _own(asked: Asked) -> models.QuerySet[AuditEvent]:
    return _events(asked, own=True)


TRAIL = _trail("trail", _("Trail"), "compliance:trail", _("Who did, saw or was refused what, newest first"))
OWN_TRAIL = _trail(
    "own-trail",
    _("My acts"),
    "compliance:own_trail",
    _("Who did, saw or was refused what, newest first"),
    rows=_own,
    filters=_own_filters,
    permission=Permission.TRAIL_OWN,
)
CLIENT_TRAIL = _trail(
    "client-trail",
    _("Trail"),
    "compliance:client_trail",
    _("Everything that happened, and who looked"),
    within=("client_id",),
    about=_client,
    packages=(Package("zip", _("Evidence, with a proof of each event"), Permission.LEDGER_READ, Pack),),
)
