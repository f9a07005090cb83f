"""What each position added to the gain of a span, and how much of that its currency made."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portfolios.rules.periods import Point

NOTHING = Decimal(0)
KINDS = ("holding", "deposit", "cash", "rest")


@dataclass(frozen=True)
class Move:
    """What went into a position, or out as negative, in its currency, and the rate of exchange of that day."""

    amount: Decimal
    rate: Decimal


@dataclass(frozen=True)
class Line:
    """A position at the beginning and end of a span, in its own currency, with the rates of exchange of both days.

    ``income`` is what it paid into cash, less what it cost there, by the currency and the rate of each day.
    """

    kind: str
    label: str
    currency: str
    begin: Decimal
    end: Decimal
    begin_rate: Decimal
    end_rate: Decimal
    moves: Sequence[Move]
    income: Sequence[Move] = ()


@dataclass(frozen=True)
class Contribution:
    """What a position added, in the client's currency; ``share`` is the gain as a part of the capital that worked.

    ``begin`` and ``moved`` and ``gain`` make ``end`` and ``income``, which is a part of the gain that lies in cash.
    ``by_currency`` is the part of the gain that came of the rate.
    """

    kind: str
    label: str
    currency: str
    begin: Decimal
    moved: Decimal
    end: Decimal
    gain: Decimal
    by_currency: Decimal
    share: float | None
    income: Decimal = NOTHING


def capital(points: Sequence[Point]) -> Decimal:
    """Return the capital that worked over a span: what was there first, and each flow for its part of the time."""
    first, last = points[0], points[-1]
    days = (last.day - first.day).days
    worked = (point.flow * (last.day - point.day).days / days for point in points[1:] if point.flow)
    return first.value + sum(worked, NOTHING)


def contribution(line: Line, worked: Decimal) -> Contribution:
    """Return what a position added to the gain of a span in which ``worked`` was the capital.

    Money is held at the rate of its day: what was there gained by the rate from the first day on, and what came in
    from its own day on; the rest of the gain is the position's own, at the last rate.
    """
    begin, end = line.begin * line.begin_rate, line.end * line.end_rate
    moved = sum((move.amount * move.rate for move in line.moves), NOTHING)
    by_currency = line.begin * (line.end_rate - line.begin_rate)
    by_currency += sum((move.amount * (line.end_rate - move.rate) for move in line.moves), NOTHING)
    income = sum((move.amount * move.rate for move in line.income), NOTHING)
    gain = end - begin - moved + income
    share = float(gain / worked) if worked > 0 else None
    return Contribution(line.kind, line.label, line.currency, begin, moved, end, gain, by_currency, share, income)


def merged(parts: Sequence[Contribution], *, kind: str, label: str, currency: str = "") -> Contribution:
    """Return some positions as one."""
    shares = [part.share for part in parts if part.share is not None]
    return Contribution(
        kind=kind,
        label=label,
        currency=currency,
        begin=sum((part.begin for part in parts), NOTHING),
        moved=sum((part.moved for part in parts), NOTHING),
        end=sum((part.end for part in parts), NOTHING),
        gain=sum((part.gain for part in parts), NOTHING),
        by_currency=sum((part.by_currency for part in parts), NOTHING),
        share=sum(shares) if shares else None,
        income=sum((part.income for part in parts), NOTHING),
    )


def bounds(points: Sequence[Point], start: dt.date, end: dt.date) -> list[Point]:
    """Return the points of a span, both ends included."""
    return [point for point in points if start <= point.day <= end]
