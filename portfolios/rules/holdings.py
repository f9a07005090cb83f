"""What a position is worth: quantity by price by contract size, a bond with the interest since its last coupon.

A future is settled by its gain: it is worth what it would bring now, less what it was entered at (``cost``).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core.money import rounded
from portfolios.rules import bonds
from portfolios.rules.bonds import FACE, Bond

FUTURE = "future"
NOTHING, ONE, LEAST = Decimal(0), Decimal(1), Decimal("0.0000000001")


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
    """From a day on there are ``factor`` units for each one of before (拆股、送股、并股); none after a merger."""

    day: dt.date
    factor: Decimal


@dataclass(frozen=True)
class Grant:
    """On a day each unit of the instrument ``source`` brought ``factor`` units of another (分立、换股)."""

    day: dt.date
    source: int
    factor: Decimal


def became(quantity: Decimal, actions: Iterable[Action], after: dt.date, until: dt.date) -> Decimal:
    """Return what a quantity of the end of ``after`` has become by the end of ``until``, nothing bought or sold."""
    for one in actions:
        if after < one.day <= until:
            quantity *= one.factor
    return quantity


def carried(quantity: Decimal, actions: Iterable[Action], after: dt.date, until: dt.date) -> Decimal:
    """Return a quantity that the bank told on ``after`` as it is on ``until``, after splits that it has not told yet.

    What was merged into another instrument stays until the bank tells what came of it.
    """
    made = became(quantity, (one for one in actions if one.factor), after, until)
    return quantity if made == quantity else made.quantize(LEAST, ROUND_HALF_UP)


def quoted(price: Decimal, actions: Iterable[Action], on: dt.date, until: dt.date) -> Decimal:
    """Return a price of the day ``on`` as it is for a unit of the day ``until``, after splits between them."""
    factor = became(ONE, (one for one in actions if one.factor), on, until)
    return price / factor


def bought(before: tuple[dt.date, Decimal] | None, now: tuple[dt.date, Decimal], actions: Sequence[Action]) -> Decimal:
    """Return by how much a position grew by being bought: what corporate actions made of it is left out."""
    day, quantity = now
    return quantity if before is None else quantity - became(before[1], actions, before[0], day)


@dataclass(frozen=True)
class Position:
    """How much of an instrument an account held from a day on, by the bank's reference."""

    reference: str
    account: int
    instrument: int
    day: dt.date
    quantity: Decimal


def got(
    now: Position, held: Iterable[Position], grants: Iterable[Grant], units: Mapping[int, Sequence[Action]]
) -> dict[str, Decimal]:
    """Return how many units of its instrument a position got on its day, by the positions that they came of.

    ``held`` are positions of the same client. Of two positions of one account and instrument the first gets them.
    """
    found: dict[str, Decimal] = {}
    own = [one for one in held if one.account == now.account]
    twins = {one.reference for one in own if (one.instrument, one.day) == (now.instrument, now.day)}
    for grant in grants if now.reference == min(twins, default=now.reference) else ():
        if grant.day != now.day:
            continue
        last = {
            one.reference: one
            for one in sorted(own, key=lambda one: one.day)
            if one.instrument == grant.source and one.day < now.day
        }
        for reference, one in last.items():
            before = became(one.quantity, units.get(one.instrument, ()), one.day, now.day - dt.timedelta(days=1))
            found[reference] = found.get(reference, NOTHING) + before * grant.factor
    return found


def paid(terms: Terms, *, grew: Decimal, unit: Decimal, cost: Decimal, closing: bool) -> Decimal:
    """Return what went into a position that ``grew`` on a day on which one unit was worth ``unit``.

    Entering a future costs nothing; what it brought leaves it when it is closed or settled: ``cost`` is by how much the
    sum at which it was entered changed.
    """
    if terms.settled:
        return grew * unit - cost if closing and cost else NOTHING
    return grew * unit
