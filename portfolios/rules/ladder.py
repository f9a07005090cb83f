"""How soon deposits fall due, on average (期限阶梯)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


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
