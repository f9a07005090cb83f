"""What a deposit insurance scheme covers: per depositor and licensed bank, up to a limit that is given (存款保险)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

MOST_BENEFICIARIES = 5
"""FDIC counts at most five beneficiaries for each owner of a trust account (from 2024-04-01)."""


@dataclass(frozen=True)
class Insured:
    """A balance at a licensed bank, principal and interest where the scheme counts it.

    ``owners`` share it equally. ``eligible`` is False for what no scheme covers, such as wealth products.
    """

    bank: str
    balance: Decimal
    category: str = ""
    owners: int = 1
    eligible: bool = True


@dataclass(frozen=True)
class Cover:
    """What one depositor has back if every bank failed, and what is left as a claim."""

    insured: Decimal
    uninsured: Decimal


def cover(balances: Iterable[Insured], limit: Decimal, *, by_category: bool = False) -> Cover:
    """Return what is covered: each bank's shares of the depositor together, up to ``limit``.

    ``by_category`` counts each ownership category of a bank for itself (FDIC, CDIC).
    """
    rows = list(balances)
    shares: dict[tuple[str, str], Decimal] = {}
    for one in (row for row in rows if row.eligible):
        key = (one.bank, one.category if by_category else "")
        shares[key] = shares.get(key, Decimal(0)) + one.balance / one.owners
    insured = sum((min(limit, share) for share in shares.values()), Decimal(0))
    return Cover(insured, sum((one.balance / one.owners for one in rows), Decimal(0)) - insured)


def trust_limit(limit: Decimal, owners: int, beneficiaries: int) -> Decimal:
    """Return what a trust account is covered for: the limit for each owner and beneficiary, five at most each."""
    return limit * owners * min(MOST_BENEFICIARIES, beneficiaries)


def banks_needed(amount: Decimal, limit: Decimal, *, rate: Decimal = Decimal(0), years: Decimal = Decimal(1)) -> int:
    """Return over how many banks an amount is spread so that principal and simple interest stay within the limit."""
    return int((amount * (1 + rate * years) / limit).to_integral_value(ROUND_CEILING))
