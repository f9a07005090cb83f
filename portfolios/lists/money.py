"""The lists of the portfolios room: movements of a client, deposits, days that do not add up, files received."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from clients import queries as clients
from clients.access import Permission, scoped
from clients.lists import task_act
from core.lists import (
    Asked,
    Column,
    Empty,
    Field,
    Kind,
    Listing,
    PageOf,
    Viewer,
    filters_of,
    in_words,
    register,
)
from core.models import User
from portfolios import queries
from portfolios.forms import DepositFilter, MovementFilter, ValuationFilter
from portfolios.models import Deposit, Transaction, Valuation


def _movement_filters(data: Mapping[str, Any], viewer: Viewer) -> MovementFilter:
    accounts = queries.accounts(user=viewer.user, client_id=viewer.within["client_id"])
    return MovementFilter(data, accounts=[(str(one.pk), one.reference) for one in accounts])


def _movements(asked: Asked) -> models.QuerySet[Transaction]:
    chosen = asked.chosen
    rows = queries.transactions(
        user=asked.user,
        client_id=asked.within["client_id"],
        account_id=int(chosen["account"]) if chosen["account"] else None,
        since=chosen["since"],
        until=chosen["until"],
    )
    return rows.filter(kind=chosen["kind"]) if chosen["kind"] else rows


def _client(asked: Asked) -> dict[str, Any]:
    client = clients.client(user=asked.user, client_id=asked.within["client_id"], permission=Permission.PORTFOLIO_READ)
    return {"kicker": client.name, "links": [(reverse("clients:page", args=[client.pk]), gettext("Client page"))]}


def _marked(asked: Asked, rows: Sequence[Any]) -> Sequence[Any]:
    """Mark the first movement of each day that does not add up."""
    known: set[int | None] = {None}
    for row in rows:
        row.mark = None if row.apart in known else row.apart
        known.add(row.apart)
    return rows


def _what(row: Transaction) -> str:
    return row.text or in_words(row, "kind")


def _kind(row: Transaction) -> str:
    return f"{in_words(row, 'kind')} · {row.counterparty}" if row.counterparty else in_words(row, "kind")


TRANSACTIONS = register(
    Listing(
        name="transactions",
        title=_("Transactions"),
        url="portfolios:transactions",
        permission=Permission.PORTFOLIO_READ,
        rows=_movements,
        filters=_movement_filters,
        within=("client_id",),
        about=_client,
        prepare=_marked,
        sort="-day",
        seen="transactions",
        client="client_id",
        columns=(
            Column("what", _("What"), _what, sub=_kind, fixed=True, wide=True),
            Column("day", _("Value date"), "value_date", Kind.DATE, sort=("value_date",)),
            Column("account", _("Account"), "account.reference"),
            Column("amount", _("Amount"), "amount", Kind.MONEY, currency="currency"),
            Column("balance", _("Balance"), template="portfolios/_balance.html", kind=Kind.NUMBER),
            Column("product", _("Product"), "instrument", shown=False),
            Column("known", _("Known since"), "known_at", Kind.MOMENT, shown=False),
        ),
        feed="transactions",
        fields=(
            Field("reference", _("Reference"), "reference"),
            Field("account", _("Account"), "account.reference"),
            Field("value_date", _("Value date"), "value_date", Kind.DATE),
            Field("kind", _("Kind"), "kind"),
            Field("amount", _("Amount"), "amount", Kind.MONEY, "currency"),
            Field("currency", _("Currency"), "currency"),
            Field("balance", _("Balance"), "balance", Kind.MONEY, "currency", "balance"),
            Field("counterparty", _("Counterparty"), "counterparty"),
            Field("text", _("Text"), "text"),
            Field("instrument", _("Product"), "instrument.reference"),
            Field("known_at", _("Known since"), "known_at", Kind.MOMENT, feed=False),
        ),
        empty=Empty("arrows-exchange", _("No transactions here"), _("They come with the bank's files.")),
    )
)


def _valued(asked: Asked) -> models.QuerySet[Valuation]:
    rows = queries.valuations(
        user=asked.user,
        client_id=asked.within["client_id"],
        since=asked.chosen["since"],
        until=asked.chosen["until"],
    )
    return rows.annotate(worth=models.F("cash") + models.F("deposits") + models.F("holdings"))


def _marks(row: Valuation) -> str:
    """Return what is wrong with a valued day, in words."""
    told = [
        ngettext("%(n)s line without price or rate", "%(n)s lines without price or rate", row.missing)
        % {"n": row.missing}
        if row.missing
        else "",
        ngettext("%(n)s old price", "%(n)s old prices", row.stale) % {"n": row.stale} if row.stale else "",
    ]
    return " · ".join(filter(None, told))


VALUATIONS = register(
    Listing(
        name="valuations",
        title=_("Valued days"),
        url="portfolios:valuations",
        permission=Permission.PORTFOLIO_READ,
        rows=_valued,
        filters=lambda data, _viewer: ValuationFilter(data),
        within=("client_id",),
        about=_client,
        sort="-day",
        seen="valuations",
        client="client_id",
        columns=(
            Column("day", _("Day"), "value_date", Kind.DATE, sort=("value_date",), fixed=True, sub=_marks),
            Column("worth", _("Worth"), "worth", Kind.MONEY, currency="currency"),
            Column("cash", _("Cash"), "cash", Kind.MONEY, currency="currency"),
            Column("deposits", _("Deposits"), "deposits", Kind.MONEY, currency="currency"),
            Column("holdings", _("Holdings"), "holdings", Kind.MONEY, currency="currency"),
            Column("flow", _("Net inflow"), "flow", Kind.MONEY, currency="currency"),
            Column("known", _("Computed"), "known_at", Kind.MOMENT),
        ),
        fields=(
            Field("day", _("Day"), "value_date", Kind.DATE),
            Field("currency", _("Currency"), "currency"),
            Field("worth", _("Worth"), "worth", Kind.MONEY, "currency"),
            Field("cash", _("Cash"), "cash", Kind.MONEY, "currency"),
            Field("deposits", _("Deposits"), "deposits", Kind.MONEY, "currency"),
            Field("holdings", _("Holdings"), "holdings", Kind.MONEY, "currency"),
            Field("flow", _("Net inflow"), "flow", Kind.MONEY, "currency"),
            Field("fees", _("Fees"), "fees", Kind.MONEY, "currency"),
            Field("net_index", _("Index, net"), "net_index", Kind.NUMBER),
            Field("gross_index", _("Index, gross"), "gross_index", Kind.NUMBER),
            Field("missing", _("Without price or rate"), "missing", Kind.NUMBER),
            Field("stale", _("Old prices"), "stale", Kind.NUMBER),
            Field("known_at", _("Computed"), "known_at", Kind.MOMENT),
        ),
        empty=Empty(
            "chart-line", _("Nothing is valued yet"), _("Every night values each client at the end of the day.")
        ),
    )
)


def _deposits(asked: Asked) -> models.QuerySet[Deposit]:
    chosen, today = asked.chosen, asked.viewer.today
    days = int(chosen["due"]) if chosen["due"].isdecimal() else None
    rows = queries.deposits(
        user=asked.user,
        closed=chosen["state"] == "closed",
        since=today if days is not None else None,
        until=today + dt.timedelta(days=days) if days is not None else None,
    )
    rows = rows.filter(matures_on__lt=today) if chosen["due"] == "late" else rows
    rows = rows.filter(kind=chosen["kind"]) if chosen["kind"] else rows
    return rows.filter(currency=chosen["currency"]) if chosen["currency"] else rows


def _look(row: Deposit, asked: Asked) -> str:
    late = row.matures_on is not None and row.matures_on < asked.viewer.today and row.closed_on is None
    return "late" if late else ""


def _with_days(asked: Asked, rows: Sequence[Any]) -> Sequence[Any]:
    """Give each deposit the days of its maturity, by its bank's calendar."""
    known = queries.Days({row.institution.country for row in rows}, as_of=asked.viewer.today)
    for row in rows:
        row.days = known.of(row)
    return rows


