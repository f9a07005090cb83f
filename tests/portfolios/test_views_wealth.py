"""The panels of wealth, deposits and holdings, and the page of a deposit."""

import datetime as dt
import html
import json
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import Client
from core.models import AuditEvent
from core.walls import acting
from tests import factories
from tests.conftest import SignIn
from tests.people import People

PANELS = ("client_panel", "transactions")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> dt.date:
    """Let the bank's day be the day of the factories."""
    monkeypatch.setattr("core.clock.today", lambda: factories.TODAY)
    return factories.TODAY


@pytest.fixture
def client(people: People) -> Client:
    """Give the client that the manager covers something of everything."""
    client = factories.owned_by(people.client_id)
    factories.deposit(client, reference="DEP-1")
    factories.price(
        factories.holding(client, instrument=factories.instrument(name="Blue Fund", risk_level=5)).instrument
    )
    factories.transaction(factories.account(client), text="Rent received")
    return client


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_is_a_page_and_a_fragment_of_it(
    people: People, client: Client, sign_in: SignIn, today: dt.date, name: str
) -> None:
    browser, address = sign_in(people.manager), reverse(f"portfolios:{name}", args=[client.pk])
    page, fragment = browser.get(address), browser.get(address, headers=HTMX)
    assert "<html" in page.text
    assert name == "transactions" or "<html" not in fragment.text
    assert (page.status_code, fragment.status_code) == (200, 200)


@pytest.mark.parametrize("name", PANELS)
def test_a_stranger_gets_the_answer_of_a_missing_client(
    people: People, client: Client, sign_in: SignIn, name: str
) -> None:
    browser = sign_in(people.stranger)
    own, missing = (browser.get(reverse(f"portfolios:{name}", args=[pk])) for pk in (client.pk, 7_999_999))
    assert (own.status_code, missing.status_code) == (404, 404)


def test_a_strangers_deposit_answers_as_a_missing_one(people: People, client: Client, sign_in: SignIn) -> None:
    browser = sign_in(people.stranger)
    for pk in (factories.deposit(client).pk, 7_999_999):
        assert browser.get(reverse("portfolios:deposit", args=[pk])).status_code == 404


def test_each_price_and_rate_says_its_day_and_source_and_marks_are_explained(
    people: People, sign_in: SignIn, today: dt.date
) -> None:
    client = factories.owned_by(people.client_id)
    abroad = factories.instrument(currency="USD")
    factories.holding(client, instrument=abroad)
    old = dt.date(2026, 1, 2)
    factories.price(abroad, source="fund house", value_date=old, estimated=True)
    factories.fx_rate("USD", source="central bank", value_date=dt.date(2026, 3, 30))
    factories.holding(client)
    text = sign_in(people.manager).get(reverse("portfolios:client_panel", args=[client.pk])).text
    for said in (
        'title="Price of 2026-01-02, from fund house"',
        'title="Valued by hand, not by a market."',
        'title="The price is older than the house allows; the value may have moved since."',
        'title="No price is known up to this date; the line is not in the sums."',
        "1 USD = 7.1 CNY (2026-03-30, central bank).",
        "<strong>estimated</strong>: Valued by hand, not by a market.",
        "<strong>no price</strong>: No price is known",
    ):
        assert said in text, said


@pytest.mark.parametrize("name", PANELS)
def test_each_look_is_in_the_trail(people: People, client: Client, sign_in: SignIn, name: str) -> None:
    sign_in(people.manager).get(reverse(f"portfolios:{name}", args=[client.pk]))
    with acting(people.compliance):
        verbs = set(AuditEvent.objects.filter(client_id=client.pk, actor=people.manager).values_list("verb", flat=True))
    assert verbs & {"wealth:read", "transactions:read"}


def test_wealth_shows_the_total_what_falls_due_and_both_charts(
    people: People, client: Client, sign_in: SignIn, today: dt.date
) -> None:
    answer = sign_in(people.manager).get(reverse("portfolios:client_panel", args=[client.pk]), headers=HTMX)
    assert "1,032,444.44" in answer.text
    assert "1 deposit, first on 2026-04-15" in answer.text
    charts = [json.loads(html.unescape(found)) for found in re.findall(r'data-chart="([^"]*)"', answer.text)]
    assert [chart["series"][0]["type"] for chart in charts] == ["pie", "bar"]


def test_a_missing_rate_is_said_aloud(people: People, client: Client, sign_in: SignIn, today: dt.date) -> None:
    factories.transaction(factories.account(client, currency="USD"))
    answer = sign_in(people.manager).get(reverse("portfolios:client_panel", args=[client.pk]), headers=HTMX)
    assert "No rate or price for USD/CNY" in answer.text


