"""Days that do not add up: found after a file, owned, explained, closed by people or by a later file."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from clients.models import Client
from core.errors import Conflict, Refused
from core.models import AuditEvent
from core.walls import acting, service
from portfolios import operations, queries
from portfolios.models import Account, Break, FeedRun, Transaction
from tests import factories
from tests.conftest import SignIn
from tests.people import People

LIST = reverse("portfolios:breaks")
DAY = dt.date(2026, 3, 10)


@pytest.fixture
def client(people: People) -> Client:
    """Return the client whom the manager covers."""
    return factories.owned_by(people.client_id)


@pytest.fixture
def account(client: Client) -> Account:
    """Return an account that was opened on the day of its first movement."""
    return factories.account(client, opened_on=DAY)


@pytest.fixture
def run(people: People) -> FeedRun:
    """Return the run of a file with movements."""
    return factories.feed_run(people.operations, kind="transactions")


def move(account: Account, amount: str, balance: str | None, *, day: dt.date = DAY) -> Transaction:
    """Write a movement with the balance that the bank wrote after it."""
    written = None if balance is None else Decimal(balance)
    return factories.transaction(account, amount=Decimal(amount), balance=written, value_date=day)


def look(account: Account, run: FeedRun) -> tuple[int, int]:
    """Compare an account as the job does."""
    with acting(service()):
        return operations.find_breaks(run_id=run.pk, account_ids=[account.pk], now=factories.NOW)


def the_break() -> Break:
    """Return the only break."""
    with acting(service()):
        return Break.objects.select_related("owner", "closed_by").get()


def test_a_day_that_does_not_add_up_is_opened_once(account: Account, run: FeedRun) -> None:
    move(account, "100", "100")
    move(account, "50", "155", day=DAY + dt.timedelta(days=1))
    move(account, "1", "156", day=DAY + dt.timedelta(days=2))
    assert [look(account, run), look(account, run)] == [(1, 0), (0, 0)]
    row = the_break()
    assert row.day == DAY + dt.timedelta(days=1)
    assert (row.expected, row.found, row.difference) == (Decimal(150), Decimal(155), Decimal(5))
    assert (row.kind, row.state, row.owner, row.client_id) == ("unexplained", "open", None, account.client_id)


def test_an_account_older_than_its_movements_is_believed_on_its_first_day(client: Client, run: FeedRun) -> None:
    account = factories.account(client, opened_on=DAY - dt.timedelta(days=900))
    move(account, "100", "7100")
    move(account, "50", "7150", day=DAY + dt.timedelta(days=1))
    assert look(account, run) == (0, 0)


def test_movements_without_a_balance_count_towards_the_next_one(account: Account, run: FeedRun) -> None:
    move(account, "100", "100")
    move(account, "50", None, day=DAY + dt.timedelta(days=1))
    move(account, "1", "151", day=DAY + dt.timedelta(days=2))
    assert look(account, run) == (0, 0)


def test_a_later_file_that_heals_the_day_closes_it(account: Account, run: FeedRun) -> None:
    wrong = move(account, "100", "105")
    look(account, run)
    with acting(service()):
        wrong.superseded_at = factories.NOW
        wrong.save(update_fields=["superseded_at"])
    move(account, "105", "105")
    assert look(account, run) == (0, 1)
    row = the_break()
    with acting(service()):
        assert (row.state, row.closed_by) == ("resolved", service())


def test_an_explained_day_stays_quiet_until_it_says_something_new(
    people: People, account: Account, run: FeedRun
) -> None:
    wrong = move(account, "100", "105")
    look(account, run)
    with acting(people.operations):
        operations.explain_break(user=people.operations, break_id=the_break().pk, note="Fee booked late")
    assert (look(account, run), the_break().state) == ((0, 0), "explained")
    with acting(service()):
        wrong.balance = Decimal(110)
        wrong.save(update_fields=["balance"])
    assert (look(account, run), the_break().state) == ((1, 0), "open")
    assert the_break().note == "Fee booked late"


def test_two_people_do_not_take_the_same_break(people: People, client: Client) -> None:
    row = factories.break_of(client, people.operations, owner=people.administrator)
    with acting(people.operations), pytest.raises(Conflict) as conflict:
        operations.take_break(user=people.operations, break_id=row.pk, owner_id=None)
    assert conflict.value.theirs == {"owner": people.administrator.name}
    with acting(people.operations):
        operations.take_break(user=people.operations, break_id=row.pk, owner_id=people.administrator.pk)
    assert the_break().owner == people.operations


def test_a_closed_break_is_not_settled_again(people: People, client: Client) -> None:
    row = factories.break_of(client, people.operations)
    with acting(people.operations):
        operations.resolve_break(user=people.operations, break_id=row.pk, note="Put right", now=factories.NOW)
        with pytest.raises(Refused):
            operations.explain_break(user=people.operations, break_id=row.pk, note="Again")


def test_the_list_shows_what_is_live_and_filters(people: People, client: Client, sign_in: SignIn) -> None:
    factories.break_of(client, people.operations, owner=people.operations)
    closed = {"state": "resolved", "closed_at": factories.NOW, "closed_by": people.operations}
    factories.break_of(client, people.operations, day=DAY, **closed)
    browser = sign_in(people.operations)
    shown = {query: browser.get(LIST + query).content.count(b"data-row") for query in ("", "?state=all")}
    assert shown == {"": 1, "?state=all": 2}
    assert browser.get(LIST + "?owner=me").content.count(b"data-row") == 1
    assert b"Nothing matches" in browser.get(LIST + "?owner=nobody").content
    assert browser.get(LIST + "?state=lost").status_code == 422
    assert browser.get(LIST + "?statte=open").status_code == 400


def test_a_break_is_taken_and_explained_on_its_page(people: People, client: Client, sign_in: SignIn) -> None:
    row = factories.break_of(client, people.operations)
    browser, address = sign_in(people.operations), reverse("portfolios:settle_break", args=[row.pk])
    browser.post(reverse("portfolios:take_break", args=[row.pk]), {"owner": ""})
    empty = browser.post(address, {"state": "explained", "note": " "})
    assert empty.status_code == 422
    browser.post(address, {"state": "explained", "note": "A cheque cleared a day late"})
    found = the_break()
    assert (found.owner, found.state, found.note) == (people.operations, "explained", "A cheque cleared a day late")
    with acting(service()):
        verbs = AuditEvent.objects.filter(verb__startswith="break:").values_list("verb", flat=True)
        assert set(verbs) == {"break:take", "break:explain", "break:read"}


def test_the_clients_manager_sees_a_mark_and_cannot_settle(people: People, client: Client, sign_in: SignIn) -> None:
    account = factories.account(client)
    move(account, "1", "2")
    move(account, "2", "4")
    row = factories.break_of(client, people.operations, account=account, day=DAY)
    browser = sign_in(people.manager)
    page = browser.get(reverse("portfolios:transactions", args=[client.pk])).content.decode()
    assert page.count("does not add up") == 1
    assert page.count(reverse("portfolios:break", args=[row.pk])) == 1
    assert b"Resolve" not in browser.get(reverse("portfolios:break", args=[row.pk])).content
    refused = browser.post(reverse("portfolios:settle_break", args=[row.pk]), {"state": "resolved", "note": "x"})
    assert refused.status_code == 403
    assert sign_in(people.stranger).get(reverse("portfolios:break", args=[row.pk])).status_code == 404


def test_a_resolved_break_leaves_no_mark(people: People, client: Client) -> None:
    account = factories.account(client)
    move(account, "1", "2")
    closed = {"state": "resolved", "closed_at": factories.NOW, "closed_by": people.operations}
    factories.break_of(client, people.operations, account=account, day=DAY, **closed)
    with acting(people.manager):
        (row,) = queries.transactions(user=people.manager, client_id=client.pk)
    assert row.apart is None  # type: ignore[attr-defined]  # the query annotates it


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_as_many_questions_for_many_breaks(
    people: People, client: Client, sign_in: SignIn, rows: int, django_assert_num_queries: object
) -> None:
    for _number in range(rows):
        factories.break_of(client, people.operations)
    browser = sign_in(people.operations)
    browser.get(LIST)
    with django_assert_num_queries(9):  # type: ignore[operator]
        browser.get(LIST)
