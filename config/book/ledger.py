"""A cash account as it moves: never below zero, each movement with the balance after it, interest by days."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from core.money import rounded
from portfolios.feeds.rows import TransactionRow

DEMAND_YEAR = 360


class OverdrawnError(Exception):
    """A history would take an account below zero: the generator is wrong."""


@dataclass(slots=True)
class Ledger:
    """One cash account. ``carry`` sums balances times days since the last interest (积数计息法)."""

    account: str
    currency: str
    opened_on: dt.date
    balance: Decimal = Decimal(0)
    carry: Decimal = Decimal(0)
    moved_on: dt.date = dt.date.min
    rows: list[TransactionRow] = field(default_factory=list)

    def post(
        self, day: dt.date, kind: str, amount: Decimal, text: str, counterparty: str = "", *, instrument: str = ""
    ) -> None:
        """Move the account on ``day``.

        Raises:
            OverdrawnError: the balance would fall below zero, or the day lies before the last movement.
        """
        amount = rounded(amount, self.currency)
        if self.balance + amount < 0 or day < self.moved_on:
            raise OverdrawnError(f"{self.account} {day} {amount}")
        self._carry_to(day)
        self.balance += amount
        reference = f"T{self.account[1:]}-{len(self.rows) + 1:04d}"
        self.rows.append(
            TransactionRow(
                *(reference, self.account, day, kind, amount, self.currency, self.balance, counterparty, text),
                instrument=instrument,
            )
        )

    def _carry_to(self, day: dt.date) -> None:
        if self.rows:
            self.carry += self.balance * (day - self.moved_on).days
        self.moved_on = day

    def interest(self, day: dt.date, rate: Decimal) -> Decimal:
        """Return what the account earned until ``day`` at a yearly rate, and begin to count anew."""
        self._carry_to(day)
        earned, self.carry = rounded(self.carry * rate / DEMAND_YEAR, self.currency), Decimal(0)
        return earned


def whole(amount: Decimal, step: int) -> Decimal:
    """Return the largest multiple of ``step`` within ``amount``."""
    return (amount / step).to_integral_value(ROUND_DOWN) * step


def units(amount: Decimal, price: Decimal, step: str) -> Decimal:
    """Return how many units of ``step`` an amount buys."""
    size = Decimal(step)
    return (amount / price / size).to_integral_value(ROUND_DOWN) * size
