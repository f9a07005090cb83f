"""The sums of a book are the sums of its lines, and what is missing is said."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portfolios.rules.book import Book, CashLine, Converter, DepositLine, assemble, bucket_of, ladder, slices

DAY = dt.date(2026, 3, 31)
CASH = CashLine(1, "A1", "•••• 0001", "Bank", "CNY", Decimal(100), Decimal(100))
DEPOSIT = DepositLine(
    deposit_id=1,
    reference="D1",
    kind="time",
    institution="Bank",
    currency="CNY",
    principal=Decimal(1000),
    rate=Decimal("0.02"),
    day_count="ACT/360",
    value_date=DAY,
    matures_on=DAY + dt.timedelta(days=10),
    accrued=Decimal(5),
    value=Decimal(1005),
    base_value=Decimal(1005),
    instruction="none",
)


def book(*deposits: DepositLine, cash: list[CashLine] | None = None, missing: set[str] | None = None) -> Book:
    """Assemble a book of these lines."""
    return assemble(
        client_id=1,
        as_of=DAY,
        known_at=dt.datetime(2026, 3, 31, tzinfo=dt.UTC),
        currency="CNY",
        deposits=list(deposits),
        holdings=[],
        cash=cash or [],
        missing=missing or set(),
    )


@given(some.lists(some.tuples(some.sampled_from("abc"), some.decimals(0, 10**9, places=2)), min_size=1))
def test_slices_sum_to_the_whole(parts: list[tuple[str, Decimal]]) -> None:
    total = sum((value for _key, value in parts), Decimal(0))
    found = slices(parts, total)
    assert sum((one.amount for one in found), Decimal(0)) == total
    assert [one.amount for one in found] == sorted((one.amount for one in found), reverse=True)
    assert abs(sum((one.weight for one in found), Decimal(0)) - (1 if total else 0)) < Decimal("1e-20")


def test_every_spread_of_a_book_sums_to_its_total() -> None:
    found = book(DEPOSIT, replace(DEPOSIT, kind="structured", currency="USD"), cash=[CASH])
    for spread in (found.by_class, found.by_currency, found.by_institution):
        assert sum(one.amount for one in spread) == found.total == Decimal(2110)
    assert {one.key for one in found.by_class} == {"deposit", "structured", "cash"}


def test_a_line_without_a_rate_is_in_no_sum_and_is_named() -> None:
    found = book(DEPOSIT, replace(DEPOSIT, base_value=None), missing={"USD/CNY"})
    assert (found.total, found.missing) == (Decimal(1005), ["USD/CNY"])


def test_an_amount_converts_at_the_minor_unit_of_its_new_currency() -> None:
    convert = Converter("JPY", {"CNY": Decimal("21.4567")})
    assert convert(Decimal("10.00"), "CNY") == Decimal(215)


def test_a_missing_rate_is_remembered_and_not_guessed() -> None:
    convert = Converter("CNY", {})
    assert convert(Decimal(1), "USD") is None
    assert convert.missing == {"USD/CNY"}


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0, "d30"),
        (30, "d30"),
        (31, "d90"),
        (90, "d90"),
        (91, "d180"),
        (181, "y1"),
        (366, "y3"),
        (1095, "y3"),
        (1096, "over"),
    ],
)
def test_a_maturity_falls_into_its_span(days: int, bucket: str) -> None:
    assert bucket_of(DAY + dt.timedelta(days=days), DAY) == bucket


def test_the_ladder_has_every_span_and_leaves_out_what_has_matured() -> None:
    late = replace(DEPOSIT, matures_on=DAY - dt.timedelta(days=1))
    steps = ladder(book(DEPOSIT, DEPOSIT, late, replace(DEPOSIT, matures_on=None)), DAY)
    assert [(one.label_key, one.amount, one.count) for one in steps] == [
        ("d30", Decimal(2010), 2),
        ("d90", Decimal(0), 0),
        ("d180", Decimal(0), 0),
        ("y1", Decimal(0), 0),
        ("y3", Decimal(0), 0),
        ("over", Decimal(0), 0),
    ]
