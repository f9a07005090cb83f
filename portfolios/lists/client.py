"""What one client holds on a day, table by table: deposits, holdings, cash. The figures are those of the book."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients import queries as clients
from clients.access import Permission
from core.lists import Asked, Column, Empty, Field, Kind, Listing, PageOf, filters_of, in_words, register
from core.templatetags.steward import number
from portfolios import queries
from portfolios.forms import OnDayFilter
from portfolios.models import Account, Deposit, Holding, Lot

CLIENT_PAGE = _("Client page")
GIVEN: dict[str, Any] = {
    "permission": Permission.PORTFOLIO_READ,
    "filters": filters_of(OnDayFilter),
    "within": ("client_id",),
    "client": "client_id",
}


def on_day(asked: Asked) -> dt.date:
    """Return the day that was asked for, today when none was."""
    day: dt.date = asked.chosen["on"] or asked.viewer.today
    return day


def about(
    asked: Asked, day: dt.date, *, url: str = "clients:page", label: "str | Promise" = CLIENT_PAGE
) -> Mapping[str, Any]:
    """Return whose list it is and of which day, with the way back."""
    client = clients.client(user=asked.user, client_id=asked.within["client_id"], permission=Permission.PORTFOLIO_READ)
    kicker = gettext("%(client)s, as of %(day)s") % {"client": client.name, "day": day.isoformat()}
    return {"kicker": kicker, "links": [(reverse(url, args=[client.pk]), label)]}


def _about(asked: Asked) -> Mapping[str, Any]:
    return about(asked, on_day(asked))


def _lined(part: str) -> Any:
    """Return what gives each row its line of the book."""

    def prepare(asked: Asked, rows: Sequence[Any]) -> Sequence[Any]:
        if not rows:
            return rows
        book = queries.book(
            user=asked.user, client_id=asked.within["client_id"], as_of=on_day(asked), known_at=asked.viewer.now
        )
        lines = {line.reference: line for line in getattr(book, part)}
        for row in rows:
            row.line, row.base_currency, row.as_of = lines.get(row.reference), book.currency, book.as_of
        return rows

    return prepare


def _deposits(asked: Asked) -> models.QuerySet[Deposit]:
    return queries.held_deposits(user=asked.user, client_id=asked.within["client_id"], on=on_day(asked))


CLIENT_DEPOSITS = register(
    Listing(
        name="client-deposits",
        title=_("Deposits"),
        url="portfolios:client_deposits",
        rows=_deposits,
        about=_about,
        prepare=_lined("deposits"),
        sort="due",
        seen="deposits",
        columns=(
            Column(
                "deposit",
                _("Deposit"),
                "reference",
                sub="get_kind_display",
                link=PageOf("portfolios:deposit"),
                fixed=True,
            ),
            Column("bank", _("Bank"), "institution"),
            Column("principal", _("Principal"), "line.principal", Kind.MONEY, sort=("principal",), currency="currency"),
            Column("rate", _("Rate"), "rate", Kind.PERCENT, sort=("rate",)),
            Column("accrued", _("Accrued interest"), "line.accrued", Kind.MONEY, currency="currency"),
            Column("worth", _("Worth"), "line.base_value", Kind.MONEY, currency="base_currency"),
            Column("due", _("Falls due"), "matures_on", Kind.DATE, sort=("matures_on",)),
            Column("start", _("Interest from"), "value_date", Kind.DATE, sort=("value_date",), shown=False),
            Column("instruction", _("At maturity"), "get_instruction_display", shown=False),
        ),
        fields=(
            Field("reference", _("Deposit"), "reference"),
            Field("kind", _("Kind"), "kind"),
            Field("institution", _("Bank"), "institution.reference"),
            Field("currency", _("Currency"), "currency"),
            Field("principal", _("Principal"), "line.principal", Kind.MONEY, "currency"),
            Field("rate", _("Rate"), "rate", Kind.NUMBER),
            Field("day_count", _("Day count"), "day_count"),
            Field("value_date", _("Interest from"), "value_date", Kind.DATE),
            Field("matures_on", _("Falls due"), "matures_on", Kind.DATE),
            Field("accrued", _("Accrued interest"), "line.accrued", Kind.MONEY, "currency"),
            Field("value", _("With interest"), "line.value", Kind.MONEY, "currency"),
            Field("worth", _("Worth"), "line.base_value", Kind.MONEY, "base_currency"),
            Field("base_currency", _("Currency of the client"), "base_currency"),
            Field("instruction", _("At maturity"), "instruction"),
            Field("as_of", _("As of"), "as_of", Kind.DATE),
            Field("known_at", _("Known since"), "known_at", Kind.MOMENT),
        ),
        empty=Empty("building-bank", _("No deposits"), _("Deposits arrive with the bank's files.")),
        **GIVEN,
    )
)


def _holdings(asked: Asked) -> models.QuerySet[Holding]:
    return queries.held(user=asked.user, client_id=asked.within["client_id"], on=on_day(asked))


def _class(row: Holding) -> str:
    return f"{in_words(row.instrument, 'asset_class')} · {row.account.institution}"


def _priced(row: Any) -> str:
    """Say of which day a price is and what is wrong with it."""
    line = row.line
    if line is None or line.price is None:
        return gettext("no price")
    marks = [gettext("stale") if line.stale else "", gettext("estimated") if line.estimated else ""]
    return " · ".join(filter(None, (line.price_date.isoformat(), line.source, *marks)))


def _yes(name: str) -> Any:
    return lambda row: "yes" if row.line and getattr(row.line, name) else "no"


CLIENT_HOLDINGS = register(
    Listing(
        name="client-holdings",
        title=_("Holdings"),
        url="portfolios:client_holdings",
        rows=_holdings,
        about=_about,
        prepare=_lined("holdings"),
        sort="product",
        seen="holdings",
        columns=(
            Column(
                "product", _("Product"), "instrument", sort=("instrument__name",), sub=_class, fixed=True, wide=True
            ),
            Column("quantity", _("Quantity"), "line.quantity", Kind.NUMBER, sort=("quantity",)),
            Column("price", _("Price"), "line.price", Kind.NUMBER, sub=_priced),
            Column("value", _("Market value"), "line.value", Kind.MONEY, currency="instrument.currency"),
            Column(
                "accrued",
                _("Accrued interest"),
                "line.accrued",
                Kind.MONEY,
                currency="instrument.currency",
                shown=False,
            ),
            Column("gain", _("Gain"), "line.gain", Kind.MONEY, currency="instrument.currency"),
            Column("worth", _("Worth"), "line.base_value", Kind.MONEY, currency="base_currency"),
            Column("cost", _("Cost"), "cost", Kind.MONEY, currency="instrument.currency", shown=False),
            Column("since", _("Since"), "value_date", Kind.DATE, sort=("value_date",), shown=False),
        ),
        fields=(
            Field("reference", _("Reference"), "reference"),
            Field("account", _("Account"), "account.reference"),
            Field("instrument", _("Product"), "instrument.reference"),
            Field("isin", _("ISIN"), "instrument.isin"),
            Field("name", _("Name of the product"), "instrument"),
            Field("asset_class", _("Asset class"), "instrument.asset_class"),
            Field("currency", _("Currency"), "instrument.currency"),
            Field("quantity", _("Quantity"), "line.quantity", Kind.NUMBER),
            Field("cost", _("Cost"), "cost", Kind.MONEY, "instrument.currency"),
            Field("price", _("Price"), "line.price", Kind.NUMBER),
            Field("price_date", _("Price of"), "line.price_date", Kind.DATE),
            Field("price_source", _("Source"), "line.source"),
            Field("stale", _("Old price"), _yes("stale")),
            Field("estimated", _("Estimated"), _yes("estimated")),
            Field("multiplier", _("Multiplier"), "instrument.multiplier", Kind.NUMBER),
            Field("accrued", _("Accrued interest"), "line.accrued", Kind.MONEY, "instrument.currency"),
            Field("value", _("Market value"), "line.value", Kind.MONEY, "instrument.currency"),
            Field("gain", _("Gain"), "line.gain", Kind.MONEY, "instrument.currency"),
            Field("worth", _("Worth"), "line.base_value", Kind.MONEY, "base_currency"),
            Field("base_currency", _("Currency of the client"), "base_currency"),
            Field("as_of", _("As of"), "as_of", Kind.DATE),
            Field("known_at", _("Known since"), "known_at", Kind.MOMENT),
        ),
        empty=Empty("chart-pie", _("No holdings"), _("Bonds, funds and shares arrive with the bank's files.")),
        **GIVEN,
    )
)


def _lots(asked: Asked) -> models.QuerySet[Lot]:
    return queries.lots(user=asked.user, client_id=asked.within["client_id"], on=on_day(asked))


def _valued(asked: Asked, rows: Sequence[Any]) -> Sequence[Any]:
    found = queries.bought(user=asked.user, client_id=asked.within["client_id"], on=on_day(asked), rows=rows)
    for row in rows:
        row.bought, row.as_of = found[row.pk], on_day(asked)
    return rows


def _apart(row: Any) -> str:
    """Say where the purchases of a position do not make what the bank tells of it."""
    if not row.bought.apart:
        return f"{row.account.reference} · {row.reference}"
    words = gettext("the purchases differ from the position by %(apart)s")
    return words % {"apart": number(row.bought.apart)}


CLIENT_LOTS = register(
    Listing(
        name="client-lots",
        title=_("Purchases"),
        url="portfolios:client_lots",
        rows=_lots,
        about=_about,
        prepare=_valued,
        sort="product",
        seen="lots",
        tone=lambda row: "act" if row.bought.apart else "",
        columns=(
            Column(
                "product",
                _("Product"),
                "instrument",
                sort=("instrument__name",),
                sub=_apart,
                fixed=True,
                wide=True,
            ),
            Column("bought", _("Bought"), "acquired_on", Kind.DATE, sort=("acquired_on",)),
            Column("days", _("Days held"), "bought.days", Kind.NUMBER),
            Column("quantity", _("Quantity"), "bought.quantity", Kind.NUMBER, sort=("quantity",)),
            Column("cost", _("Cost"), "cost", Kind.MONEY, sort=("cost",), currency="instrument.currency"),
            Column("value", _("Market value"), "bought.value", Kind.MONEY, currency="instrument.currency"),
            Column("gain", _("Gain"), "bought.gain", Kind.MONEY, currency="instrument.currency"),
            Column("return", _("Gain on the cost"), "bought.return_", Kind.PERCENT),
        ),
        fields=(
            Field("reference", _("Reference"), "reference"),
            Field("account", _("Account"), "account.reference"),
            Field("instrument", _("Product"), "instrument.reference"),
            Field("name", _("Name of the product"), "instrument"),
            Field("acquired_on", _("Bought"), "acquired_on", Kind.DATE),
            Field("days", _("Days held"), "bought.days", Kind.NUMBER),
            Field("currency", _("Currency"), "instrument.currency"),
            Field("quantity", _("Quantity"), "bought.quantity", Kind.NUMBER),
            Field("cost", _("Cost"), "cost", Kind.MONEY, "instrument.currency"),
            Field("value", _("Market value"), "bought.value", Kind.MONEY, "instrument.currency"),
            Field("gain", _("Gain"), "bought.gain", Kind.MONEY, "instrument.currency"),
            Field("apart", _("Differs from the position by"), "bought.apart", Kind.NUMBER),
            Field("as_of", _("As of"), "as_of", Kind.DATE),
            Field("known_at", _("Known since"), "known_at", Kind.MOMENT),
        ),
        empty=Empty(
            "stack-2", _("No purchases here"), _("They come with the bank's files, where the bank tells them.")
        ),
        **GIVEN,
    )
)


def _cash(asked: Asked) -> models.QuerySet[Account]:
    return queries.cash_accounts(user=asked.user, client_id=asked.within["client_id"], on=on_day(asked))


def _movements(row: Account, asked: Asked) -> str:
    return f"{reverse('portfolios:transactions', args=[row.client_id])}?account={row.pk}"


CLIENT_CASH = register(
    Listing(
        name="client-cash",
        title=_("Cash accounts"),
        url="portfolios:client_cash",
        rows=_cash,
        about=_about,
        prepare=_lined("cash"),
        sort="account",
        seen="cash",
        columns=(
            Column(
                "account",
                _("Account"),
                "reference",
                sort=("reference",),
                sub="line.number_hint",
                link=_movements,
                fixed=True,
            ),
            Column("bank", _("Bank"), "institution"),
            Column("balance", _("Balance"), "line.balance", Kind.MONEY, currency="currency"),
            Column("worth", _("Worth"), "line.base_value", Kind.MONEY, currency="base_currency"),
        ),
        fields=(
            Field("account", _("Account"), "reference"),
            Field("institution", _("Bank"), "institution.reference"),
            Field("currency", _("Currency"), "currency"),
            Field("balance", _("Balance"), "line.balance", Kind.MONEY, "currency"),
            Field("worth", _("Worth"), "line.base_value", Kind.MONEY, "base_currency"),
            Field("base_currency", _("Currency of the client"), "base_currency"),
            Field("as_of", _("As of"), "as_of", Kind.DATE),
        ),
        empty=Empty("wallet", _("No cash account"), _("Accounts arrive with the bank's files.")),
        **GIVEN,
    )
)
