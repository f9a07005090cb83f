"""How a client's money did, from the valuations that were believed at an instant: a constant number of queries."""

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from clients import queries as clients
from clients.access import Permission, scoped
from clients.models import Client
from core.models import Parameter, User
from portfolios.models import Instrument, Price, Valuation
from portfolios.queries.rates import known
from portfolios.rules.daycount import add_months
from portfolios.rules.periods import Measured, Point, measured, starts

RISK_FREE = "performance.risk_free_rate"


@dataclass(frozen=True)
class Performance:
    """A client's valued days and the spans among them, the shortest first; all in ``currency``.

    ``valued_at`` is when the newest of them was computed. ``levels`` are the benchmark's on the valued days, in its own
    currency.
    """

    client: Client
    currency: str
    points: list[Point]
    spans: list[Measured]
    valued_at: dt.datetime | None
    missing: int
    stale: int
    risk_free: Decimal
    benchmark: Instrument | None
    levels: dict[dt.date, float]


def valuations(
    *,
    user: User,
    client_id: int,
    since: dt.date | None = None,
    until: dt.date | None = None,
    known_at: dt.datetime | None = None,
) -> QuerySet[Valuation]:
    """Return a client's valued days as believed at ``known_at`` or now, the newest first; dates are inclusive."""
    rows = scoped(Valuation.objects.filter(client_id=client_id), user, Permission.PORTFOLIO_READ)
    rows = known(rows, known_at)
    if since:
        rows = rows.filter(value_date__gte=since)
    if until:
        rows = rows.filter(value_date__lte=until)
    return rows.order_by("-value_date", "-id")


def performance(
    *,
    user: User,
    client_id: int,
    as_of: dt.date,
    known_at: dt.datetime,
    benchmark: Instrument | None = None,
) -> Performance:
    """Return how a client's money did up to the last valued day on or before ``as_of``, as known at ``known_at``.

    Raises:
        Client.DoesNotExist: missing or somebody else's.
    """
    client = clients.client(user=user, client_id=client_id, permission=Permission.PORTFOLIO_READ)
    rows = list(valuations(user=user, client_id=client_id, until=as_of, known_at=known_at).defer("balances"))[::-1]
    points = [_point(row) for row in rows]
    levels = _levels(benchmark, [point.day for point in points], known_at) if benchmark else {}
    risk_free = Decimal(Parameter.objects.value(RISK_FREE, on=as_of))
    return Performance(
        client=client,
        currency=rows[-1].currency if rows else client.base_currency,
        points=points,
        spans=_spans(points, risk_free, levels),
        valued_at=max((row.known_at for row in rows), default=None),
        missing=rows[-1].missing if rows else 0,
        stale=rows[-1].stale if rows else 0,
        risk_free=risk_free,
        benchmark=benchmark,
        levels=levels,
    )


@dataclass(frozen=True)
class Returned:
    """What money returned after fees from the end of a day to the end of another, as a fraction."""

    start: dt.date
    end: dt.date
    net: float


def year_return(*, user: User, client_id: int, as_of: dt.date, known_at: dt.datetime) -> Returned | None:
    """Return what a client's money returned over the year to its last complete valuation, or since its first.

    None where there are no two. Two rows are read, however long the history is.
    """
    rows = valuations(user=user, client_id=client_id, until=as_of, known_at=known_at).filter(net_index__gt=0)
    values = ("value_date", "net_index")
    last = rows.values_list(*values).first()
    if last is None:
        return None
    since = add_months(last[0], -12)
    first = rows.filter(value_date__lte=since).values_list(*values).first() or rows.values_list(*values).last()
    if first is None or first[0] >= last[0]:
        return None
    return Returned(first[0], last[0], last[1] / first[1] - 1)


def benchmarks() -> list[Instrument]:
    """Return the indices that performance may be shown beside."""
    return list(Instrument.objects.filter(asset_class=Instrument.AssetClass.INDEX).order_by("name", "pk"))


def _point(row: Valuation) -> Point:
    whole = row.cash + row.deposits + row.holdings
    return Point(row.value_date, whole, row.flow, row.fees, row.net_index, row.gross_index)


def _spans(points: list[Point], risk_free: Decimal, levels: dict[dt.date, float]) -> list[Measured]:
    complete = [point.day for point in points if point.net is not None]
    if not complete:
        return []
    found = (
        measured(points, key, since=since, risk_free=float(risk_free), benchmark=levels)
        for key, since in starts(complete[0], complete[-1]).items()
    )
    return [one for one in found if one is not None]


def _levels(index: Instrument, days: list[dt.date], known_at: dt.datetime) -> dict[dt.date, float]:
    """Return the level of an index on some days: the last one published before; days before the first have none."""
    rows = known(Price.objects.filter(instrument=index), known_at).order_by("value_date")
    prices = list(rows.values_list("value_date", "price"))
    dates = [day for day, _price in prices]
    places = ((day, bisect_right(dates, day)) for day in days)
    return {day: float(prices[place - 1][1]) for day, place in places if place}
