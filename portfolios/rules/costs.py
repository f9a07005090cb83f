"""What holding costs, and what was paid for it."""

from collections.abc import Iterable
from decimal import Decimal

from core.money import rounded


def fee(value: Decimal, rate: Decimal, days: int, basis: int, currency: str) -> Decimal:
    """Return a fee for some days at a yearly rate of a value."""
    return rounded(value * rate * days / basis, currency)


def average_cost(buys: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """Return the mean price of units bought, each a quantity and a price (移动加权平均成本)."""
    rows = list(buys)
    return sum((units * paid for units, paid in rows), Decimal(0)) / sum((units for units, _paid in rows), Decimal(0))
