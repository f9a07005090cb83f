"""What it costs to take money out of a deposit before it ends (提前支取), and when notice must be given."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from core.money import rounded
from portfolios.rules.daycount import year_fraction
from portfolios.rules.deposits import at_maturity
from portfolios.rules.interest import Notice, by_days, notice

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Terms:
    """A deposit's terms as they matter here. ``demand_rate`` is listed on the day of the withdrawal.

    ``notice_days`` belongs to call deposits, ``least`` is the smallest sum that earns their rate.
    """

    principal: Decimal
    rate: Decimal
    day_count: str
    currency: str
    value_date: dt.date
    matures_on: dt.date | None
    demand_rate: Decimal
    notice_days: int | None = None
    least: Decimal = NOTHING


@dataclass(frozen=True)
class Quote:
    """What ``amount``, taken out on ``on``, brings with it; all in the deposit's currency.

    ``interest`` is paid, ``earned`` is what the contract's own rate makes of the days, ``kept`` what the same amount
    would bring if it stayed to the end. ``left`` stays under the contract. ``notice_by`` is the last day of notice for
    a call deposit, and ``in_time`` says that it is still ahead; ``why`` says what makes one pay the demand rate:
    ``late``, ``short`` (held for less than the notice) or ``small`` (below the least sum).
    """

    on: dt.date
    amount: Decimal
    interest: Decimal
    earned: Decimal
    kept: Decimal | None
    left: Decimal
    notice_by: dt.date | None = None
    in_time: bool = True
    why: str = ""

    @property
    def cost(self) -> Decimal:
        """Return what the contract's rate had earned by then and is lost."""
        return self.earned - self.interest

    @property
    def paid(self) -> Decimal:
        """Return what comes to the account."""
        return self.amount + self.interest


def quote(terms: Terms, *, amount: Decimal, on: dt.date, as_of: dt.date) -> Quote:
    """Return what taking out ``amount`` on ``on`` brings, as things stand on ``as_of``.

    A time deposit's withdrawn part earns the demand rate of that day for all its days and the rest keeps rate and term.
    A call deposit keeps its rate where notice was given exactly as many days before, from the least sum on.
    """
    earned = rounded(amount * terms.rate * year_fraction(terms.value_date, on, terms.day_count), terms.currency)
    left = terms.principal - amount
    if terms.notice_days is None:
        interest = rounded(by_days(amount, terms.demand_rate, terms.value_date, on), terms.currency)
        return Quote(on, amount, interest, earned, _kept(terms, amount), left)
    by = on - dt.timedelta(days=terms.notice_days)
    in_time = as_of <= by
    called = Notice(terms.notice_days, terms.rate, terms.demand_rate, terms.least)
    given = by if in_time else None
    interest = notice(
        called, start=terms.value_date, given=given, on=on, amount=amount, agreed=amount, currency=terms.currency
    )
    return Quote(on, amount, interest, earned, None, left, by, in_time, _why(terms, amount, on, in_time=in_time))


def _why(terms: Terms, amount: Decimal, on: dt.date, *, in_time: bool) -> str:
    """Return what keeps a call deposit from its own rate, empty where nothing does."""
    if not in_time:
        return "late"
    if (on - terms.value_date).days < (terms.notice_days or 0):
        return "short"
    return "small" if amount < terms.least else ""


def _kept(terms: Terms, amount: Decimal) -> Decimal | None:
    whole = at_maturity(
        principal=amount,
        rate=terms.rate,
        day_count=terms.day_count,
        currency=terms.currency,
        value_date=terms.value_date,
        matures_on=terms.matures_on,
    )
    return None if whole is None else whole - amount
