"""The list of movements: filters, pages, and refusals of what it does not know."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from portfolios.models import Account
from tests import factories
from tests.conftest import SignIn
from tests.people import People


@pytest.fixture
def account(people: People) -> Account:
    """Move an account of the manager's client 60 times, a day apart."""
    account = factories.account(factories.owned_by(people.client_id))
    for number in range(60):
        day = factories.TODAY - dt.timedelta(days=number)
        factories.transaction(account, text=f"move-{number:02}.", value_date=day, balance=Decimal(60 - number) * 1000)
    return account


def address(people: People) -> str:
    """Return where the client's movements are listed."""
    return reverse("portfolios:transactions", args=[people.client_id])


def test_the_newest_stand_first_with_the_balance_after_each(people: People, account: Account, sign_in: SignIn) -> None:
    text = sign_in(people.manager).get(address(people)).text
    assert text.index("move-00.") < text.index("move-49.")
    assert "60,000.00" in text
    assert "move-50." not in text


def test_the_next_page_goes_on_where_this_one_ends(people: People, account: Account, sign_in: SignIn) -> None:
    browser = sign_in(people.manager)
    token = browser.get(address(people)).text.split("after=")[1].split('"')[0]
    text = browser.get(address(people), {"after": token}).text
    assert "move-50." in text
    assert "move-49." not in text


def test_dates_and_account_narrow_the_list(people: People, account: Account, sign_in: SignIn) -> None:
    other = factories.account(factories.owned_by(people.client_id))
    factories.transaction(other, text="elsewhere")
    browser = sign_in(people.manager)
    chosen = {"account": str(account.pk), "since": "2026-03-29", "until": "2026-03-30"}
    text = browser.get(address(people), chosen).text
    assert [f"move-{number:02}." in text for number in range(4)] == [False, True, True, False]
    assert "elsewhere" not in text
    assert "elsewhere" in browser.get(address(people), {"account": other.pk}).text


def test_a_corrected_movement_is_listed_as_it_is_known_now(people: People, account: Account, sign_in: SignIn) -> None:
    old = factories.transaction(account, text="mistaken", superseded_at=factories.NOW)
    factories.transaction(account, text="corrected", reference=old.reference)
    text = sign_in(people.manager).get(address(people)).text
    assert ("mistaken" in text, "corrected" in text) == (False, True)


@pytest.mark.parametrize("query", [{"acount": "1"}, {"after": "nonsense"}, {"order": "amount"}])
def test_an_unknown_parameter_is_refused(people: People, sign_in: SignIn, query: dict[str, str]) -> None:
    assert sign_in(people.manager).get(address(people), query).status_code == 400


@pytest.mark.parametrize(
    "query", [{"account": "999999"}, {"account": "x\0"}, {"since": "yesterday"}, {"until": "0001-01-01"}]
)
def test_a_wrong_filter_is_shown_back_with_its_error(people: People, sign_in: SignIn, query: dict[str, str]) -> None:
    answer = sign_in(people.manager).get(address(people), query)
    assert answer.status_code == 422
    assert "<form" in answer.text


def test_an_account_of_somebody_else_is_no_choice(people: People, sign_in: SignIn) -> None:
    foreign = factories.account(factories.owned_by(people.foreign_id))
    answer = sign_in(people.manager).get(address(people), {"account": foreign.pk})
    assert answer.status_code == 422
