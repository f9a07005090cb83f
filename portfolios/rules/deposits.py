"""Interest of the five kinds of deposit. First day in, last day out (算头不算尾); rounded once, when posted."""

import datetime as dt
from decimal import Decimal

from core.money import rounded
from portfolios.rules.daycount import year_fraction

SETTLEMENT_MONTHS, CREDIT_DAY = (3, 6, 9, 12), 21


def last_credit(as_of: dt.date) -> dt.date:
    """Return the latest day on or before ``as_of`` on which demand interest was credited.

    Interest is settled on the 20th of the quarter's last month and joins the principal on the 21st (domain rule of
    demand deposits, 结息日).
    """
    return next_settlement(add_months(as_of, -3) - dt.timedelta(days=SETTLED)) + CREDITED


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
) -> Decimal:
    """Return the interest earned and not yet paid on ``as_of``, at the currency's minor unit.

    Demand deposits accrue since the last credit, all others since the value date and not beyond maturity. A deposit
    that has not begun has earned nothing.
    """
    start = max(value_date, last_credit(as_of)) if kind == "demand" else value_date
    end = min(as_of, matures_on) if matures_on else as_of
    if end <= start:
        return rounded(Decimal(0), currency)
    return rounded(principal * rate * year_fraction(start, end, day_count), currency)


def at_maturity(
    *, principal: Decimal, rate: Decimal, day_count: str, currency: str, value_date: dt.date, matures_on: dt.date | None
) -> Decimal | None:
    """Return principal and interest on the day of maturity, None for deposits without one."""
    if matures_on is None:
        return None
    return rounded(principal + principal * rate * year_fraction(value_date, matures_on, day_count), currency)
