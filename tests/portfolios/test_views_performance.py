"""The page of performance says what the valuations say, in every state, to those who may read it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import Client
from core.models import AuditEvent
from core.walls import acting, service
from portfolios import operations
from tests import factories
from tests.conftest import SignIn
from tests.people import People


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> dt.date:
    """Let the bank's day be the day of the factories."""
    monkeypatch.setattr("core.clock.today", lambda: factories.TODAY)
    return factories.TODAY


@pytest.fixture
def client(people: People) -> Client:
    """Return the client that the manager covers."""
    return factories.owned_by(people.client_id)


@pytest.fixture
def address(client: Client) -> str:
    """Return the address of the page."""
    return reverse("portfolios:performance", args=[client.pk])


def test_nothing_valued_yet_says_what_will_happen(people: People, sign_in: SignIn, address: str) -> None:
    text = sign_in(people.manager).get(address).text
    assert "Nothing is valued yet" in text
    assert "Every night values each client" in text


def test_returns_risk_and_their_dates_are_shown(
    people: People, sign_in: SignIn, client: Client, address: str, today: dt.date
) -> None:
    factories.valued_year(client, until=today)
    text = sign_in(people.manager).get(address).text
    for said in ("+11.88%", "end of 2025-02-28 to end of 2026-02-28", "1,010,000.00 at the beginning", "-3.77%"):
        assert said in text, said
    assert text.count("not annualised") == 0
    assert "Of 12 monthly returns" in text


def test_a_span_that_the_history_does_not_reach_is_said_to_be_so(
    people: People, sign_in: SignIn, client: Client, address: str, today: dt.date
) -> None:
    factories.valued_year(client, until=today)
    text = sign_in(people.manager).get(address, {"span": "y5"}).text
    assert "The history is shorter than that" in text


def test_an_index_is_beside_it(people: People, sign_in: SignIn, client: Client, address: str, today: dt.date) -> None:
    factories.valued_year(client, until=today)
    index = factories.instrument(asset_class="index", name="Eastern 300")
    factories.price(index, price=Decimal(100), value_date=dt.date(2025, 1, 1))
    factories.price(index, price=Decimal(110), value_date=dt.date(2026, 1, 15))
    text = sign_in(people.manager).get(address, {"benchmark": index.pk}).text
    assert "+10.00%" in text
    assert "+1.88% beside it" in text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"span": "y9"}, "Select a valid choice"),
        ({"benchmark": "7"}, "Select a valid choice"),
        ({"known_on": "2026-02-30"}, "Enter a valid date"),
        ({"known_on": "1066-10-14"}, "between 1900 and 2200"),
    ],
)
def test_what_is_no_choice_is_refused_beside_its_field(
    people: People, sign_in: SignIn, address: str, given: dict[str, str], said: str
) -> None:
    answer = sign_in(people.manager).get(address, given)
    assert (answer.status_code, said in answer.text) == (422, True)


def test_what_was_learned_later_is_left_out_of_an_earlier_day(
    people: People, sign_in: SignIn, client: Client, address: str, today: dt.date
) -> None:
    factories.valued_year(client, until=today)
    assert "Nothing is valued yet" in sign_in(people.manager).get(address, {"known_on": "2026-03-29"}).text
    assert "+11.88%" in sign_in(people.manager).get(address, {"known_on": "2026-03-31"}).text


def test_missing_prices_and_old_ones_are_said(
    people: People, sign_in: SignIn, client: Client, address: str, today: dt.date
) -> None:
    factories.valued_year(client, until=today)
    factories.valuation(client, value_date=today, missing=2, stale=1, net_index=None, gross_index=None)
    text = sign_in(people.manager).get(address).text
    assert "2 lines have no price or rate on the last day" in text
    assert "1 price is older than the house allows" in text
    assert "to end of 2026-02-28" in text


@pytest.mark.parametrize("who", ["stranger", "colleague", "operations", "administrator", "auditor"])
def test_those_who_do_not_cover_the_client_find_nothing(
    people: People, sign_in: SignIn, address: str, who: str
) -> None:
    assert sign_in(getattr(people, who)).get(address).status_code in {403, 404}


def test_each_look_is_in_the_trail(people: People, sign_in: SignIn, address: str) -> None:
    sign_in(people.manager).get(address)
    with acting(service()):
        assert AuditEvent.objects.filter(verb="performance:read", client_id=people.client_id).count() == 1


def test_the_page_asks_as_much_for_three_positions_as_for_one(
    people: People, sign_in: SignIn, client: Client, address: str, today: dt.date
) -> None:
    browser, asked = sign_in(people.manager), []
    for number in range(3):
        account = factories.account(client, opened_on=dt.date(2025, 9, 1))
        factories.transaction(account, value_date=dt.date(2025, 10, 1))
        factories.deposit(client, account=account, value_date=dt.date(2025, 12, 1))
        holding = factories.holding(client, value_date=dt.date(2025, 12, 1 + number))
        factories.price(holding.instrument, value_date=dt.date(2025, 12, 1))
        with acting(service()):
            now = dt.datetime(2026, 3, 31, 3 + number, tzinfo=dt.UTC)
            operations.value(client_ids=[client.pk], until=today, now=now)
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            text = browser.get(address).text
        asked.append(len(queries))
        assert text.count("Cash · CNY") == number + 1
    assert len(set(asked)) == 1
