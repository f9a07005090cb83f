"""A book is what a client held on a date, as it was known at an instant, for those who may read it."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from core.models import User
from core.walls import acting
from portfolios import queries
from portfolios.rules.book import Book
from tests import factories
from tests.factories import NOW, TODAY
from tests.people import People

YESTERDAY = TODAY - dt.timedelta(days=1)
BEFORE = NOW - dt.timedelta(hours=1)


def read(people: People, *, user: User | None = None, as_of: dt.date = TODAY, known_at: dt.datetime = NOW) -> Book:
    """Read the near client's book as the manager, or as somebody else."""
    user = user or people.manager
    with acting(user):
        return queries.book(user=user, client_id=people.client_id, as_of=as_of, known_at=known_at)


@pytest.fixture
def client(people: People) -> Client:
    """Return the client that the manager covers."""
    return factories.owned_by(people.client_id)


def test_the_manager_reads_deposits_holdings_and_cash_with_their_sum(people: People, client: Client) -> None:
    factories.deposit(client)
    factories.price((holding := factories.holding(client)).instrument)
    factories.transaction(factories.account(client), amount=Decimal(500))
    book = read(people)
    assert [line.reference for line in book.holdings] == [holding.reference]
    assert book.total == Decimal(1_000_000) + Decimal("19444.44") + Decimal(12_000) + Decimal(500)
    assert book.missing == []


def test_what_somebody_else_covers_is_not_in_it(people: People, client: Client) -> None:
    foreign = factories.owned_by(people.foreign_id)
    factories.deposit(foreign)
    factories.holding(foreign)
    factories.transaction(factories.account(foreign))
    book = read(people)
    assert (book.deposits, book.holdings, book.cash) == ([], [], [])


@pytest.mark.parametrize("who", ["stranger", "colleague", "operations", "administrator", "auditor"])
def test_those_who_do_not_cover_the_client_find_what_they_would_find_of_nobody(people: People, who: str) -> None:
    user = getattr(people, who)
    with acting(user):
        for client_id in (people.client_id, 7_999_999):
            with pytest.raises(Client.DoesNotExist):
                queries.book(user=user, client_id=client_id, as_of=TODAY, known_at=NOW)
            with pytest.raises(Client.DoesNotExist):
                queries.movements(user=user, client_id=client_id, start=TODAY, end=TODAY)


def test_a_correction_does_not_change_what_was_known_before_it(people: People, client: Client) -> None:
    holding = factories.holding(client, value_date=YESTERDAY, known_at=BEFORE, quantity=Decimal(10), superseded_at=NOW)
    again = {"account": holding.account, "instrument": holding.instrument, "reference": holding.reference}
    factories.holding(client, **again, value_date=YESTERDAY, known_at=NOW, quantity=Decimal(11))
    earlier = NOW - dt.timedelta(minutes=1)
    assert [line.quantity for line in read(people, known_at=earlier).holdings] == [Decimal(10)]
    assert [line.quantity for line in read(people).holdings] == [Decimal(11)]


def test_the_last_position_of_a_holding_counts_and_an_emptied_one_is_gone(people: People, client: Client) -> None:
    holding = factories.holding(client)
    again = {"account": holding.account, "instrument": holding.instrument, "reference": holding.reference}
    factories.holding(client, **again, value_date=TODAY, known_at=NOW, quantity=Decimal(0))
    assert len(read(people, as_of=YESTERDAY).holdings) == 1
    assert read(people).holdings == []


def test_a_price_of_tomorrow_does_not_value_today(people: People, client: Client) -> None:
    instrument = factories.holding(client).instrument
    factories.price(instrument, value_date=TODAY + dt.timedelta(days=1))
    (line,) = read(people).holdings
    assert (line.price, line.value, read(people).missing) == (None, None, [instrument.name])


def test_an_old_price_values_and_is_marked_stale(people: People, client: Client) -> None:
    instrument = factories.holding(client).instrument
    factories.price(instrument, value_date=TODAY - dt.timedelta(days=6), known_at=BEFORE)
    (line,) = read(people).holdings
    assert (line.stale, line.value) == (True, Decimal(12_000))
    factories.price(instrument, value_date=TODAY - dt.timedelta(days=5), known_at=BEFORE)
    assert not read(people).holdings[0].stale


