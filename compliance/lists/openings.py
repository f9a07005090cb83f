"""The list of what was opened to whom, with what is still to be reviewed."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from clients import queries as clients
from clients.access import Permission
from compliance.forms import OpeningFilter
from core.lists import Asked, Column, Empty, Field, Kind, Listing, PageOf, filters_of, register

STATES = {
    "stands": _("Stands"),
    "review": _("To be reviewed"),
    "late": _("Review overdue"),
    "reviewed": _("Reviewed"),
    "over": _("Over"),
}
TONES = {"stands": "warn", "review": "warn", "late": "act", "reviewed": "good", "over": "plain"}


def _openings(asked: Asked) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = clients.openings(user=asked.user)
    kind, state = asked.chosen["kind"], asked.chosen["state"]
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(state__in=["review", "late"] if state == "review" else [state])
    return rows


def _state(row: Any) -> str:
    return str(STATES[row.state])


def _tone(row: Any) -> str:
    return TONES[row.state]


OPENINGS = register(
    Listing(
        name="openings",
        title=_("Openings"),
        kicker=_("Clients opened in an emergency, and the purposes for which compliance looked"),
        url="compliance:openings",
        permission=Permission.CLIENT_OPEN,
        rows=_openings,
        filters=filters_of(OpeningFilter),
        sort="-since",
        seen="openings",
        client="client_id",
        columns=(
            Column(
                "client",
                _("Client"),
                "client.name",
                sub="client.reference",
                link=PageOf("clients:page", "client_id"),
                fixed=True,
            ),
            Column("kind", _("Kind"), "get_kind_display", sub="get_purpose_display"),
            Column("person", _("Opened to"), "person.name", sub=lambda row: f"№ {row.pk}"),
            Column("reason", _("Reason"), "reason", wide=True),
            Column("since", _("From"), "valid.lower", Kind.MOMENT, sort=("id",), sub="opened_by.name"),
            Column("until", _("Until"), "valid.upper", Kind.MOMENT),
            Column("state", _("State"), _state, Kind.BADGE, tone=_tone),
            Column("finding", _("Finding"), "finding", sub="reviewed_by.name", wide=True),
            Column("act", _("Change"), template="compliance/_opening_act.html", fixed=True),
        ),
        fields=(
            Field("client", _("Client number"), "client.reference"),
            Field("client_name", _("Client"), "client.name"),
            Field("kind", _("Kind"), "kind"),
            Field("purpose", _("Purpose"), "purpose", column="kind"),
            Field("person", _("Opened to"), "person.username", column="person"),
            Field("opened_by", _("Opened by"), "opened_by.username", column="since"),
            Field("reason", _("Reason"), "reason", column="reason"),
            Field("since", _("From"), "valid.lower", Kind.MOMENT, column="since"),
            Field("until", _("Until"), "valid.upper", Kind.MOMENT, column="until"),
            Field("reviewed_by", _("Reviewed by"), "reviewed_by.username", column="finding"),
            Field("reviewed_at", _("Reviewed"), "reviewed_at", Kind.MOMENT, column="finding"),
            Field("finding", _("Finding"), "finding", column="finding"),
        ),
        empty=Empty("door", _("Nothing was opened"), _("A client is opened to somebody from the client's page.")),
    )
)
