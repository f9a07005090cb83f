"""What a deposit that the bank told us of is worth on a date. First day in, last day out (算头不算尾); rounded once."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from core.money import rounded
from portfolios.rules.daycount import year_fraction
from portfolios.rules.interest import SETTLEMENT_DAY, SETTLEMENT_MONTHS, by_days

NOTHING = Decimal(0)


class Change(NamedTuple):
    """From a day on a contract lends so much more, or less as negative."""

    day: dt.date
    amount: Decimal


def last_credit(as_of: dt.date) -> dt.date:
    """Return the latest day on or before ``as_of`` on which demand interest was credited.

    Interest is settled on the 20th of the quarter's last month (结息日) and joins the principal on the day after.
    """
    years = (as_of.year - 1, as_of.year)
    credited = [dt.date(year, month, SETTLEMENT_DAY + 1) for year in years for month in SETTLEMENT_MONTHS]
    return max(day for day in credited if day <= as_of)


def accrued(
    *,
    kind: str,
    principal: Decimal,
    rate: Decimal,
    day_count: str,
    currency: str,
    value_date: dt.date,
    matures_on: dt.date | None,
    as_of: dt.date,
    overdue_rate: Decimal = NOTHING,
) -> Decimal:
    """Return the interest earned and not yet paid on ``as_of``, at the currency's minor unit.

    Demand deposits accrue since the last credit, all others since the value date. The days after maturity earn
    ``overdue_rate``, a demand rate (逾期). A deposit that has not begun has earned nothing.
    """
    start = max(value_date, last_credit(as_of)) if kind == "demand" else value_date
    end = min(as_of, matures_on) if matures_on else as_of
    if end <= start:
        return rounded(NOTHING, currency)
    earned = principal * rate * year_fraction(start, end, day_count)
    return rounded(earned + by_days(principal, overdue_rate, end, as_of), currency)


def at_maturity(
    *, principal: Decimal, rate: Decimal, day_count: str, currency: str, value_date: dt.date, matures_on: dt.date | None
) -> Decimal | None:
    """Return principal and interest on the day of maturity, None for deposits without one."""
    if matures_on is None:
        return None
    return rounded(principal + principal * rate * year_fraction(value_date, matures_on, day_count), currency)
