"""The list of the reports room: the delivery ledger."""

import datetime as dt
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.access import Permission, scoped
from core.lists import Act, Asked, Column, Empty, Field, Kind, Listing, PageOf, each, filters_of, register
from core.models import User
from reports import operations, queries
from reports.forms import DeliveryFilter
from reports.models import Delivery

TONES = {"sent": "good", "waiting": "plain", "sending": "info", "failed": "act", "unknown": "act", "skipped": "warn"}
REASONS = {
    "no-address": _("No e-mail address or no statement secret"),
    "no-consent": _("No consent to statements by e-mail"),
    "closed": _("The client is closed"),
    "shared": _("The address needs to be confirmed"),
    "confirmed": _("Address confirmed"),
    "address": _("Not a plain e-mail address"),
    "missing": _("The stored document is missing"),
    "changed": _("The stored document is not the one that was printed"),
    "too-large": _("Larger than 20 MB"),
    "silent": _("The relay fell silent and cannot say whether it took the mail"),
    "internal": _("Something went wrong on our side"),
}


def _rows(asked: Asked) -> models.QuerySet[Delivery]:
    return queries.deliveries(user=asked.user, state=asked.chosen["state"], month=asked.chosen["month"])


def _reason(row: Delivery) -> str:
    return str(REASONS.get(row.reason, row.reason))


def _month(row: Delivery) -> str:
    return f"{row.statement.period_end:%Y-%m}"


def _over(rows: models.QuerySet[Delivery], user: User) -> models.QuerySet[Delivery]:
    return scoped(queries.ended(rows), user, Permission.STATEMENT_SEND)


def _send(*, user: User, rows: list[Delivery], values: dict[str, Any], now: dt.datetime) -> str:
    each(rows, lambda row: operations.send(user=user, statement_id=row.statement_id, now=now))
    return gettext("On their way. Statements: %(n)s.") % {"n": len(rows)}


DELIVERIES = register(
    Listing(
        name="deliveries",
        title=_("Statements"),
        kicker=_("Delivery ledger"),
        url="reports:deliveries",
        permission=Permission.STATEMENT_READ,
        rows=_rows,
        filters=filters_of(DeliveryFilter),
        sort="-created",
        seen="deliveries",
        client="client_id",
        named=lambda row: f"{row.client.name} — {_month(row)}",
        tone=lambda row: "act" if TONES[row.state] == "act" else "",
        columns=(
            Column(
                "client",
                _("Client"),
                "client.name",
                sort=("client__sort_name",),
                sub="client.reference",
                link=PageOf("reports:statement", "statement_id"),
                fixed=True,
            ),
            Column("month", _("Month"), _month, sort=("statement__period_end",)),
            Column(
                "state", _("State"), "get_state_display", Kind.BADGE, sub=_reason, tone=lambda row: TONES[row.state]
            ),
            Column("recipient", _("Recipient"), "hint"),
            Column("attempt", _("Attempt"), "attempt", Kind.NUMBER, sort=("attempt",)),
            Column("created", _("Created"), "created_at", Kind.MOMENT, sort=("id",)),
            Column("sent", _("Sent"), "sent_at", Kind.MOMENT, sort=("sent_at",)),
        ),
        fields=(
            Field("client", _("Client number"), "client.reference"),
            Field("client_name", _("Client"), "client.name"),
            Field("month", _("Month"), _month, column="month"),
            Field("state", _("State"), "state", column="state"),
            Field("reason", _("Reason"), _reason, column="state"),
            Field("recipient", _("Recipient"), "hint", column="recipient"),
            Field("attempt", _("Attempt"), "attempt", Kind.NUMBER, column="attempt"),
            Field("created_at", _("Created"), "created_at", Kind.MOMENT, column="created"),
            Field("sent_at", _("Sent"), "sent_at", Kind.MOMENT, column="sent"),
        ),
        acts=(
            Act(
                "send",
                _("Send again"),
                Permission.STATEMENT_SEND,
                _send,
                _over,
                hint=_("The stored document goes out once more to each client below, not a new print."),
            ),
        ),
        empty=Empty(
            "mail", _("No deliveries here"), _("Statements go out after the end of a month, to clients who agreed.")
        ),
    )
)
