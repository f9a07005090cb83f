"""The list of the reviews room."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from clients.access import Permission, scoped
from clients.lists import task_act
from core.lists import Asked, Column, Empty, Field, Kind, Listing, PageOf, filters_of, in_words, register
from core.models import User
from reviews import queries
from reviews.forms import ReviewFilter
from reviews.models import Review


def _rows(asked: Asked) -> models.QuerySet[Review]:
    rows, chosen = queries.reviews(user=asked.user), asked.chosen
    if chosen["state"] != "all":
        rows = rows.exclude(decision="") if chosen["state"] == "decided" else rows.filter(decision="")
    if chosen["kind"]:
        rows = rows.filter(kind=chosen["kind"])
    return rows.filter(due_on__lte=chosen["until"]) if chosen["until"] else rows


def _tone(row: Review) -> str:
    return "plain" if row.decision else "warn"


def _late(row: Review, asked: Asked) -> str:
    return "late" if not row.decision and row.due_on < asked.viewer.today else ""


def _decision(row: Review) -> str:
    return str(in_words(row, "decision") if row.decision else _("Waiting"))


def _by(row: Review) -> str:
    return row.decider


def _deposit(name: str) -> Any:
    return f"maturity.deposit.{name}"


def _covered(rows: models.QuerySet[Review], user: User) -> models.QuerySet[Review]:
    return scoped(rows.filter(decision=""), user, Permission.CONTACT_LOG)


REVIEWS = register(
    Listing(
        name="reviews",
        title=_("Reviews"),
        url="reviews:list",
        permission=Permission.REVIEW_READ,
        rows=_rows,
        filters=filters_of(ReviewFilter),
        sort="due",
        seen="reviews",
        client="client_id",
        named=lambda row: f"{row.client.name} — {row.due_on:%Y-%m-%d}",
        columns=(
            Column(
                "client",
                _("Client"),
                "client.name",
                sort=("client__sort_name",),
                sub="client.reference",
                link=PageOf("reviews:decision"),
                fixed=True,
            ),
            Column("due", _("Due"), "due_on", Kind.DATE, sort=("due_on",), look=_late),
            Column(
                "kind",
                _("Kind"),
                "get_kind_display",
                sub=lambda row: row.maturity.deposit.reference if row.maturity else row.period,
            ),
            Column(
                "amount",
                _("Amount"),
                _deposit("principal"),
                Kind.MONEY,
                sort=("maturity__deposit__principal",),
                currency=_deposit("currency"),
            ),
            Column("bank", _("Institution"), _deposit("institution"), shown=False),
            Column("decision", _("Decision"), _decision, Kind.BADGE, sub=_by, tone=_tone),
            Column("decided", _("Decided"), "decided_at", Kind.DATE, sort=("decided_at",), shown=False),
        ),
        fields=(
            Field("client", _("Client number"), "client.reference"),
            Field("client_name", _("Client"), "client.name"),
            Field("due_on", _("Due"), "due_on", Kind.DATE, column="due"),
            Field("kind", _("Kind"), "kind", column="kind"),
            Field("deposit", _("Deposit"), _deposit("reference"), column="kind"),
            Field("institution", _("Institution"), _deposit("institution"), column="kind"),
            Field("amount", _("Amount"), _deposit("principal"), Kind.MONEY, _deposit("currency"), "amount"),
            Field("currency", _("Currency"), _deposit("currency"), column="amount"),
            Field("decision", _("Decision"), "decision", column="decision"),
            Field("decided_by", _("Decided by"), "decided_by.username", column="decision"),
            Field("decided_at", _("Decided"), "decided_at", Kind.MOMENT),
            Field("silent", _("Nobody said"), lambda row: "yes" if row.silent else "no", column="decision"),
        ),
        acts=(task_act(_("Create a task for each client"), _("Task created. Reviews: %(n)s."), _covered),),
        empty=Empty(
            "clipboard-check", _("No review here"), _("Reviews open from maturities and from the cycle of each tier.")
        ),
    )
)
