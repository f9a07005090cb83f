"""What falls due and what comes of it: on which day money is paid, until when the client may say, the next contract.

Nothing here depends on the day on which it is asked: a run that comes late finds the same days and the same contract.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from core.calendars import Calendar
from core.money import rounded
from portfolios.rules.daycount import add_months
from portfolios.rules.interest import by_days


@dataclass(frozen=True)
class Due:
    """The days of one maturity. A maturity on a holiday is paid on the next business day (顺延).

    ``closed_by`` names the holiday that ``matures_on`` is; ``certain`` says that the calendar of these days is final.
    """

    matures_on: dt.date
    pays_on: dt.date
    instruct_by: dt.date
    closed_by: str
    certain: bool

    @property
    def moved(self) -> bool:
        """Say whether the money comes later than the contract ends."""
        return self.pays_on != self.matures_on


def due(matures_on: dt.date, calendar: Calendar, *, cut_off_days: int) -> Due:
    """Return the days of a maturity in a bank's market: the client's word must be known ``cut_off_days`` before."""
    pays_on = calendar.on_or_after(matures_on)
    instruct_by = calendar.before(matures_on, cut_off_days)
    certain = calendar.certain(instruct_by, matures_on, pays_on)
    return Due(matures_on, pays_on, instruct_by, calendar.why(matures_on), certain)


@dataclass(frozen=True)
class Following:
    """What a maturity leads to: ``paid`` on the account on ``paid_on``, and the next contract, if there is one."""

    paid: Decimal
    paid_on: dt.date
    principal: Decimal | None = None
    value_date: dt.date | None = None
    matures_on: dt.date | None = None


def following(
    instruction: str,
    *,
    principal: Decimal,
    interest: Decimal,
    value_date: dt.date,
    term_months: int | None,
    days: Due,
    currency: str,
    demand_rate: Decimal = Decimal(0),
    part: Decimal | None = None,
    renew_months: int | None = None,
) -> Following | None:
    """Return what an instruction makes of a maturity (转存): ``none``, ``principal``, ``all``, or ``part`` of it.

    The next contract begins on the day the old one ends, holiday or not, and ends on the same day of its month as the
    first one began, clipped to the month's end (对年对月对日): a deposit of 31 January for a month is renewed from
    28 February to 31 March. What is paid comes on a business day; until then a principal that is paid out earns
    ``demand_rate`` (逾期). ``renew_months`` is another term, which counts from the day on which the old one ends. None
    where it should be renewed and no term is known.
    """
    if instruction == "none":
        waited = rounded(by_days(principal, demand_rate, days.matures_on, days.pays_on), currency)
        return Following(principal + interest + waited, days.pays_on)
    if term_months is None and renew_months is None:
        return None
    kept = {"all": principal + interest, "principal": principal}.get(instruction, part or principal)
    ends = _ends(value_date, term_months, renew_months, days.matures_on)
    return Following(principal + interest - kept, days.pays_on, kept, days.matures_on, ends)


def _ends(value_date: dt.date, term_months: int | None, renew_months: int | None, begins: dt.date) -> dt.date:
    """Return when the next contract ends: another term counts from its own beginning, the same from the first one's."""
    if renew_months is not None and renew_months != term_months:
        return add_months(begins, renew_months)
    assert term_months is not None  # noqa: S101  (one of the two is known)
    regular = add_months(value_date, term_months) == begins
    return add_months(value_date, 2 * term_months) if regular else add_months(begins, term_months)
