"""Amounts are rounded once, half up, at the currency's minor unit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money, quantum, rounded

AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, places=6)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.005", "CNY", "0.01"),
        ("0.0049999", "CNY", "0.00"),
        ("2.675", "USD", "2.68"),
        ("-2.675", "USD", "-2.68"),
        ("1.5", "JPY", "2"),
        ("0.0005", "KWD", "0.001"),
        ("1", "HKD", "1.00"),
    ],
)
def test_half_goes_up(amount: str, currency: str, expected: str) -> None:
    result = rounded(Decimal(amount), currency)
    assert (result, str(result)) == (Decimal(expected), expected)


@given(AMOUNTS)
def test_rounding_moves_by_at_most_half_a_unit_and_twice_changes_nothing(amount: Decimal) -> None:
    once = rounded(amount, "EUR")
    assert abs(once - amount) <= quantum("EUR") / 2
    assert rounded(once, "EUR") == once


def test_sums_refuse_to_mix_currencies() -> None:
    with pytest.raises(ValueError, match="do not add"):
        Money(Decimal(1), "CNY") + Money(Decimal(1), "USD")


def test_sums_keep_their_currency() -> None:
    assert Money(Decimal("1.10"), "CNY") + -Money(Decimal("0.10"), "CNY") == Money(Decimal("1.00"), "CNY")


def test_money_rounds_at_its_own_currency() -> None:
    assert Money(Decimal("1.5"), "JPY").rounded() == Money(Decimal(2), "JPY")