def _instruct_by(row: Any) -> dt.date | None:
    return row.days.instruct_by if row.days and row.closed_on is None else None


def _paid(row: Any) -> str:
    moved = row.closed_on is None and row.days is not None and row.days.moved
    return gettext("paid %(on)s") % {"on": row.days.pays_on} if moved else ""


def _covered(rows: models.QuerySet[Deposit], user: User) -> models.QuerySet[Deposit]:
    return scoped(rows, user, Permission.CONTACT_LOG)


DEPOSITS = register(
    Listing(
        name="deposits",
        title=_("Maturities"),
        kicker=_("Deposits, by the day they fall due"),
        url="portfolios:deposits",
        permission=Permission.PORTFOLIO_READ,
        rows=_deposits,
        filters=filters_of(DepositFilter),
        sort="due",
        seen="deposits",
        client="client_id",
        named=lambda row: f"{row.client.name} — {row.reference}",
        columns=(
            Column(
                "client",
                _("Client"),
                "client.name",
                sort=("client__sort_name",),
                sub="client.reference",
                link=PageOf("portfolios:deposit"),
                fixed=True,
            ),
            Column("due", _("Falls due"), "matures_on", Kind.DATE, sort=("matures_on",), sub=_paid, look=_look),
            Column("instruct", _("Instruct by"), _instruct_by, Kind.DATE),
            Column("deposit", _("Deposit"), "reference", sub="get_kind_display"),
            Column("bank", _("Institution"), "institution"),
            Column("principal", _("Principal"), "principal", Kind.MONEY, sort=("principal",), currency="currency"),
            Column("rate", _("Rate"), "rate", Kind.PERCENT, sort=("rate",)),
            Column("instruction", _("At maturity"), "get_instruction_display"),
            Column("start", _("Interest from"), "value_date", Kind.DATE, sort=("value_date",), shown=False),
            Column("known", _("Known since"), "known_at", Kind.MOMENT, shown=False),
        ),
        prepare=_with_days,
        feed="holdings",
        fields=(
            Field("client", _("Client number"), "client.reference", feed=False),
            Field("client_name", _("Client"), "client.name", feed=False),
            Field("reference", _("Deposit"), "reference"),
            Field("account", _("Account"), "account.reference"),
            Field("kind", _("Kind"), "kind"),
            Field("currency", _("Currency"), "currency"),
            Field("principal", _("Principal"), "principal", Kind.MONEY, "currency"),
            Field("rate", _("Rate"), "rate", Kind.NUMBER),
            Field("day_count", _("Day count"), "day_count"),
            Field("value_date", _("Interest from"), "value_date", Kind.DATE),
            Field("term_months", _("Term in months"), "term_months", Kind.NUMBER),
            Field("notice_days", _("Notice in days"), "notice_days", Kind.NUMBER),
            Field("matures_on", _("Falls due"), "matures_on", Kind.DATE),
            Field("instruct_by", _("Instruct by"), _instruct_by, Kind.DATE, column="instruct", feed=False),
            Field("instruction", _("At maturity"), "instruction", column="instruction"),
            Field("renew_amount", _("Part to renew"), "renew_amount", Kind.MONEY, "currency", "instruction"),
            Field("renew_months", _("Term to renew for"), "renew_months", Kind.NUMBER, column="instruction"),
            Field("renew_rate", _("Rate agreed for it"), "renew_rate", Kind.NUMBER, column="instruction"),
            Field("institution", _("Institution"), "institution.reference", column="bank"),
            Field("closed_on", _("Closed"), "closed_on", Kind.DATE),
            Field("known_at", _("Known since"), "known_at", Kind.MOMENT, feed=False),
        ),
        acts=(
            task_act(
                _("Create a task for each"),
                _("Task created. Deposits: %(n)s."),
                _covered,
                about=lambda row: f"({row.reference})",
            ),
        ),
        empty=Empty("building-bank", _("No deposits here"), _("They come with the bank's files.")),
    )
)
