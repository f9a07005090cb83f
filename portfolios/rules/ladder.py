"""How soon deposits fall due, where, and on average (期限阶梯)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from portfolios.rules.book import BEYOND, BUCKETS, bucket_of
from portfolios.rules.daycount import add_months
from portfolios.rules.maturity import Due


@dataclass(frozen=True)
class Term:
    """What falls due, when, and the rate it earns until then."""

    amount: Decimal
    matures_on: dt.date
    rate: Decimal


@dataclass(frozen=True)
class Averages:
    """The mean days to maturity and the mean rate, weighted by amount."""

    days: Decimal
    rate: Decimal


def averages(terms: Iterable[Term], as_of: dt.date) -> Averages | None:
    """Return the weighted means of terms; None where there is nothing to weigh."""
    rows = list(terms)
    whole = sum((one.amount for one in rows), Decimal(0))
    if not whole:
        return None
    days = sum((one.amount * (one.matures_on - as_of).days for one in rows), Decimal(0)) / whole
    return Averages(days, sum((one.amount * one.rate for one in rows), Decimal(0)) / whole)


WINDOW = 30
"""Days within which much that falls due has to be placed anew at the rates of one moment."""
MONTHS = 12
SPANS = [*(key for _most, key in BUCKETS), BEYOND]


@dataclass(frozen=True)
class Rung:
    """A deposit on the ladder. ``whole`` is principal and interest on the day it matures.

    ``worth`` is the same in one currency, None where a rate of exchange is missing.
    """

    deposit_id: int
    client_id: int
    client: str
    reference: str
    kind: str
    bank: str
    currency: str
    principal: Decimal
    rate: Decimal
    due: Due
    whole: Decimal
    worth: Decimal | None
    instruction: str

    @property
    def matures_on(self) -> dt.date:
        """Return the day on which the contract ends."""
        return self.due.matures_on


@dataclass(frozen=True)
class Peak:
    """The thirty days in which most falls due, and its part of everything that does."""

    begins: dt.date
    ends: dt.date
    amount: Decimal
    share: Decimal


@dataclass(frozen=True)
class Row:
    """What one bank has on each span of the ladder, in one currency."""

    name: str
    amounts: list[Decimal]

    @property
    def total(self) -> Decimal:
        """Return the sum of the spans."""
        return sum(self.amounts, Decimal(0))


@dataclass(frozen=True)
class Month:
    """A month of the calendar: its first day, and what falls due on each of its days that has something."""

    first: dt.date
    days: dict[dt.date, list[Rung]]

    @property
    def total(self) -> Decimal:
        """Return what falls due in the month, in one currency."""
        return sum((one.worth or Decimal(0) for rungs in self.days.values() for one in rungs), Decimal(0))


def peak(rungs: Iterable[Rung]) -> Peak | None:
    """Return the thirty days in a row in which most falls due; the first of several. None where nothing does."""
    days: dict[dt.date, Decimal] = {}
    for one in rungs:
        days[one.matures_on] = days.get(one.matures_on, Decimal(0)) + (one.worth or Decimal(0))
    whole = sum(days.values(), Decimal(0))
    if not whole:
        return None
    window = dt.timedelta(days=WINDOW)
    within = {first: sum(days[day] for day in days if first <= day < first + window) for first in sorted(days)}
    begins = max(within, key=lambda day: within[day])
    amount = Decimal(within[begins])
    return Peak(begins, begins + window - dt.timedelta(days=1), amount, amount / whole)


def by_bank(rungs: Iterable[Rung], as_of: dt.date) -> list[Row]:
    """Return what each bank has on each span, the bank with most first."""
    places = {key: number for number, key in enumerate(SPANS)}
    found: dict[str, list[Decimal]] = {}
    for one in rungs:
        amounts = found.setdefault(one.bank, [Decimal(0)] * len(places))
        amounts[places[bucket_of(one.matures_on, as_of)]] += one.worth or Decimal(0)
    return sorted((Row(bank, amounts) for bank, amounts in found.items()), key=lambda row: (-row.total, row.name))


def by_currency(rungs: Iterable[Rung], as_of: dt.date) -> dict[str, Averages]:
    """Return the mean days to maturity and the mean rate in each currency, weighted by principal."""
    terms: dict[str, list[Term]] = {}
    for one in rungs:
        terms.setdefault(one.currency, []).append(Term(one.principal, one.matures_on, one.rate))
    means = {currency: averages(rows, as_of) for currency, rows in sorted(terms.items())}
    return {currency: mean for currency, mean in means.items() if mean is not None}


def calendar(rungs: Iterable[Rung], as_of: dt.date) -> list[Month]:
    """Return the twelve months from that of ``as_of`` on, empty ones too, with what falls due on their days."""
    firsts = [add_months(as_of.replace(day=1), number) for number in range(MONTHS)]
    months = {first: Month(first, {}) for first in firsts}
    for one in sorted(rungs, key=lambda rung: (rung.matures_on, rung.deposit_id)):
        month = months.get(one.matures_on.replace(day=1))
        if month is not None:
            month.days.setdefault(one.matures_on, []).append(one)
    return list(months.values())
