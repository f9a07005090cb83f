"""The lists that belong to no room: the person's own exports, and staff."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.lists import exports
from core.lists.asked import Asked, PageOf
from core.lists.declared import REGISTRY, Column, Empty, Field, Kind, Listing, register
from core.models import Export, Role, User

TONES = {
    "waiting": "plain",
    "running": "info",
    "done": "good",
    "failed": "act",
    "cancelled": "plain",
    "expired": "plain",
}


def _title(export: Export) -> str:
    listing = REGISTRY.get(export.listing)
    return str(listing.title) if listing else export.listing


def _exports(asked: Asked) -> models.QuerySet[Export]:
    return exports.exports(user=asked.user)


def _staff(asked: Asked) -> models.QuerySet[User]:
    return User.objects.exclude(role=Role.SYSTEM).select_related("team")


EXPORTS = register(
    Listing(
        name="exports",
        title=_("Exports"),
        kicker=_("Files you asked for; each is kept for a day"),
        url="exports",
        permission="list:export",
        rows=_exports,
        sort="-asked",
        columns=(
            Column("list", _("List"), _title, link=PageOf("export"), fixed=True),
            Column("form", _("Form"), lambda row: row.form.upper()),
            Column("state", _("State"), "get_state_display", Kind.BADGE, tone=lambda row: TONES[row.state]),
            Column("rows", _("Rows"), "rows", Kind.NUMBER),
            Column("asked", _("Asked"), "asked_at", Kind.MOMENT, sort=("id",)),
            Column("expires", _("Kept until"), "expires_at", Kind.MOMENT),
        ),
        empty=Empty("file-export", _("No exports yet"), _("Open a list and choose Export.")),
    )
)
STAFF = register(
    Listing(
        name="staff",
        title=_("Staff"),
        url="staff",
        permission="staff:read",
        rows=_staff,
        sort="name",
        columns=(
            Column("name", _("Name"), "name", sort=("name",), sub="email", fixed=True),
            Column("username", _("User name"), "username", sort=("username",)),
            Column("role", _("Role"), "get_role_display", sort=("role",)),
            Column("team", _("Team"), "team", sort=("team__name",)),
            Column(
                "access",
                _("Access"),
                lambda row: _("Active") if row.is_active else _("Shut"),
                Kind.BADGE,
                sort=("is_active",),
                tone=lambda row: "good" if row.is_active else "plain",
            ),
            Column("act", _("Change"), template="core/_staff_act.html", fixed=True, permission="staff:manage"),
        ),
        fields=(
            Field("username", _("User name"), "username"),
            Field("name", _("Name"), "name", column="name"),
            Field("email", _("E-mail"), "email", column="name"),
            Field("role", _("Role"), "role", column="role"),
            Field("team", _("Team"), "team.name", column="team"),
            Field("active", _("Access"), lambda row: "yes" if row.is_active else "no", column="access"),
        ),
        empty=Empty("id-badge-2", _("Nobody here"), _("Clear a filter to see others.")),
    )
)