@pytest.mark.parametrize(("age", "worth"), [(0, Decimal("71.00")), (7, Decimal("71.00")), (8, None), (-1, None)])
def test_a_rate_converts_for_a_week_and_never_backwards(
    people: People, client: Client, age: int, worth: Decimal | None
) -> None:
    factories.fx_rate(value_date=TODAY - dt.timedelta(days=age))
    factories.transaction(factories.account(client, currency="USD"), amount=Decimal(10))
    book = read(people)
    assert book.cash[0].base_value == worth
    assert book.missing == ([] if worth else ["USD/CNY"])


def test_the_latest_rate_wins_and_pairs_turn_round_and_cross(people: People, client: Client) -> None:
    factories.fx_rate(value_date=YESTERDAY, rate=Decimal(7))
    factories.fx_rate(rate=Decimal("7.2"))
    factories.fx_rate("USD", "HKD", rate=Decimal(8))
    for currency in ("USD", "HKD"):
        factories.transaction(factories.account(client, currency=currency), amount=Decimal(80))
    worth = {line.currency: line.base_value for line in read(people).cash}
    assert worth == {"USD": Decimal("576.00"), "HKD": Decimal("72.00")}


def test_a_rate_that_was_corrected_later_is_not_used_for_what_was_known(people: People, client: Client) -> None:
    factories.fx_rate(rate=Decimal(7), known_at=BEFORE, superseded_at=NOW)
    factories.fx_rate(rate=Decimal(8), known_at=NOW)
    factories.transaction(factories.account(client, currency="USD"), amount=Decimal(1), known_at=BEFORE)
    assert read(people, known_at=BEFORE).total == Decimal(7)
    assert read(people).total == Decimal(8)


def test_a_closed_deposit_and_one_not_begun_are_not_held(people: People, client: Client) -> None:
    factories.deposit(client, closed_on=TODAY)
    factories.deposit(client, value_date=TODAY + dt.timedelta(days=1))
    assert read(people).deposits == []
    assert len(read(people, as_of=YESTERDAY).deposits) == 1


def test_an_overdue_deposit_earns_the_demand_rate_unless_it_renews(people: People, client: Client) -> None:
    matured = {"value_date": dt.date(2025, 1, 1), "matures_on": dt.date(2026, 1, 1)}
    factories.deposit(client, **matured, reference="PAID")
    factories.deposit(client, **matured, reference="ROLLS", instruction="all")
    earned = {line.reference: line.accrued for line in read(people).deposits}
    assert earned["PAID"] - earned["ROLLS"] == Decimal("123.61")


def test_an_account_whose_history_begins_in_mid_life_has_the_balance_of_the_bank(
    people: People, client: Client
) -> None:
    account = factories.account(client, opened_on=dt.date(2020, 1, 1))
    factories.transaction(account, value_date=YESTERDAY, amount=Decimal(-100), balance=Decimal(4900))
    factories.transaction(account, amount=Decimal(50), balance=Decimal(4950))
    assert read(people, as_of=YESTERDAY - dt.timedelta(days=1)).cash[0].balance == Decimal(5000)
    assert read(people).cash[0].balance == Decimal(4950)


def counted(ask: Callable[[], object]) -> int:
    """Count the statements of a read."""
    with CaptureQueriesContext(connection) as queries_made:
        ask()
    return len(queries_made)


def test_a_book_costs_the_same_queries_for_one_row_and_for_three(people: People, client: Client) -> None:
    counts = []
    for more in (1, 2):
        for _each in range(more):
            factories.deposit(client)
            factories.price(factories.holding(client).instrument)
            factories.transaction(factories.account(client, currency="USD"))
        counts.append(counted(lambda: read(people)))
    assert counts[0] == counts[1]


def test_movements_cost_the_same_queries_for_one_account_and_for_three(people: People, client: Client) -> None:
    counts = []
    for more in (1, 2):
        for _each in range(more):
            factories.transaction(factories.account(client))
        with acting(people.manager):
            span = {"start": YESTERDAY, "end": TODAY}
            asked = {"user": people.manager, "client_id": people.client_id}
            counts.append(counted(lambda asked=asked, span=span: queries.movements(**asked, **span)))  # type: ignore[misc]
    assert counts[0] == counts[1]
