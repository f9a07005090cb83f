"""Money: a decimal amount in a currency, rounded half up at the currency's minor unit once per posting."""

import functools
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MINOR_UNITS = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3, "OMR": 3}
"""ISO 4217 minor units that differ from two."""


@functools.cache
def quantum(currency: str) -> Decimal:
    """Return the smallest amount of ``currency``: 0.01 for CNY, 1 for JPY (ISO 4217)."""
    return Decimal(1).scaleb(-MINOR_UNITS.get(currency, 2))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return ``amount`` at the minor unit of ``currency``, half up."""
    return amount.quantize(quantum(currency), ROUND_HALF_UP)


@dataclass(frozen=True, order=False)
class Money:
    """An amount with its currency. Sums refuse to mix currencies."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add")
        return Money(self.amount + other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def rounded(self) -> "Money":
        """Return the same money at the currency's minor unit."""
        return Money(rounded(self.amount, self.currency), self.currency)
