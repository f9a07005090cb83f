"""The panel of the client page that this room owns, also a page; and its tables as lists of any day, to export."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clients import queries as clients
from clients.access import Permission
from core import clock, lists
from core.web import StaffRequest, door, seen
from portfolios import queries
from portfolios.lists import CLIENT_CASH, CLIENT_DEPOSITS, CLIENT_HOLDINGS, CLIENT_LADDER, CLIENT_LOTS
from portfolios.models import Deposit, Instrument
from portfolios.rules import charts
from portfolios.rules.book import Book, DepositLine, HoldingLine, Slice

SOON = dt.timedelta(days=30)


@door("portfolio:read", sensitive=True)
def wealth(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """Show the whole, what it returned, how it is spread, when it falls due, and each line of it."""
    as_of, now = clock.today(), clock.now()
    book = queries.book(user=request.user, client_id=client_id, as_of=as_of, known_at=now)
    seen(request, client_id=client_id, what="wealth")
    soon = [line for line in book.deposits if line.matures_on and as_of <= line.matures_on <= as_of + SOON]
    language = get_language() or "en"
    context: dict[str, object] = {
        "book": book,
        "returned": queries.year_return(user=request.user, client_id=client_id, as_of=as_of, known_at=now),
        "share": book.deposit_total / book.total if book.total else None,
        "soon": soon,
        "soon_total": sum((line.base_value or Decimal(0) for line in soon), Decimal(0)),
        "allocation": charts.allocation(named(book.by_class), language=language),
        "ladder": charts.ladder(queries.ladder(book, as_of), language=language),
        "deposits": _deposits(book),
        "holdings": _holdings(book),
        "sources": sorted({line.source for line in book.holdings if line.source}),
        "marks": {
            "stale": any(line.stale for line in book.holdings),
            "estimated": any(line.estimated for line in book.holdings),
            "unknown": any(line.price is None for line in book.holdings),
        },
    }
    if request.htmx:
        return render(request, "portfolios/_wealth.html", context)
    context["client"] = clients.client(user=request.user, client_id=client_id, permission=Permission.PORTFOLIO_READ)
    return render(request, "clients/panel_page.html", {**context, "fragment": "portfolios/_wealth.html"})


@door("portfolio:read", sensitive=True, methods=("GET", "POST"))
def deposits(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """List the deposits that a client has on a day."""
    return lists.answer(request, CLIENT_DEPOSITS, now=clock.now(), client_id=client_id)


@door("portfolio:read", sensitive=True, methods=("GET", "POST"))
def holdings(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """List the positions that a client has on a day."""
    return lists.answer(request, CLIENT_HOLDINGS, now=clock.now(), client_id=client_id)


@door("portfolio:read", sensitive=True, methods=("GET", "POST"))
def lots(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """List what is left of a client's purchases on a day."""
    return lists.answer(request, CLIENT_LOTS, now=clock.now(), client_id=client_id)


@door("portfolio:read", sensitive=True, methods=("GET", "POST"))
def cash(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """List the cash accounts that a client has on a day."""
    return lists.answer(request, CLIENT_CASH, now=clock.now(), client_id=client_id)


@door("portfolio:read", sensitive=True, methods=("GET", "POST"))
def ladder(request: StaffRequest, client_id: int) -> HttpResponseBase:
    """List what falls due of a client or the household, of whom each is looked at."""
    if request.GET.get("whose") == "household":
        client = clients.client(user=request.user, client_id=client_id, permission=Permission.PORTFOLIO_READ)
        for one in clients.family(user=request.user, found=client):
            seen(request, client_id=one.pk, what="ladder")
    return lists.answer(request, CLIENT_LADDER, now=clock.now(), client_id=client_id)


def _deposits(book: Book) -> list[tuple[DepositLine, object]]:
    """Return the deposits with the words for their kind, the next to fall due first."""
    labels = dict(Deposit.Kind.choices)
    return [(line, labels[line.kind]) for line in sorted(book.deposits, key=lambda one: one.matures_on or dt.date.max)]


def _holdings(book: Book) -> list[tuple[HoldingLine, object, Decimal | None]]:
    """Return the positions with the words for their class and their weight, the largest first."""
    labels = dict(Instrument.AssetClass.choices)
    ordered = sorted(book.holdings, key=lambda line: -(line.base_value or Decimal(0)))
    return [(line, labels[line.asset_class], _weight(line.base_value, book)) for line in ordered]


def named(slices: list[Slice]) -> list[Slice]:
    """Give the parts of the whole their names in the reader's language."""
    names = {**dict(Instrument.AssetClass.choices), "deposit": _("Deposits"), "cash": _("Cash")}
    names["structured"] = Deposit.Kind.STRUCTURED.label
    return [replace(one, label=str(names.get(one.key, one.key))) for one in slices]


def _weight(value: Decimal | None, book: Book) -> Decimal | None:
    return value / book.total if value is not None and book.total else None
