"""The lists of audits, and of the clients that one drew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients import queries as clients
from clients.access import Permission
from compliance import queries
from compliance.models import Audit
from core.lists import Asked, Column, Empty, Field, Kind, Listing, PageOf, register
from core.templatetags.steward import moment


def _audits(asked: Asked) -> models.QuerySet[Audit]:
    return queries.audits(user=asked.user)


def _draw(_asked: Asked) -> dict[str, Any]:
    return {"links": [(reverse("compliance:draw_audit"), gettext("Draw a sample"))]}


AUDITS = register(
    Listing(
        name="audits",
        title=_("Audits"),
        kicker=_("Samples drawn for auditors, each by a seed and until a minute"),
        url="compliance:audits",
        permission=Permission.AUDIT_READ,
        rows=_audits,
        sort="-drawn",
        about=_draw,
        columns=(
            Column("title", _("Title"), "title", sub="seed", link=PageOf("compliance:audit"), fixed=True, wide=True),
            Column("auditor", _("Auditor"), "auditor.name"),
            Column("size", _("Clients"), "size", Kind.NUMBER),
            Column("population", _("Out of"), "population", Kind.NUMBER),
            Column("drawn", _("Drawn"), "drawn_at", Kind.MOMENT, sort=("id",), sub="drawn_by.name"),
            Column("ends", _("Ends"), "ends_at", Kind.MOMENT, sort=("ends_at",)),
        ),
        fields=(
            Field("title", _("Title"), "title", column="title"),
            Field("auditor", _("Auditor"), "auditor.username", column="auditor"),
            Field("seed", _("Seed"), "seed", column="title"),
            Field("size", _("Clients"), "size", Kind.NUMBER, column="size"),
            Field("population", _("Out of"), "population", Kind.NUMBER, column="population"),
            Field("drawn_by", _("Drawn by"), "drawn_by.username", column="drawn"),
            Field("drawn_at", _("Drawn"), "drawn_at", Kind.MOMENT, column="drawn"),
            Field("ends_at", _("Ends"), "ends_at", Kind.MOMENT, column="ends"),
        ),
        empty=Empty("zoom-check", _("No audit was drawn"), _("Draw the clients that an auditor looks at.")),
    )
)


@dataclass(frozen=True)
class Drawn:
    """A client of a sample, and what the auditor looked at."""

    opening: Any
    looks: int
    last: Any

    @property
    def pk(self) -> int:
        """Return the number of the opening."""
        return int(self.opening.pk)

    @property
    def client_id(self) -> int:
        """Return the client's number."""
        return int(self.opening.client_id)


def _audit(asked: Asked) -> Audit | None:
    """Return the audit of the page, or the one that is open to the auditor who asks."""
    rows = queries.audits(user=asked.user)
    if "audit_id" in asked.within:
        return rows.get(pk=asked.within["audit_id"])
    return rows.filter(ends_at__gt=asked.viewer.now).first()


def _sample(asked: Asked) -> models.QuerySet[Any]:
    audit = _audit(asked)
    return clients.drawn(audit.origin if audit else "-")


def _looked(asked: Asked, rows: Sequence[Any]) -> list[Drawn]:
    audit = _audit(asked)
    told = queries.opened(audit, [row.client_id for row in rows]) if audit and rows else {}
    return [Drawn(row, *told.get(row.client_id, (0, None))) for row in rows]


def _audit_facts(asked: Asked) -> dict[str, Any]:
    audit = _audit(asked)
    if audit is None:
        return {}
    drawn = gettext("%(size)s of %(population)s clients, drawn %(when)s by the seed %(seed)s") % {
        "size": audit.size,
        "population": audit.population,
        "when": moment(audit.drawn_at),
        "seed": audit.seed,
    }
    ends = gettext("open to %(name)s until %(when)s") % {"name": audit.auditor.name, "when": moment(audit.ends_at)}
    facts: dict[str, Any] = {
        "title": audit.title,
        "kicker": f"{drawn} · {ends}",
        "links": [],
    }
    if "audit_id" in asked.within:
        facts["links"].append((reverse("compliance:redraw_audit", args=[audit.pk]), gettext("Draw again")))
    if asked.user.has_perm(Permission.AUDIT_DRAW) and audit.ends_at > asked.viewer.now:
        facts["links"].append((reverse("compliance:end_audit", args=[audit.pk]), gettext("End the audit")))
    return facts


def _sampled(name: str, url: str, permission: Permission, **more: Any) -> Listing:
    """Declare one of the two lists of a sample: the auditor's, and that of whoever drew it."""
    return register(
        Listing(
            name=name,
            title=_("Sample"),
            url=url,
            permission=permission,
            rows=_sample,
            sort="client",
            seen="sample",
            client="client_id",
            about=_audit_facts,
            prepare=_looked,
            columns=(
                Column(
                    "client",
                    _("Client"),
                    "opening.client.name",
                    sort=("client__sort_name",),
                    sub="opening.client.reference",
                    link=PageOf("clients:page", "client_id"),
                    fixed=True,
                ),
                Column("kind", _("Kind"), "opening.client.get_kind_display"),
                Column("looks", _("Looks"), "looks", Kind.NUMBER),
                Column("last", _("Last look"), "last", Kind.MOMENT),
            ),
            empty=Empty(
                "zoom-check",
                _("No sample is drawn for you"),
                _("Compliance draws the clients an audit looks at; until then nothing is open."),
            ),
            **more,
        )
    )


SAMPLE_FIELDS = (
    Field("client", _("Client number"), "opening.client.reference"),
    Field("client_name", _("Client"), "opening.client.name"),
    Field("looks", _("Looks"), "looks", Kind.NUMBER, column="looks"),
    Field("last", _("Last look"), "last", Kind.MOMENT, column="last"),
)
AUDIT_SAMPLE = _sampled(
    "audit-sample", "compliance:audit", Permission.AUDIT_READ, within=("audit_id",), fields=SAMPLE_FIELDS
)
SAMPLE = _sampled("sample", "compliance:sample", Permission.SAMPLE_READ)
