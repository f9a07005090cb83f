"""The money of the book adds up, whatever the seed and the day."""

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from config.book import income
from config.book.dates import is_business
from config.book.desk import Desk
from config.book.instruments import APPRAISED
from config.book.market import FX_LEVELS
from portfolios.feeds.rows import HoldingRow, LotRow, TransactionRow
from tests.config.books import AS_OF, book

WEEKEND, AFTER_CREDIT, LEAP = dt.date(2026, 11, 28), dt.date(2026, 12, 22), dt.date(2028, 2, 29)
FUTURE = "FU-E300"
BOOKS = [(7, AS_OF), (8, WEEKEND), (9, AFTER_CREDIT), (10, LEAP)]


@pytest.fixture(params=BOOKS, ids=lambda given: f"{given[1]}")
def desk(request: pytest.FixtureRequest) -> Desk:
    seed, as_of = request.param
    return book(seed, 30, as_of)


def _movements(desk: Desk) -> dict[str, list[TransactionRow]]:
    found = defaultdict(list)
    for row in desk.transactions():
        found[row.account].append(row)
    return found


def test_each_movement_leads_from_the_balance_before_to_the_one_after(desk: Desk) -> None:
    for rows in _movements(desk).values():
        before = Decimal(0)
        for row in rows:
            assert row.balance == before + row.amount, row.reference
            before = row.balance


def test_no_account_falls_below_zero(desk: Desk) -> None:
    assert all(row.balance is not None and row.balance >= 0 for row in desk.transactions())


def test_movements_are_in_order_and_end_before_the_day_of_the_book(desk: Desk) -> None:
    for rows in _movements(desk).values():
        days = [row.value_date for row in rows]
        assert days == sorted(days)
        assert days[-1] < desk.as_of


def test_each_deposit_took_its_principal_from_its_account(desk: Desk) -> None:
    placed = {(row.account, row.value_date, row.amount) for row in desk.transactions() if row.kind == "deposit"}
    for row in desk.deposits():
        assert (row.account, row.value_date, -row.principal) in placed, row.reference


def test_each_closed_deposit_was_paid_back_with_interest(desk: Desk) -> None:
    moved = defaultdict(list)
    for movement in desk.transactions():
        moved[movement.account, movement.value_date, movement.kind].append(movement)
    for row in desk.deposits():
        if row.closed_on:
            repaid, interest = (moved[row.account, row.closed_on, kind] for kind in ("deposit", "interest"))
            assert any(one.amount == row.principal for one in repaid), row.reference
            assert any(row.reference in one.text for one in interest), row.reference


def test_open_deposits_have_not_matured(desk: Desk) -> None:
    assert all(row.closed_on or row.matures_on is None or row.matures_on >= desk.as_of for row in desk.deposits())


def test_holdings_change_with_a_trade_of_the_same_day(desk: Desk) -> None:
    trades = {(row.account.split("-")[0], row.value_date) for row in desk.transactions() if row.kind == "trade"}
    bonus = (income.BONUS[0], income.bonus_day(desk.as_of))
    for row in desk.holdings():
        if row.instrument in {APPRAISED, FUTURE} or (row.instrument, row.value_date) == bonus:
            continue
        assert row.quantity >= 0
        assert (row.account.split("-")[0], row.value_date) in trades, row.reference


def test_purchases_make_the_position_on_each_day_it_changed(desk: Desk) -> None:
    told: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    changes: list[LotRow | HoldingRow] = [*desk.lots(), *desk.holdings()]
    for row in sorted(changes, key=lambda row: (row.value_date, isinstance(row, HoldingRow))):
        lots = told[row.account, row.instrument]
        if isinstance(row, HoldingRow):
            assert not lots or sum(lots.values()) == row.quantity, row.reference
        else:
            assert row.acquired_on <= row.value_date
            lots[row.reference] = row.quantity
    assert any(told.values())


def test_bonus_shares_come_on_their_day_and_what_is_paid_is_of_what_was_held(desk: Desk) -> None:
    held: dict[tuple[str, str], list[HoldingRow]] = defaultdict(list)
    for row in desk.holdings():
        held[row.account.split("-")[0], row.instrument].append(row)
    paid = [row for row in desk.transactions() if row.instrument]
    for movement in paid:
        rows = held[movement.account.split("-")[0], movement.instrument]
        before = [row for row in rows if row.value_date <= movement.value_date]
        assert before, movement.reference
        assert movement.amount > 0
    assert {row.kind for row in paid} == {"interest", "dividend"}
    reference, factor, _days = income.BONUS
    for (_client, instrument), rows in held.items():
        day = income.bonus_day(desk.as_of)
        before, after = ([row for row in rows if cut(row.value_date)] for cut in (day.__gt__, day.__le__))
        if instrument == reference and before and before[-1].quantity:
            assert after, rows
            assert after[0].quantity == before[-1].quantity * factor or after[0].value_date == day


def test_cost_is_what_was_paid_when_nothing_was_sold(desk: Desk) -> None:
    star = desk.purpose("concentrated")
    paid = -sum(
        row.amount for row in desk.transactions() if row.kind == "trade" and row.account == f"A{star.reference[1:]}-CNY"
    )
    held = [row for row in desk.holdings() if row.account == f"A{star.reference[1:]}-SEC"]
    assert held[-1].cost == paid


def test_the_five_kinds_and_four_currencies_are_there() -> None:
    deposits = book(7, 120).deposits()
    assert {row.kind for row in deposits} == {"demand", "time", "notice", "large_cd", "structured"}
    assert {row.currency for row in deposits} == {"CNY", "USD", "HKD", "EUR"}


def test_rates_are_believable(desk: Desk) -> None:
    rates = [(row.currency, row.rate) for row in desk.deposits() if row.kind == "time" and row.term_months == 12]
    bounds = {
        "CNY": ("0.011", "0.020"),
        "USD": ("0.040", "0.050"),
        "HKD": ("0.029", "0.045"),
        "EUR": ("0.020", "0.036"),
    }
    for currency, rate in rates:
        low, high = map(Decimal, bounds[currency])
        assert low <= rate <= high, (currency, rate)


def test_prices_and_rates_are_of_weekdays_and_end_before_the_day_of_the_book(desk: Desk) -> None:
    assert all(is_business(day) for day in desk.market.days)
    assert desk.market.days[-1] < desk.as_of
    assert all(len(desk.market.rates[currency]) == len(desk.market.days) for currency in FX_LEVELS)


def test_nothing_was_said_or_decided_on_the_day_of_the_book_or_later(desk: Desk) -> None:
    assert all(note.happened_at.date() < desk.as_of for note in desk.notes)
    assert all(review.decided_at is None or review.decided_at.date() < desk.as_of for review in desk.reviews)


def test_a_client_has_ten_to_twenty_notes(desk: Desk) -> None:
    counts = Counter(note.client for note in desk.notes)
    assert all(10 <= counts[profile.reference] <= 21 for profile in desk.profiles), counts
