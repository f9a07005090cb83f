"""What a position is worth: quantity by price by contract size, a bond with the interest since its last coupon.

A future is settled by its gain: it is worth what it would bring now, less what it was entered at (``cost``).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.money import rounded
from portfolios.rules import bonds
from portfolios.rules.bonds import FACE, Bond

FUTURE = "future"
NOTHING, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True)
class Terms:
    """What an instrument's worth depends on besides its price.

    ``multiplier`` is how many units a price is for (合约乘数): 0.01 where bonds are priced for a hundred. A bond with a
    ``coupon``, a year's rate, pays it ``frequency`` times a year until ``matures_on``; its price is without the
    interest since the last one (净价).
    """

    asset_class: str = ""
    multiplier: Decimal = ONE
    coupon: Decimal | None = None
    frequency: int | None = None
    matures_on: dt.date | None = None

    @property
    def plain(self) -> bool:
        """Say whether quantity by price is all there is to it."""
        return self.multiplier == ONE and self.coupon is None

    @property
    def settled(self) -> bool:
        """Say whether it is worth its gain alone."""
        return self.asset_class == FUTURE

    def accrued(self, on: dt.date) -> Decimal:
        """Return the interest since the last coupon on 100 of face, unrounded (ACT/ACT ICMA); nothing at the end."""
        if self.coupon is None or self.frequency is None or self.matures_on is None or on >= self.matures_on:
            return NOTHING
        period = bonds.coupon_days(Bond(self.matures_on, 0.0, self.frequency), on)
        return bonds.accrued(Decimal(FACE), self.coupon, self.frequency, (period.previous, period.next), on)

    def unit(self, price: Decimal, on: dt.date) -> Decimal:
        """Return what one unit of the quantity is worth on a day at a price."""
        return price if self.plain else (price + self.accrued(on)) * self.multiplier

    def worth(self, quantity: Decimal, price: Decimal, cost: Decimal, on: dt.date, currency: str) -> Decimal:
        """Return what a position is worth on a day, at the currency's minor unit."""
        whole = rounded(quantity * self.unit(price, on), currency)
        return whole - rounded(cost, currency) if self.settled else whole


@dataclass(frozen=True)
class Action:
    """From a day on there are ``factor`` units for each one of before (拆股、送股、并股)."""

    day: dt.date
    factor: Decimal


def became(quantity: Decimal, actions: Iterable[Action], after: dt.date, until: dt.date) -> Decimal:
    """Return what a quantity of the end of ``after`` has become by the end of ``until``, nothing bought or sold."""
    for one in actions:
        if after < one.day <= until:
            quantity *= one.factor
    return quantity


def bought(before: tuple[dt.date, Decimal] | None, now: tuple[dt.date, Decimal], actions: Sequence[Action]) -> Decimal:
    """Return by how much a position grew by being bought: what corporate actions made of it is left out."""
    day, quantity = now
    return quantity if before is None else quantity - became(before[1], actions, before[0], day)


def paid(terms: Terms, *, grew: Decimal, unit: Decimal, cost: Decimal, closing: bool) -> Decimal:
    """Return what went into a position that ``grew`` on a day on which one unit was worth ``unit``.

    Entering a future costs nothing; what it brought leaves it when it is closed: ``cost`` is by how much the sum at
    which it was entered changed.
    """
    if terms.settled:
        return grew * unit - cost if closing else NOTHING
    return grew * unit
