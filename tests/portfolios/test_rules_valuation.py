"""Sums over ten thousand random books hold to the last cent, and floats round as decimals do."""

import datetime as dt
from decimal import Decimal
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from core.money import rounded
from portfolios.rules.book import Book, CashLine, Converter, DepositLine, HoldingLine, assemble
from portfolios.rules.deposits import accrued
from portfolios.rules.performance import Events, Exchange, Moved, Start, chain
from portfolios.rules.returns import linked, modified_dietz
from portfolios.rules.valuation import settle, valuation_days
from reports import statements

DAY = dt.date(2026, 3, 31)
KNOWN = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
CURRENCIES = ("CNY", "USD", "JPY", "KWD")
COUNTS = ("ACT/360", "ACT/365F", "30/360")
PARTIES = statements.Parties(statements.Person("Bank", "desk@bank.example"), "C1", "Li Wen", None, None)


def random_book(seed: int) -> Book:
    """Draw a book with lines of every kind in four currencies."""
    rng = Random(seed)
    convert = Converter(rng.choice(CURRENCIES), {one: Decimal(rng.randrange(1, 10**9)) / 10**6 for one in CURRENCIES})

    def amount(currency: str) -> Decimal:
        return rounded(Decimal(rng.randrange(1, 10**12)) / 1000, currency)

    deposits, holdings, cash = [], [], []
    for number in range(rng.randrange(6)):
        currency = rng.choice(CURRENCIES)
        principal, earned = amount(currency), rounded(amount(currency) / 100, currency)
        value = principal + earned
        deposits.append(
            DepositLine(
                deposit_id=number,
                reference=f"D{number}",
                kind=rng.choice(["time", "structured"]),
                institution=rng.choice("ABC"),
                currency=currency,
                principal=principal,
                rate=Decimal("0.02"),
                day_count="ACT/360",
                value_date=DAY,
                matures_on=DAY,
                accrued=earned,
                value=value,
                base_value=convert(value, currency),
                instruction="none",
            )
        )
    for number in range(rng.randrange(6)):
        currency = rng.choice(CURRENCIES)
        value = amount(currency)
        holdings.append(
            HoldingLine(
                reference=f"P{number}",
                name="X",
                name_zh="",
                asset_class=rng.choice(["bond", "fund"]),
                currency=currency,
                quantity=Decimal(1),
                cost=value,
                price=value,
                price_date=DAY,
                stale=False,
                value=value,
                base_value=convert(value, currency),
                gain=Decimal(0),
                risk_level=3,
                institution=rng.choice("ABC"),
            )
        )
    for number in range(rng.randrange(4)):
        currency = rng.choice(CURRENCIES)
        balance = amount(currency)
        cash.append(
            CashLine(number, f"A{number}", "•••• 1", rng.choice("ABC"), currency, balance, convert(balance, currency))
        )
    return assemble(
        client_id=1, as_of=DAY, known_at=KNOWN, currency=convert.into, deposits=deposits, holdings=holdings, cash=cash,
        missing=set(),
    )  # fmt: skip


def test_the_parts_of_ten_thousand_books_make_the_whole_to_the_last_cent() -> None:
    for seed in range(10_000):
        book = random_book(seed)
        for spread in (book.by_class, book.by_currency, book.by_institution):
            assert sum((one.amount for one in spread), Decimal(0)) == book.total, seed
        if seed % 10 == 0:
            frozen = statements.freeze(
                parties=PARTIES, start=DAY, book=book, movements=[], ladder=[], ahead=90, language="en", in_words="",
                ledger=None,
            )  # fmt: skip
            totals = {name: Decimal(said) for name, said in frozen["totals"].items()}
            assert totals.pop("total") == sum(totals.values()) == book.total, seed
            assert frozen["notes"] == [], seed


@given(some.lists(some.tuples(some.integers(-(10**10), 10**10), some.integers(1, 10**6)), min_size=1))
def test_floats_round_as_decimals_do(pairs: list[tuple[int, int]]) -> None:
    quantities = [Decimal(quantity) / 1000 for quantity, _price in pairs]
    prices = [Decimal(price) / 10_000 for _quantity, price in pairs]
    products = [quantity * price * 100 for quantity, price in zip(quantities, prices, strict=True)]
    floats = np.array([float(quantity) * 100 for quantity in quantities]) * np.array([float(price) for price in prices])
    found = settle(floats, products.__getitem__)
    assert [int(one) for one in found] == [int(one.quantize(Decimal(1), "ROUND_HALF_UP")) for one in products]


def test_a_product_that_floats_put_on_the_wrong_side_is_settled_by_decimals() -> None:
    quantity, price = Decimal("1.14"), Decimal("0.25")  # 0.285, which floats make 0.28499999…
    product = np.array([float(quantity) * float(price) * 100])
    assert np.floor(product + 0.5) == 28
    assert settle(product, lambda _place: quantity * price * 100) == 29


def test_what_is_not_known_stays_unknown_beside_what_is() -> None:
    found = settle(np.array([1.6, np.nan, -1.6]), lambda _place: Decimal(0))
    assert found[[0, 2]].tolist() == [2, -2]
    assert np.isnan(found[1])


