"""How a client's money did over the spans that people ask for, from valuations: returns, risk, and beside a benchmark.

Nothing of less than a year is annualised (GIPS). Deviations are of monthly returns and need a year of them.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import sqrt

from portfolios.rules import returns, risk
from portfolios.rules.daycount import add_months

MONTHS = 12
NOTHING = Decimal(0)
SPANS = {"m1": 1, "m3": 3, "ytd": None, "y1": 12, "y3": 36, "y5": 60}
"""Months back; the year to date has its own beginning, and ``all`` begins with the first valuation."""
ALL = "all"
FIRST_SHOWN = ("y1", ALL)


@dataclass(frozen=True)
class Point:
    """A valued day: the whole, what flowed in and was charged since the point before, and the linked indices.

    The indices are None where something had no price or rate, and nothing where all was lost; the next money begins
    at one.
    """

    day: dt.date
    value: Decimal
    flow: Decimal
    fees: Decimal
    net: float | None
    gross: float | None


@dataclass(frozen=True)
class Fall:
    """The deepest fall from a peak, at most 0, with the days of peak and trough."""

    depth: float
    peak: dt.date
    trough: dt.date


@dataclass(frozen=True)
class Beside:
    """A span beside a benchmark; the figures of risk are None with less than a year of months."""

    net: float
    excess: returns.Excess
    tracking_error: float | None
    information_ratio: float | None
    beta: float | None


@dataclass(frozen=True)
class Measured:
    """A span of a client's money, from the end of ``start`` to the end of ``end``; ratios are fractions.

    ``money_weighted`` is of the whole span, and a year's where the span is a year or longer, like ``annualised``.
    """

    key: str
    start: dt.date
    end: dt.date
    begin: Decimal
    value: Decimal
    flow: Decimal
    fees: Decimal
    net: float
    gross: float
    annualised: float | None
    money_weighted: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    fall: Fall
    months: int
    beside: Beside | None

    @property
    def gain(self) -> Decimal:
        """Return what was earned: what the whole grew by beyond what flowed in."""
        return self.value - self.begin - self.flow

    @property
    def days(self) -> int:
        """Return how long the span is."""
        return (self.end - self.start).days


def starts(first: dt.date, last: dt.date) -> dict[str, dt.date]:
    """Return the day at whose end each span begins that the history is long enough for, the shortest first."""
    found = {
        key: dt.date(last.year - 1, 12, 31) if months is None else add_months(last, -months)
        for key, months in SPANS.items()
    }
    return {**{key: day for key, day in found.items() if first <= day < last}, ALL: first}


def chosen_span(spans: Sequence[Measured], key: str) -> Measured | None:
    """Return the span of a key; the year or what there is without one, nothing where the history is shorter."""
    wanted = [key] if key else FIRST_SHOWN
    return next((one for name in wanted for one in spans if one.key == name), None)


def measured(
    points: Sequence[Point],
    key: str,
    *,
    since: dt.date,
    risk_free: float,
    benchmark: Mapping[dt.date, float] | None = None,
) -> Measured | None:
    """Return one span's figures, from the last complete point on or before ``since`` to the last complete one.

    ``risk_free`` is a year's rate. ``benchmark`` is its level on days of the points; None where it lacks an end of the
    span. None where the span has no two complete points.
    """
    complete = [place for place, point in enumerate(points) if point.net is not None]
    begins = [place for place in complete if points[place].day <= since and (points[place].net or 0) > 0]
    if not begins or begins[-1] == complete[-1]:
        return None
    span = points[begins[-1] : complete[-1] + 1]
    first, last, moved = span[0], span[-1], span[1:]
    net = [(point.day, point.net) for point in span if point.net is not None]
    lost: list[dt.date] = [day for day, level in net[1:] if not level]
    monthly = _monthly(net)
    steps = [
        -1.0 if any(day < gone <= later for gone in lost) else after / before - 1
        for (day, before), (later, after) in monthly
    ]
    whole = -1.0 if lost else net[-1][1] / net[0][1] - 1
    gross = last.gross / first.gross - 1 if last.gross is not None and first.gross and not lost else whole
    steady = risk_free / MONTHS
    spread = len(steps) >= MONTHS and risk.volatility(steps, 1) > 0
    return Measured(
        key=key,
        start=first.day,
        end=last.day,
        begin=first.value,
        value=last.value,
        flow=sum((point.flow for point in moved), NOTHING),
        fees=sum((point.fees for point in moved), NOTHING),
        net=whole,
        gross=gross,
        annualised=returns.annualised(whole, (last.day - first.day).days) if whole > -1 else None,
        money_weighted=_money_weighted(span),
        volatility=risk.volatility(steps, MONTHS) if len(steps) >= MONTHS else None,
        sharpe=risk.sharpe(steps, steady, MONTHS) if spread else None,
        sortino=risk.sortino(steps, steady) * sqrt(MONTHS) if spread and min(steps) < steady else None,
        fall=_fall(net),
        months=len(steps),
        beside=_beside(net, monthly, whole, benchmark or {}),
    )


Level = tuple[dt.date, float]


def _monthly(net: Sequence[Level]) -> list[tuple[Level, Level]]:
    """Return the pairs of month-ends that follow each other."""
    ends = [one for one in net if _closes_month(one[0])]
    pairs = pairwise(ends)
    return [
        (one, other) for one, other in pairs if (one[0] + dt.timedelta(days=1)) == other[0].replace(day=1) and one[1]
    ]


def _closes_month(day: dt.date) -> bool:
    return (day + dt.timedelta(days=1)).day == 1


def _fall(net: Sequence[Level]) -> Fall:
    found = risk.max_drawdown([level for _day, level in net])
    return Fall(found.depth, net[found.peak][0], net[found.trough][0])


def _money_weighted(span: Sequence[Point]) -> float | None:
    """Return the rate at which what was there and what flowed in became what is there (XIRR), at most of a year.

    None where there is none, and where more was owed than there was.
    """
    first, last = span[0], span[-1]
    if first.value < 0 or last.value < 0:
        return None
    flows = [(first.day, -float(first.value)), *((point.day, -float(point.flow)) for point in span[1:] if point.flow)]
    rate = returns.xirr([*flows, (last.day, float(last.value))])
    days = (last.day - first.day).days
    if rate is None or rate < -1:
        return None
    return rate if days >= returns.YEAR else (1 + rate) ** (days / returns.YEAR) - 1


def _beside(
    net: Sequence[Level], monthly: list[tuple[Level, Level]], whole: float, benchmark: Mapping[dt.date, float]
) -> Beside | None:
    begin, end = benchmark.get(net[0][0]), benchmark.get(net[-1][0])
    if not begin or end is None:
        return None
    there = [(one, other) for one, other in monthly if benchmark.get(one[0]) and other[0] in benchmark]
    own = [after / before - 1 for (_one, before), (_other, after) in there]
    its = [benchmark[other] / benchmark[one] - 1 for (one, _before), (other, _after) in there]
    enough = len(there) >= MONTHS
    apart = enough and risk.tracking_error(own, its, MONTHS) > 0
    return Beside(
        net=end / begin - 1,
        excess=returns.excess(whole, end / begin - 1),
        tracking_error=risk.tracking_error(own, its, MONTHS) if enough else None,
        information_ratio=risk.information_ratio(own, its, MONTHS) if apart else None,
        beta=risk.beta(own, its) if enough and risk.volatility(its, 1) > 0 else None,
    )
