"""What deposits of the five kinds pay, by the rules of the People's Bank of China. Rounded half up, once per posting.

``rate`` is a year's, as a fraction; CNY deposits count 360 days to a year (domain rules of deposits).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import rounded
from portfolios.rules.daycount import add_months, whole_months

YEAR = 360
MONTHS = 12
SETTLEMENT_MONTHS, SETTLEMENT_DAY = (3, 6, 9, 12), 20
SHARE = Decimal("0.6")
"""定活两便: the part of the listed time rate that a deposit without a fixed term earns."""


def next_settlement(day: dt.date) -> dt.date:
    """Return the first day on or after ``day`` on which demand interest is settled, a quarter's 20th (结息日)."""
    return min(
        settled
        for year in (day.year, day.year + 1)
        for month in SETTLEMENT_MONTHS
        if (settled := dt.date(year, month, SETTLEMENT_DAY)) >= day
    )


def accumulated(balances: Sequence[tuple[dt.date, Decimal]], last_day: dt.date) -> Decimal:
    """Return the sum of the end-of-day balances (积数) from the first change to ``last_day``, which counts."""
    ends = [day for day, _balance in balances[1:]] + [last_day + dt.timedelta(days=1)]
    return sum((balance * (end - day).days for (day, balance), end in zip(balances, ends, strict=True)), Decimal(0))


def demand(balances: Sequence[tuple[dt.date, Decimal]], last_day: dt.date, rate: Decimal, currency: str) -> Decimal:
    """Return a demand deposit's interest to ``last_day`` by accumulated balances (积数计息法)."""
    return rounded(accumulated(balances, last_day) * rate / YEAR, currency)


def by_months(principal: Decimal, rate: Decimal, months: int) -> Decimal:
    """Return the interest of whole months, unrounded (逐笔计息法, first formula)."""
    return principal * rate * months / MONTHS


def by_days(principal: Decimal, rate: Decimal, start: dt.date, end: dt.date, basis: int = YEAR) -> Decimal:
    """Return the interest of the actual days, unrounded (逐笔计息法, third formula)."""
    return principal * rate * (end - start).days / basis


def months_and_days(principal: Decimal, rate: Decimal, start: dt.date, end: dt.date) -> Decimal:
    """Return the interest of whole months and then odd days, unrounded (逐笔计息法, second formula)."""
    months = whole_months(start, end)
    return by_months(principal, rate, months) + by_days(principal, rate, add_months(start, months), end)


def time_withdrawn(
    *,
    principal: Decimal,
    rate: Decimal,
    demand_rate: Decimal,
    start: dt.date,
    term_months: int,
    on: dt.date,
    currency: str,
) -> Decimal:
    """Return the interest of what is taken out of a time deposit on a day.

    Before maturity it earns the demand rate of that day for the whole time (提前支取); the days after maturity earn it
    too (逾期), unless the contract renews itself.
    """
    end = add_months(start, term_months)
    if on < end:
        return rounded(by_days(principal, demand_rate, start, on), currency)
    overdue = by_days(principal, demand_rate, end, on)
    return rounded(by_months(principal, rate, term_months) + overdue, currency)


def renewed(
    *, principal: Decimal, rates: Sequence[Decimal], term_months: int, start: dt.date, currency: str
) -> tuple[Decimal, dt.date]:
    """Return balance and maturity after terms that each add their interest to the principal (本息转存).

    Each term has the rate listed on its first day; maturities count from the first day of all.
    """
    for rate in rates:
        principal += rounded(by_months(principal, rate, term_months), currency)
    return principal, add_months(start, term_months * len(rates))


@dataclass(frozen=True)
class Notice:
    """The terms of a call deposit: how long before a withdrawal it must be announced, and the least that is taken."""

    days: int
    rate: Decimal
    demand_rate: Decimal
    least: Decimal


def notice(
    terms: Notice,
    *,
    start: dt.date,
    given: dt.date | None,
    on: dt.date,
    amount: Decimal,
    agreed: Decimal,
    currency: str,
) -> Decimal:
    """Return the interest of what is taken out of a call deposit on a day (通知存款).

    The demand rate applies where no notice was given, the deposit was shorter than the notice, the day is not the
    agreed one or the amount is below the least; and to what exceeds the agreed amount.
    """
    announced = given is not None and (on - given).days == terms.days
    kept = announced and (on - start).days >= terms.days and amount >= terms.least
    called = min(amount, agreed) if kept else Decimal(0)
    whole = by_days(called, terms.rate, start, on) + by_days(amount - called, terms.demand_rate, start, on)
    return rounded(whole, currency)


def optional_term(
    *, principal: Decimal, listed: Mapping[str, Decimal], start: dt.date, on: dt.date, currency: str, basis: int = YEAR
) -> Decimal:
    """Return the interest of a deposit without fixed term (定活两便): 60 % of the listed rate of the term it reached.

    ``listed`` has ``demand``, ``3m``, ``6m`` and ``1y``; the demand rate is the least.
    """
    reached = [name for months, name in ((3, "3m"), (6, "6m"), (12, "1y")) if add_months(start, months) <= on]
    rate = max(listed["demand"], SHARE * listed[reached[-1]]) if reached else listed["demand"]
    return rounded(by_days(principal, rate, start, on, basis), currency)


def range_accrual(
    *,
    principal: Decimal,
    low: Decimal,
    high: Decimal,
    days_in_range: int,
    days_observed: int,
    days: int,
    currency: str,
    basis: int = 365,
) -> Decimal:
    """Return what a structured deposit pays whose rate rises from ``low`` to ``high`` with the days in range."""
    rate = low + (high - low) * days_in_range / days_observed
    return rounded(principal * rate * days / basis, currency)


def buyer_yield(*, price: Decimal, maturity_value: Decimal, days: int, basis: int = 365) -> Decimal:
    """Return the simple yearly yield to who takes over a large-denomination CD (大额存单转让)."""
    return (maturity_value / price - 1) * basis / days