@given(
    some.sampled_from(["time", "demand"]),
    some.sampled_from(COUNTS),
    some.integers(1, 10**10),
    some.integers(0, 3000),
    some.integers(0, 400),
)
def test_accrual_never_falls_from_day_to_day_and_begins_at_nothing(
    kind: str, day_count: str, principal: int, basis_points: int, days: int
) -> None:
    start = dt.date(2026, 3, 21)

    def earned(day: dt.date) -> Decimal:
        return accrued(
            kind=kind, principal=Decimal(principal), rate=Decimal(basis_points) / 10_000, day_count=day_count,
            currency="CNY", value_date=start, matures_on=None, as_of=day,
        )  # fmt: skip

    assert earned(start) == 0
    day = start + dt.timedelta(days=days)
    credited = kind == "demand" and (day.month, day.day) in {(3, 20), (6, 20), (9, 20), (12, 20)}
    assert credited or earned(day) <= earned(day + dt.timedelta(days=1))


def nothing() -> Events:
    """Return no events."""
    none = np.array([], dtype=np.int64)
    return Events(none, none, none, np.array([]))


def start(value: float, day: int) -> Start:
    """Begin one client's link."""
    return Start(np.array([value]), np.array([day]), np.array([1.0]), np.array([1.0]))


LEVELS = some.lists(some.integers(10**4, 10**9), min_size=2, max_size=40)


@settings(deadline=None)
@given(LEVELS, some.integers(1, 38))
def test_linked_returns_equal_the_whole_wherever_the_chain_is_cut(levels: list[int], cut: int) -> None:
    value = np.array(levels, dtype=float)[:, None]
    complete, days = np.ones_like(value, dtype=bool), np.arange(len(levels)) + 1
    none = Moved(nothing(), nothing(), ())
    whole = chain(value, complete, days, start(0, 0), none).net[:, 0]
    steps = [after / before - 1 for before, after in pairwise(levels)]
    assert whole[-1] - 1 == pytest.approx(linked(steps), rel=1e-9)
    cut = min(cut, len(levels) - 1)
    first = chain(value[:cut], complete[:cut], days[:cut], start(0, 0), none)
    on = Start(value[cut - 1], np.array([days[cut - 1]]), first.net[-1], first.gross[-1])
    second = chain(value[cut:], complete[cut:], days[cut:], on, none)
    assert second.net[-1, 0] == whole[-1]


@given(some.integers(10**5, 10**7), some.integers(10**5, 10**7), some.integers(1, 30), some.integers(-(10**4), 10**6))
def test_a_flow_between_two_days_weighs_as_modified_dietz_says(begin: int, end: int, day: int, flow: int) -> None:
    moved = Events(np.array([0]), np.array([0]), np.array([day]), np.array([float(flow)]))
    found = chain(
        np.array([[float(end)]]), np.array([[True]]), np.array([30]), start(begin, 0), Moved(moved, nothing(), ())
    )
    expected = modified_dietz(begin, end, 30, [(day, flow)], start_of_day=flow > 0)
    assume(expected >= -1)
    assert found.net[0, 0] - 1 == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_who_loses_all_or_more_has_nothing_left_and_begins_anew_with_new_money() -> None:
    value = np.array([[100.0], [-50.0], [80.0], [88.0]])
    found = chain(
        value, np.ones_like(value, dtype=bool), np.arange(4) + 1, start(0, 0), Moved(nothing(), nothing(), ())
    )
    assert found.net[:, 0].tolist() == [1, 0, 0, pytest.approx(1.1)]


def test_an_exchange_is_a_flow_only_where_its_other_side_is_missing() -> None:
    def some_of(*told: tuple[int, float]) -> Events:
        days = np.array([day for day, _amount in told], dtype=np.int64)
        return Events(np.zeros_like(days), days, days, np.array([amount for _day, amount in told], dtype=float))

    def flows(*exchange: Events) -> dict[int, float]:
        found = Exchange(*exchange).flows()
        return dict(zip(found.date.tolist(), found.amount.tolist(), strict=True))

    none = some_of()
    assert flows(some_of((0, -90)), some_of((0, 100))) == {}
    assert flows(some_of((0, -90)), some_of((0, 100), (0, 1_000))) == {0: 1_010}
    assert flows(some_of((0, -100), (0, 95)), some_of((0, 100), (0, -99))) == {}
    assert flows(none, some_of((1, 100))) == {1: 100}
    assert flows(some_of((1, -90)), none) == {1: -90}
    assert flows(some_of((0, -90)), some_of((1, 90))) == {0: -90, 1: 90}
    assert flows(none, some_of((0, -5)), some_of((0, 5)), none) == {}
    assert flows(some_of((0, 100)), some_of((0, -109)), some_of((0, 50)), none) == {}
    assert flows(none, some_of((0, 1_000)), some_of((0, 5)), none) == {0: 1_000}
    late = some_of((1, 9))
    assert flows(some_of((1, 100)), some_of((0, -109)), late, late) == {0: -109, 1: 109}


def test_old_days_are_valued_at_the_ends_of_months_and_new_ones_from_monday_to_friday() -> None:
    found = valuation_days(dt.date(2026, 1, 15), dt.date(2026, 3, 31), daily_from=dt.date(2026, 3, 25))
    assert found == [
        dt.date(2026, 1, 31), dt.date(2026, 2, 28), *(dt.date(2026, 3, day) for day in (25, 26, 27, 30, 31))
    ]  # fmt: skip
