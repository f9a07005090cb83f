"""The list of holds."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clients.access import Permission
from compliance import queries
from compliance.forms import HoldFilter
from compliance.models import Hold
from core.lists import Asked, Column, Empty, Field, Kind, Listing, PageOf, filters_of, register


def _holds(asked: Asked) -> models.QuerySet[Hold]:
    rows = queries.holds(user=asked.user)
    state = asked.chosen["state"]
    return rows.filter(lifted_at__isnull=state == "open") if state else rows


def _state(row: Hold) -> str:
    return str(_("Lifted") if row.lifted_at else _("Open"))


def _reasons(row: Hold) -> str:
    return "\n".join(reason.text for reason in row.reasons.all())


HOLDS = register(
    Listing(
        name="holds",
        title=_("Holds"),
        url="compliance:holds",
        permission=Permission.HOLD_READ,
        rows=_holds,
        filters=filters_of(HoldFilter),
        sort="-placed",
        seen="holds",
        client="client_id",
        tone=lambda row: "" if row.lifted_at else "act",
        columns=(
            Column(
                "client",
                _("Client"),
                "client.name",
                sort=("client__sort_name",),
                sub="client.reference",
                link=PageOf("clients:page", "client_id"),
                fixed=True,
            ),
            Column("kind", _("What waits"), "get_kind_display", sort=("kind",)),
            Column("placed", _("Placed"), "placed_at", Kind.MOMENT, sort=("placed_at",), sub="placed_by.name"),
            Column("reason", _("Reason"), template="compliance/_reasons.html", wide=True),
            Column("state", _("State"), _state, Kind.BADGE, tone=lambda row: "plain" if row.lifted_at else "act"),
            Column("lifted", _("Lifted"), "lifted_at", Kind.MOMENT, sort=("lifted_at",), sub="lifted_by.name"),
            Column("act", _("Change"), template="compliance/_lift.html", permission=Permission.HOLD_PLACE, fixed=True),
        ),
        fields=(
            Field("client", _("Client number"), "client.reference"),
            Field("client_name", _("Client"), "client.name"),
            Field("kind", _("What waits"), "kind", column="kind"),
            Field("placed_at", _("Placed"), "placed_at", Kind.MOMENT, column="placed"),
            Field("placed_by", _("Placed by"), "placed_by.username", column="placed"),
            Field("reason", _("Reason"), _reasons, column="reason"),
            Field("lifted_at", _("Lifted"), "lifted_at", Kind.MOMENT, column="lifted"),
            Field("lifted_by", _("Lifted by"), "lifted_by.username", column="lifted"),
        ),
        empty=Empty("shield-check", _("Nobody is on hold"), _("A hold is placed from the client's page.")),
    )
)
