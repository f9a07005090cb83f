"""Opening and movements make the closing balance, over any period and any history."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core.walls import acting, service
from portfolios import queries
from portfolios.models import Account, Transaction
from portfolios.rules.book import AccountMovements
from tests import factories
from tests.factories import NOW, TODAY
from tests.people import People

OPENED = dt.date(2026, 1, 1)
DAYS = some.dates(OPENED, TODAY)
AMOUNTS = some.decimals(-(10**9), 10**9, places=2)


@pytest.fixture
def account(people: People) -> Account:
    """Open an account for the client that the manager covers."""
    return factories.account(factories.owned_by(people.client_id), opened_on=OPENED)


def moved(people: People, start: dt.date, end: dt.date) -> AccountMovements:
    """Read the one account's movements as the manager."""
    with acting(people.manager):
        (found,) = queries.movements(user=people.manager, client_id=people.client_id, start=start, end=end)
    return found


def rewrite(account: Account, history: list[tuple[dt.date, Decimal]]) -> None:
    """Let the account have moved in this way and no other."""
    rows = [
        Transaction(
            account=account,
            client_id=account.client_id,
            reference=f"T{number}",
            kind="transfer",
            amount=amount,
            currency=account.currency,
            value_date=day,
            known_at=NOW,
        )
        for number, (day, amount) in enumerate(history)
    ]
    with acting(service()):
        Transaction.objects.filter(account=account).delete()
        Transaction.objects.bulk_create(rows)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.tuples(DAYS, AMOUNTS), max_size=12), DAYS, DAYS)
def test_opening_and_lines_make_closing_and_periods_join(
    people: People, account: Account, history: list[tuple[dt.date, Decimal]], one: dt.date, other: dt.date
) -> None:
    rewrite(account, history)
    start, end = sorted((one, other))
    found = moved(people, start, end)
    assert found.opening + sum(line.amount for line in found.lines) == found.closing
    assert [line.value_date for line in found.lines] == sorted(day for day, _amount in history if start <= day <= end)
    assert (found.lines[-1].balance if found.lines else found.opening) == found.closing
    assert moved(people, end + dt.timedelta(days=1), end + dt.timedelta(days=9)).opening == found.closing
    with acting(people.manager):
        book = queries.book(user=people.manager, client_id=people.client_id, as_of=end, known_at=NOW)
    assert book.cash[0].balance == found.closing


def test_a_corrected_movement_counts_once(people: People, account: Account) -> None:
    row = factories.transaction(account, known_at=NOW - dt.timedelta(hours=1), superseded_at=NOW, amount=Decimal(1))
    factories.transaction(account, reference=row.reference, known_at=NOW, amount=Decimal(2))
    assert moved(people, TODAY, TODAY).closing == Decimal(2)


def test_an_account_that_never_moved_is_listed_with_nought(people: People, account: Account) -> None:
    found = moved(people, TODAY, TODAY)
    assert (found.reference, found.lines) == (account.reference, [])
    assert found.opening == found.closing == 0


def test_custody_accounts_have_no_movements_of_cash(people: People) -> None:
    factories.account(factories.owned_by(people.client_id), kind="custody")
    with acting(people.manager):
        assert queries.movements(user=people.manager, client_id=people.client_id, start=TODAY, end=TODAY) == []