def test_deposits_stand_soonest_first_and_lead_to_their_page(
    people: People, client: Client, sign_in: SignIn, today: dt.date
) -> None:
    factories.deposit(client, reference="DEP-0", matures_on=dt.date(2026, 4, 2))
    factories.deposit(client, reference="DEP-X", kind="demand", term_months=None, matures_on=None)
    answer = sign_in(people.manager).get(reverse("portfolios:client_panel", args=[client.pk]), headers=HTMX)
    assert re.findall(r"DEP-\w", answer.text) == ["DEP-0", "DEP-1", "DEP-X"]
    assert len(re.findall(r'href="/portfolios/deposits/\d+/" data-row', answer.text)) == 3


def test_a_deposit_that_should_have_been_paid_is_red(
    people: People, client: Client, sign_in: SignIn, today: dt.date
) -> None:
    address, browser = reverse("portfolios:client_panel", args=[client.pk]), sign_in(people.manager)
    assert "date late" not in browser.get(address, headers=HTMX).text
    factories.deposit(client, matures_on=dt.date(2026, 3, 30))
    assert browser.get(address, headers=HTMX).text.count("date late") == 1


def test_holdings_show_price_date_gain_weight_and_risk(
    people: People, client: Client, sign_in: SignIn, today: dt.date
) -> None:
    answer = sign_in(people.manager).get(reverse("portfolios:client_panel", args=[client.pk]), headers=HTMX)
    for shown in ("Blue Fund", "2026-03-31", "12,000.00", "2,000.00", "1.2%", "R5"):
        assert shown in answer.text
    assert "stale" not in answer.text


def test_the_page_of_a_deposit_tells_its_terms_and_its_worth(
    people: People, client: Client, sign_in: SignIn, today: dt.date
) -> None:
    deposit = factories.deposit(client, reference="DEP-9", instruction="all")
    factories.maturity(deposit)
    answer = sign_in(people.manager).get(reverse("portfolios:deposit", args=[deposit.pk]))
    for shown in ("DEP-9", "1,000,000.00", "2.00%", "19,444.44", "1,020,277.78", "Renew principal and interest"):
        assert shown in answer.text


def test_an_empty_book_says_what_comes_next(people: People, sign_in: SignIn) -> None:
    browser = sign_in(people.stranger)
    for name in PANELS:
        answer = browser.get(reverse(f"portfolios:{name}", args=[people.foreign_id]), headers=HTMX)
        assert (answer.status_code, "empty-title" in answer.text) == (200, True), name


def test_panels_cost_the_same_queries_for_one_row_and_for_three(
    people: People, client: Client, sign_in: SignIn, today: dt.date
) -> None:
    browser, costs = sign_in(people.manager), []
    for more in (0, 2):
        for _each in range(more):
            factories.deposit(client)
            factories.price(factories.holding(client).instrument)
            factories.transaction(factories.account(client))
        for name in PANELS:
            browser.get(address := reverse(f"portfolios:{name}", args=[client.pk]), headers=HTMX)
            with CaptureQueriesContext(connection) as made:
                browser.get(address, headers=HTMX)
            costs.append(len(made))
    assert costs[: len(PANELS)] == costs[len(PANELS) :]


def test_a_name_that_is_markup_is_shown_as_text(
    people: People, client: Client, sign_in: SignIn, today: dt.date
) -> None:
    fund = factories.instrument(name='<img src=x onerror="alert(1)">')
    factories.holding(client, instrument=fund, quantity=Decimal(1))
    answer = sign_in(people.manager).get(reverse("portfolios:client_panel", args=[client.pk]), headers=HTMX)
    assert "<img" not in answer.text


def test_cash_accounts_stand_under_the_holdings_with_their_balance(
    people: People, client: Client, sign_in: SignIn, today: dt.date
) -> None:
    factories.transaction(factories.account(client, reference="USD-1", currency="USD"), amount=Decimal("77.50"))
    answer = sign_in(people.manager).get(reverse("portfolios:client_panel", args=[client.pk]), headers=HTMX)
    for shown in ("USD-1", "77.50", "no rate", "1,000.00"):
        assert shown in answer.text


def test_a_deposit_that_was_not_paid_out_says_so_on_its_page(
    people: People, client: Client, sign_in: SignIn, today: dt.date
) -> None:
    browser, told = sign_in(people.manager), []
    for given in ({}, {"matures_on": dt.date(2026, 3, 30)}, {"matures_on": dt.date(2026, 3, 30), "closed_on": today}):
        deposit = factories.deposit(client, **given)
        text = browser.get(reverse("portfolios:deposit", args=[deposit.pk])).text
        told.append("Matured, not paid out" in text)
    assert told == [False, True, False]


def test_what_the_year_returned_is_shown_once_it_is_valued(people: People, sign_in: SignIn, today: dt.date) -> None:
    client = factories.owned_by(people.client_id)
    factories.transaction(factories.account(client))
    browser, address = sign_in(people.manager), reverse("portfolios:client_panel", args=[client.pk])
    assert "% since " not in browser.get(address, headers=HTMX).text
    factories.valued_year(client, until=today)
    assert "+11.88% since 2025-02-28" in browser.get(address, headers=HTMX).text
