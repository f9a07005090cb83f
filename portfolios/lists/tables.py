"""What was computed of one client, as lists to sort and to export: cover at each bank, gains, what falls due."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from clients import queries as clients
from clients.access import Permission
from core.lists import Asked, Column, Empty, Field, Kind, Listing, PageOf, filters_of, register
from portfolios import queries
from portfolios.forms import SPANS, OnDayFilter, SpanFilter, WhoseFilter
from portfolios.lists.client import about, on_day
from portfolios.rules.contributions import Contribution
from portfolios.rules.insurance import BankCover
from portfolios.rules.ladder import Rung
from portfolios.rules.periods import chosen_span

STATES = {
    "over": (_("Partly uninsured"), "act"),
    "grows": (_("Outgrows the limit"), "warn"),
    "near": (_("Near the limit"), "warn"),
    "well": (_("Insured"), "good"),
    "unknown": (_("No scheme known"), "plain"),
}
KINDS = {"holding": _("Holdings"), "deposit": _("Deposits"), "cash": _("Cash"), "rest": _("Between the lines")}
T = TypeVar("T")
GIVEN: dict[str, Any] = {"permission": Permission.PORTFOLIO_READ, "within": ("client_id",), "client": "client_id"}


@dataclass(frozen=True)
class Row(Generic[T]):
    """One computed row of a client: its place, what it says, and in which currency and as of when."""

    id: int
    client_id: int
    said: T
    currency: str
    as_of: dt.date
    since: dt.date | None = None
    known_at: dt.datetime | None = None


# --- deposit insurance ------------------------------------------------------------------------------------------------


def _covers(asked: Asked) -> Sequence[Row[BankCover]]:
    client, day = asked.within["client_id"], on_day(asked)
    found = queries.insurance(user=asked.user, client_id=client, as_of=day, known_at=asked.viewer.now)
    return [
        Row(place, client, one, one.bank.scheme.currency if one.bank.scheme else "", day)
        for place, one in enumerate(found.banks)
    ]


def _insured(asked: Asked) -> Mapping[str, Any]:
    return about(asked, on_day(asked), url="portfolios:insurance", label=_("Deposit insurance"))


def _known(name: str) -> Any:
    """Return what reads a sum of a bank, nothing where no scheme is known."""
    return lambda row: getattr(row.said, name) if row.said.bank.scheme else None


CLIENT_INSURANCE = register(
    Listing(
        name="client-insurance",
        title=_("Cover at each bank"),
        url="portfolios:client_insurance",
        rows=_covers,
        filters=filters_of(OnDayFilter),
        about=_insured,
        sort="-used",
        seen="insurance",
        columns=(
            Column(
                "bank", _("Bank"), "said.bank.name", sort=("said__bank__name",), sub="said.bank.licence", fixed=True
            ),
            Column(
                "state",
                _("State"),
                lambda row: STATES[row.said.state][0],
                Kind.BADGE,
                tone=lambda row: STATES[row.said.state][1],
            ),
            Column(
                "balance",
                _("Balance"),
                _known("balance"),
                Kind.MONEY,
                sort=("said__balance",),
                currency="currency",
            ),
            Column(
                "insured", _("Insured"), _known("insured"), Kind.MONEY, sort=("said__insured",), currency="currency"
            ),
            Column(
                "uninsured",
                _("Uninsured"),
                _known("uninsured"),
                Kind.MONEY,
                sort=("said__uninsured",),
                currency="currency",
            ),
            Column(
                "later",
                _("Uninsured at maturity"),
                _known("later"),
                Kind.MONEY,
                sort=("said__later",),
                currency="currency",
            ),
            Column(
                "headroom", _("Headroom"), _known("headroom"), Kind.MONEY, sort=("said__headroom",), currency="currency"
            ),
            Column("used", _("Limit used"), _known("used"), Kind.PERCENT, sort=("said__used",)),
        ),
        fields=(
            Field("institution", _("Bank"), "said.bank.name"),
            Field("licence", _("Licence"), "said.bank.licence"),
            Field("scheme", _("Scheme"), "said.bank.scheme.name"),
            Field("as_of", _("As of"), "as_of", Kind.DATE),
            Field("currency", _("Currency"), "currency"),
            Field("limit", _("Limit"), "said.bank.limit", Kind.MONEY, "currency"),
            Field("state", _("State"), "said.state"),
            Field("balance", _("Balance"), _known("balance"), Kind.MONEY, "currency"),
            Field("insured", _("Insured"), _known("insured"), Kind.MONEY, "currency"),
            Field("uninsured", _("Uninsured"), _known("uninsured"), Kind.MONEY, "currency"),
            Field("uninsured_at_maturity", _("Uninsured at maturity"), _known("later"), Kind.MONEY, "currency"),
            Field("headroom", _("Headroom"), _known("headroom"), Kind.MONEY, "currency"),
        ),
        empty=Empty(
            "building-bank", _("Nothing is deposited"), _("Deposits and accounts arrive with the bank's files.")
        ),
        **GIVEN,
    )
)

# --- contributions ----------------------------------------------------------------------------------------------------


def _added(asked: Asked) -> Sequence[Row[Contribution]]:
    client, now = asked.within["client_id"], asked.viewer.now
    found = queries.performance(user=asked.user, client_id=client, as_of=asked.viewer.today, known_at=now)
    span = chosen_span(found.spans, asked.chosen["span"])
    if span is None:
        return []
    lines = queries.contributions(user=asked.user, found=found, span=span, known_at=now)
    return [
        Row(place, client, one, found.currency, as_of=span.end, since=span.start, known_at=found.valued_at)
        for place, one in enumerate(lines)
    ]


def _position(row: Row[Contribution]) -> str:
    """Say what a position is, or what no position explains."""
    if row.said.kind == "rest":
        return gettext("trades at other prices than the day's, and what was paid for nothing in the book")
    return f"{KINDS[row.said.kind]} · {row.said.currency}"


def _spanned(asked: Asked) -> Mapping[str, Any]:
    client = clients.client(user=asked.user, client_id=asked.within["client_id"], permission=Permission.PORTFOLIO_READ)
    links = [(reverse("portfolios:performance", args=[client.pk]), gettext("Performance"))]
    words = SPANS[asked.chosen["span"]] if asked.form.is_valid() and asked.chosen["span"] else ""
    return {"kicker": f"{client.name} · {words}" if words else client.name, "links": links}


CLIENT_ADDED = register(
    Listing(
        name="client-added",
        title=_("What added to the gain"),
        url="portfolios:client_added",
        rows=_added,
        filters=filters_of(SpanFilter),
        about=_spanned,
        sort="-gain",
        seen="performance",
        columns=(
            Column(
                "position",
                _("Position"),
                lambda row: row.said.label or KINDS["rest"],
                sort=("said__label",),
                sub=_position,
                fixed=True,
                wide=True,
            ),
            Column("begin", _("Beginning"), "said.begin", Kind.MONEY, sort=("said__begin",), currency="currency"),
            Column("moved", _("Moved in"), "said.moved", Kind.MONEY, sort=("said__moved",), currency="currency"),
            Column("income", _("Income"), "said.income", Kind.MONEY, sort=("said__income",), currency="currency"),
            Column("end", _p("span", "End"), "said.end", Kind.MONEY, sort=("said__end",), currency="currency"),
            Column("gain", _p("return", "Gain"), "said.gain", Kind.MONEY, sort=("said__gain",), currency="currency"),
            Column(
                "by_rate",
                _("By the rate"),
                "said.by_currency",
                Kind.MONEY,
                sort=("said__by_currency",),
                currency="currency",
                shown=False,
            ),
            Column("share", _("Contribution"), "said.share", Kind.PERCENT, sort=("said__share",)),
        ),
        fields=(
            Field("kind", _("Kind"), "said.kind"),
            Field("position", _("Position"), "said.label"),
            Field("currency", _("Currency"), "said.currency"),
            Field("base_currency", _("Currency of the client"), "currency"),
            Field("since", _("Since"), "since", Kind.DATE),
            Field("as_of", _("As of"), "as_of", Kind.DATE),
            Field("begin", _("Beginning"), "said.begin", Kind.MONEY, "currency"),
            Field("moved", _("Moved in"), "said.moved", Kind.MONEY, "currency"),
            Field("income", _("Income"), "said.income", Kind.MONEY, "currency"),
            Field("end", _p("span", "End"), "said.end", Kind.MONEY, "currency"),
            Field("gain", _p("return", "Gain"), "said.gain", Kind.MONEY, "currency"),
            Field("by_rate", _("By the rate"), "said.by_currency", Kind.MONEY, "currency"),
            Field("contribution", _("Contribution"), "said.share", Kind.NUMBER),
            Field("known_at", _("Computed"), "known_at", Kind.MOMENT),
        ),
        empty=Empty("chart-line", _("Nothing is valued yet"), _("Two valued days make a return.")),
        **GIVEN,
    )
)

# --- the maturity ladder ----------------------------------------------------------------------------------------------


def _rungs(asked: Asked) -> Sequence[Row[Rung]]:
    found = queries.maturity_ladder(
        user=asked.user,
        client_id=asked.within["client_id"],
        as_of=asked.viewer.today,
        known_at=asked.viewer.now,
        household=asked.chosen["whose"] == "household",
    )
    every = (*found.overdue, *found.rungs)
    return [Row(one.deposit_id, one.client_id, one, found.currency, found.as_of) for one in every]


def _laddered(asked: Asked) -> Mapping[str, Any]:
    return about(asked, asked.viewer.today)


CLIENT_LADDER = register(
    Listing(
        name="client-ladder",
        title=_("What falls due"),
        url="portfolios:client_ladder",
        rows=_rungs,
        filters=filters_of(WhoseFilter),
        about=_laddered,
        sort="due",
        seen="ladder",
        columns=(
            Column(
                "deposit",
                _("Deposit"),
                "said.reference",
                sort=("said__reference",),
                sub="said.kind",
                link=PageOf("portfolios:deposit", of="id"),
                fixed=True,
            ),
            Column("client", _("Client"), "said.client", sort=("said__client",)),
            Column("bank", _("Bank"), "said.bank", sort=("said__bank",)),
            Column("due", _("Falls due"), "said.matures_on", Kind.DATE, sort=("said__matures_on",)),
            Column("instruct", _("Instruct by"), "said.due.instruct_by", Kind.DATE),
            Column("rate", _("Rate"), "said.rate", Kind.PERCENT, sort=("said__rate",)),
            Column("whole", _("Pays at maturity"), "said.whole", Kind.MONEY, currency="said.currency"),
            Column("worth", _("Worth"), "said.worth", Kind.MONEY, sort=("said__worth",), currency="currency"),
            Column("instruction", _("At maturity"), "said.instruction"),
        ),
        fields=(
            Field("client", _("Client"), "said.client"),
            Field("reference", _("Deposit"), "said.reference"),
            Field("institution", _("Bank"), "said.bank"),
            Field("as_of", _("As of"), "as_of", Kind.DATE),
            Field("matures_on", _("Falls due"), "said.matures_on", Kind.DATE),
            Field("pays_on", _("Paid on"), "said.due.pays_on", Kind.DATE),
            Field("instruct_by", _("Instruct by"), "said.due.instruct_by", Kind.DATE),
            Field("currency", _("Currency"), "said.currency"),
            Field("principal", _("Principal"), "said.principal", Kind.MONEY, "said.currency"),
            Field("rate", _("Rate"), "said.rate", Kind.NUMBER),
            Field("whole", _("Pays at maturity"), "said.whole", Kind.MONEY, "said.currency"),
            Field("worth", _("Worth"), "said.worth", Kind.MONEY, "currency"),
            Field("base_currency", _("Currency of the client"), "currency"),
            Field("instruction", _("At maturity"), "said.instruction"),
        ),
        empty=Empty("building-bank", _("Nothing falls due"), _("Deposits arrive with the bank's files.")),
        **GIVEN,
    )
)
