"""How days become a fraction of a year, and how months are added. Conventions after the ISDA 2006 definitions.

The first day counts, the last does not (算头不算尾).
"""

import calendar
import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

FIXED = {"ACT/360": 360, "ACT/365F": 365}
THIRTY = {"30/360", "30/360 bond basis", "30/360 US", "30E/360", "30E/360 ISDA"}
LAST, FEBRUARY = 30, 2
Period = tuple[dt.date, dt.date]


def days(start: dt.date, end: dt.date, convention: str, *, termination: dt.date | None = None) -> int:
    """Return the days from ``start`` to ``end``; ``30/360`` alone is the bond basis.

    ``termination`` matters to ``30E/360 ISDA`` alone: the last day of the contract keeps its February.
    """
    if convention not in THIRTY:
        return (end - start).days
    first, last = _thirty(start, end, convention, termination)
    return (end.year - start.year) * 360 + (end.month - start.month) * LAST + last - first


def year_fraction(
    start: dt.date,
    end: dt.date,
    convention: str,
    *,
    periods: Sequence[Period] = (),
    frequency: int = 1,
    termination: dt.date | None = None,
) -> Decimal:
    """Return the part of a year between two dates.

    ``periods`` are the quasi-coupon periods of ``ACT/ACT ICMA`` and ``frequency`` how many make a year.

    Raises:
        ValueError: the convention is not one of domain's.
    """
    if convention in FIXED:
        return Decimal((end - start).days) / FIXED[convention]
    if convention in THIRTY:
        return Decimal(days(start, end, convention, termination=termination)) / 360
    if convention == "ACT/ACT ISDA":
        return _isda(start, end)
    if convention == "ACT/ACT ICMA":
        return sum((_share(start, end, one) for one in periods), Decimal(0)) / frequency
    if convention == "ACT/ACT AFB":
        return _afb(start, end)
    raise ValueError(convention)


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day ``months`` later, the last of the month where it has no such day (对年对月对日)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def whole_months(start: dt.date, end: dt.date) -> int:
    """Return how many whole months fit between two dates, months being added to ``start``."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1


def _closes_month(day: dt.date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _thirty(start: dt.date, end: dt.date, convention: str, termination: dt.date | None) -> tuple[int, int]:
    """Return the days of the month as the variants of 30/360 count them."""
    first, last = min(start.day, LAST), end.day
    if convention == "30E/360":
        return first, min(last, LAST)
    if convention == "30E/360 ISDA":
        kept = end == termination and end.month == FEBRUARY
        return LAST if _closes_month(start) else first, last if kept or not _closes_month(end) else LAST
    if convention == "30/360 US" and start.month == FEBRUARY and _closes_month(start):
        first = LAST
        last = LAST if end.month == FEBRUARY and _closes_month(end) else last
    return first, LAST if last > LAST and first == LAST else last


def _isda(start: dt.date, end: dt.date) -> Decimal:
    """Days in leap years over 366, the others over 365."""
    total = Decimal(0)
    for year in range(start.year, end.year + 1):
        first, last = max(start, dt.date(year, 1, 1)), min(end, dt.date(year + 1, 1, 1))
        total += Decimal((last - first).days) / (366 if calendar.isleap(year) else 365)
    return total


def _share(start: dt.date, end: dt.date, period: Period) -> Decimal:
    """Return the part of a quasi-coupon period that lies between two dates."""
    covered = (min(end, period[1]) - max(start, period[0])).days
    return Decimal(max(covered, 0)) / (period[1] - period[0]).days


def _afb(start: dt.date, end: dt.date) -> Decimal:
    """Whole years counted back from the end, the rest over 366 where it holds a 29 February, else over 365."""
    years = whole_months(start, end) // 12
    rest = _back(end, years)
    while rest < start:
        years -= 1
        rest = _back(end, years)
    leap = any(
        start <= dt.date(year, 2, 29) < rest for year in range(start.year, rest.year + 1) if calendar.isleap(year)
    )
    return years + Decimal((rest - start).days) / (366 if leap else 365)


def _back(end: dt.date, years: int) -> dt.date:
    """Return ``end`` some years earlier; from a 28 February to the 29th of a leap year."""
    day = add_months(end, -12 * years)
    return day.replace(day=29) if (day.month, day.day) == (2, 28) and calendar.isleap(day.year) else day
