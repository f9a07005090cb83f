"""How days become a fraction of a year, and how months are added. Conventions after the ISDA 2006 definitions."""

import calendar
import datetime as dt
from decimal import Decimal

import pyxirr

BASIS = {"ACT/360": 360, "ACT/365F": 365, "30/360": 360}


def days(start: dt.date, end: dt.date, convention: str) -> int:
    """Return the days from ``start`` (counted) to ``end`` (not counted); 30/360 is the bond basis."""
    if convention == "30/360":
        return int(pyxirr.days_between(start, end, pyxirr.DayCount.THIRTY_360_ISDA))
    return (end - start).days


def year_fraction(start: dt.date, end: dt.date, convention: str) -> Decimal:
    """Return the part of a year between two dates, exactly."""
    return Decimal(days(start, end, convention)) / BASIS[convention]


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day ``months`` later, the last of the month where it has no such day (对年对月对日)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
