"""The list of what banks list for deposits (挂牌利率)."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clients.access import Permission
from core.lists import Asked, Column, Empty, Field, Kind, Listing, Viewer, in_words, register
from portfolios import queries
from portfolios.forms import BoardFilter, term_in_words
from portfolios.models import ListedRate


def _rows(asked: Asked) -> models.QuerySet[ListedRate]:
    chosen = asked.chosen
    rows = queries.board(on=chosen["on"] or asked.viewer.today)
    wanted = {
        name: chosen[field]
        for name, field in (("institution_id", "bank"), ("kind", "kind"), ("currency", "currency"))
        if chosen[field]
    }
    return rows.filter(**wanted).annotate(margin=F("transfer_rate") - F("rate"))


def _filters(data: Any, viewer: Viewer) -> BoardFilter:
    return BoardFilter(data, banks=queries.listing_banks())


def _term(row: ListedRate) -> str:
    if row.term_months:
        return term_in_words(row.term_months)
    if row.notice_days:
        return ngettext("%(n)s day of notice", "%(n)s days of notice", row.notice_days) % {"n": row.notice_days}
    return gettext("At any time")


def _least(row: ListedRate) -> Decimal | None:
    return row.amount_from or None


def _since(row: ListedRate) -> dt.date:
    return row.value_date


BOARD = register(
    Listing(
        name="board",
        title=_("Rate board"),
        kicker=_("What banks list for deposits"),
        url="portfolios:board",
        permission=Permission.RATE_READ,
        rows=_rows,
        filters=_filters,
        sort="-rate",
        columns=(
            Column("bank", _("Bank"), "institution", sort=("institution__name",), fixed=True),
            Column(
                "kind", _("Kind"), lambda row: in_words(row, "kind"), sub=_term, sort=("kind", "term_months"), wide=True
            ),
            Column("from", _("From the amount"), _least, Kind.MONEY, currency="currency", sort=("amount_from",)),
            Column("currency", _("Currency"), "currency", sort=("currency",)),
            Column("rate", _("Rate"), "rate", Kind.PERCENT, sort=("rate",), fixed=True),
            Column("transfer", _("Transfer rate"), "transfer_rate", Kind.PERCENT, sort=("transfer_rate",)),
            Column("margin", _("Margin"), "margin", Kind.PERCENT, sort=("margin",)),
            Column("since", _("Listed since"), _since, Kind.DATE, sort=("value_date",)),
            Column("source", _("Source"), "source", shown=False),
        ),
        feed="prices",
        fields=(
            Field("record", _("Record"), lambda _row: "listed"),
            Field("institution", _("Bank"), "institution.reference", column="bank"),
            Field("kind", _("Kind"), "kind", column="kind"),
            Field("currency", _("Currency"), "currency", column="currency"),
            Field("term_months", _("Term in months"), "term_months", Kind.NUMBER, column="kind"),
            Field("notice_days", _("Notice in days"), "notice_days", Kind.NUMBER, column="kind"),
            Field("amount_from", _("From the amount"), "amount_from", Kind.MONEY, "currency", "from"),
            Field("rate", _("Rate"), "rate", Kind.NUMBER, column="rate"),
            Field("transfer_rate", _("Transfer rate"), "transfer_rate", Kind.NUMBER, column="transfer"),
            Field("value_date", _("Listed since"), "value_date", Kind.DATE, column="since"),
            Field("source", _("Source"), "source", column="source"),
        ),
        empty=Empty(
            "percentage", _("No rate is listed here"), _("What banks list comes with the file of prices and rates.")
        ),
    )
)
