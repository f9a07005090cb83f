"""What a bank offers for money that falls due, and what a rate above its board costs it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.money import rounded
from portfolios.rules.daycount import add_months, year_fraction

POINT = Decimal("0.0001")
"""A basis point."""


@dataclass(frozen=True)
class Listing:
    """A line of the board: from which amount, for how many months, at which rate, and what the treasury pays for it."""

    months: int
    amount_from: Decimal
    rate: Decimal
    transfer_rate: Decimal | None = None


@dataclass(frozen=True)
class Offer:
    """What an amount would earn for a term; ``rate`` is the agreed one where two people agreed on one."""

    months: int
    listed: Decimal
    transfer_rate: Decimal | None
    agreed: Decimal | None
    matures_on: dt.date
    interest: Decimal
    whole: Decimal
    point: Decimal
    """What one basis point makes of the amount over the term."""

    @property
    def rate(self) -> Decimal:
        """Return what the client gets: what was agreed, unless the bank lists more by now."""
        return self.listed if self.agreed is None else max(self.listed, self.agreed)

    @property
    def margin(self) -> Decimal | None:
        """Return what is left to the desk of what the treasury pays, a fraction of a year; None where it is unknown."""
        return None if self.transfer_rate is None else self.transfer_rate - self.rate


def best(listings: Iterable[Listing], amount: Decimal) -> dict[int, Listing]:
    """Return, by months, the tier of the board that an amount reaches: the one that begins highest."""
    reached: dict[int, Listing] = {}
    for one in listings:
        held = reached.get(one.months)
        if one.amount_from <= amount and (held is None or one.amount_from > held.amount_from):
            reached[one.months] = one
    return reached


def offers(
    listings: Iterable[Listing],
    *,
    amount: Decimal,
    currency: str,
    day_count: str,
    begins: dt.date,
    agreed: Mapping[int, Decimal],
) -> list[Offer]:
    """Return what an amount would earn from ``begins`` on for each listed term, the shortest first.

    Each contract ends on the same day of its month as it began, clipped to the month's end (对年对月对日).
    """
    found = []
    for months, one in sorted(best(listings, amount).items()):
        span, deal = Span(amount, currency, day_count, begins, months), agreed.get(months)
        earned = span.at(one.rate if deal is None else max(one.rate, deal))
        whole, point = amount + earned, span.at(POINT)
        found.append(Offer(months, one.rate, one.transfer_rate, deal, span.ends, earned, whole, point))
    return found


@dataclass(frozen=True)
class Span:
    """An amount from a day on for some months, by its day count."""

    amount: Decimal
    currency: str
    day_count: str
    begins: dt.date
    months: int

    @property
    def ends(self) -> dt.date:
        """Return the same day of the month some months later, clipped to the month's end (对年对月对日)."""
        return add_months(self.begins, self.months)

    def at(self, rate: Decimal) -> Decimal:
        """Return what a rate, or a difference of rates, makes of it at the currency's minor unit."""
        return rounded(self.amount * rate * year_fraction(self.begins, self.ends, self.day_count), self.currency)
