"""Days of the book: weekdays, months, and when within a day something happened."""

import calendar
import datetime as dt
import functools
from random import Random
from zoneinfo import ZoneInfo

SATURDAY = 5
MONTHS_BACK = 36
DAYS = 65_536
"""So many answers about days are kept: a book asks for the same ones again and again."""


def first_day(as_of: dt.date) -> dt.date:
    """Return the first day of the history: that of the month three years before ``as_of``."""
    return dt.date(as_of.year - MONTHS_BACK // 12, as_of.month, 1)


def is_business(day: dt.date) -> bool:
    """Say whether the desk works; its only holidays are weekends."""
    return day.weekday() < SATURDAY


@functools.lru_cache(maxsize=DAYS)
def on_or_after(day: dt.date) -> dt.date:
    """Return the first business day from ``day`` on."""
    while not is_business(day):
        day += dt.timedelta(days=1)
    return day


@functools.lru_cache(maxsize=DAYS)
def on_or_before(day: dt.date) -> dt.date:
    """Return the last business day up to ``day``."""
    while not is_business(day):
        day -= dt.timedelta(days=1)
    return day


def business_days(start: dt.date, end: dt.date) -> list[dt.date]:
    """Return the business days from ``start`` until before ``end``."""
    days = (start + dt.timedelta(days=n) for n in range((end - start).days))
    return [day for day in days if is_business(day)]


@functools.lru_cache(maxsize=DAYS)
def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day ``months`` later, clipped to the end of its month (对年对月对日)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@functools.lru_cache(maxsize=DAYS)
def term(day: dt.date, months: int) -> tuple[dt.date, dt.date]:
    """Return the first business day from ``day`` on from which ``months`` end on a business day too, and that end."""
    while not (is_business(day) and is_business(add_months(day, months))):
        day += dt.timedelta(days=1)
    return day, add_months(day, months)


def between(rng: Random, start: dt.date, end: dt.date) -> dt.date:
    """Draw a business day from ``start`` until before ``end``, or ``start``'s own where there is none."""
    return on_or_after(start + dt.timedelta(days=rng.randrange(max((end - start).days - 2, 1))))


def midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the instant at which ``day`` begins at the bank."""
    return dt.datetime.combine(day, dt.time(), zone)


def in_office(rng: Random, day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Draw an instant of the working hours of ``day``."""
    return dt.datetime.combine(day, dt.time(rng.randrange(9, 18), rng.randrange(0, 60, 5)), zone)
