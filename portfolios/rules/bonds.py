"""Bonds by the street convention: a price is for 100 of face, a last single period uses simple interest.

Coupon days count back from maturity; the first day after a coupon counts, the settlement does not. Yields and
sensitivities are ratios: floats.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import isclose

from portfolios.rules.daycount import add_months, days, year_fraction

THIRTY, ACTUAL = "30/360 US", "ACT/ACT"
FACE, YEAR, MONTHS = 100, 360, 12
HIGHEST_YIELD = 10.0


@dataclass(frozen=True)
class Bond:
    """A bond with a fixed coupon. ``convention`` is ``30/360 US`` or ``ACT/ACT``."""

    matures_on: dt.date
    coupon: float
    frequency: int
    convention: str = ACTUAL


@dataclass(frozen=True)
class CouponDays:
    """The coupon period around a settlement: its ends, its days before and after it, and the coupons still to come."""

    previous: dt.date
    next: dt.date
    elapsed: int
    period: int
    left: int
    coupons: int


def coupon_days(bond: Bond, settle: dt.date) -> CouponDays:
    """Return the coupon period that ``settle`` lies in; a coupon day begins the next one."""
    step = MONTHS // bond.frequency
    coupons = 1
    while (previous := add_months(bond.matures_on, -step * coupons)) > settle:
        coupons += 1
    following = add_months(bond.matures_on, -step * (coupons - 1))
    elapsed = days(previous, settle, bond.convention)
    period = YEAR // bond.frequency if bond.convention == THIRTY else (following - previous).days
    return CouponDays(previous, following, elapsed, period, period - elapsed, coupons)


def price(bond: Bond, settle: dt.date, rate: float) -> float:
    """Return the clean price at a yearly yield ``rate``."""
    part = coupon_days(bond, settle)
    earned = FACE * bond.coupon / bond.frequency * part.elapsed / part.period
    if part.coupons == 1:
        pays = FACE * (1 + bond.coupon / bond.frequency)
        return pays / (1 + part.left / part.period * rate / bond.frequency) - earned
    return sum(value for _time, value in _present(bond, settle, rate)) - earned


def bond_yield(bond: Bond, settle: dt.date, clean: float) -> float:
    """Return the yearly yield at which the clean price is ``clean``; prices fall as yields rise.

    Raises:
        ValueError: no yield between -99 % and 1,000 % has that price.
    """
    low, high = -0.99, HIGHEST_YIELD
    if not price(bond, settle, high) <= clean <= price(bond, settle, low):
        raise ValueError(clean)
    while not isclose(low, high, rel_tol=0, abs_tol=1e-12):
        middle = (low + high) / 2
        low, high = (middle, high) if price(bond, settle, middle) > clean else (low, middle)
    return (low + high) / 2


def macaulay(bond: Bond, settle: dt.date, rate: float) -> float:
    """Return the mean time in years until the bond pays, weighted by present values."""
    flows = list(_present(bond, settle, rate))
    return sum(time * value for time, value in flows) / sum(value for _time, value in flows) / bond.frequency


def modified(bond: Bond, settle: dt.date, rate: float) -> float:
    """Return by how much of itself the price falls when the yield rises by one (修正久期)."""
    return macaulay(bond, settle, rate) / (1 + rate / bond.frequency)


def convexity(bond: Bond, settle: dt.date, rate: float) -> float:
    """Return the second derivative of the price by the yield, over the price (凸性)."""
    flows = list(_present(bond, settle, rate))
    bent = sum(time * (time + 1) * value for time, value in flows) / sum(value for _time, value in flows)
    return bent / bond.frequency**2 / (1 + rate / bond.frequency) ** 2


def price_change(duration: float, bend: float, shift: float) -> float:
    """Return the part of its price that a bond gains when yields shift: -D dy + C dy² / 2."""
    return -duration * shift + bend * shift**2 / 2


def weighted_duration(positions: Iterable[tuple[float, float]]) -> float:
    """Return the duration of positions, each a value and its duration."""
    rows = list(positions)
    return sum(value * duration for value, duration in rows) / sum(value for value, _duration in rows)


def accrued(
    face: Decimal, coupon: Decimal, frequency: int, period: tuple[dt.date, dt.date], settle: dt.date
) -> Decimal:
    """Return the interest since the last coupon, unrounded: the part of this period's coupon (ACT/ACT ICMA)."""
    part = year_fraction(period[0], settle, "ACT/ACT ICMA", periods=[period], frequency=frequency)
    return face * coupon * part


def _present(bond: Bond, settle: dt.date, rate: float) -> Iterable[tuple[float, float]]:
    """Yield the coupons and the face: the time in coupon periods, the present value."""
    part = coupon_days(bond, settle)
    first = part.left / part.period
    for number in range(part.coupons):
        pays = FACE * bond.coupon / bond.frequency + (FACE if number == part.coupons - 1 else 0)
        yield first + number, pays / (1 + rate / bond.frequency) ** (first + number)
