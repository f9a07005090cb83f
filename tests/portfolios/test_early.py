"""Money taken out before its time: what it brings, what it costs, and the last day of notice."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from core import clock
from core.calendars import upkeep
from core.errors import Refused
from core.walls import acting, service
from portfolios import queries
from portfolios.models import Deposit
from portfolios.rules.early import Quote, Terms, quote
from tests import factories
from tests.conftest import SignIn
from tests.people import People

TERMS = Terms(
    principal=Decimal(100_000),
    rate=Decimal("0.0275"),
    day_count="ACT/360",
    currency="CNY",
    value_date=dt.date(2026, 1, 15),
    matures_on=dt.date(2027, 1, 15),
    demand_rate=Decimal("0.0005"),
)
CALL = Terms(
    principal=Decimal(500_000),
    rate=Decimal("0.01"),
    day_count="ACT/360",
    currency="CNY",
    value_date=dt.date(2026, 1, 5),
    matures_on=None,
    demand_rate=Decimal("0.0005"),
    notice_days=7,
    least=Decimal(50_000),
)
TODAY = dt.date(2026, 3, 2)


def test_the_withdrawn_part_earns_the_demand_rate_and_the_rest_stays() -> None:
    found = quote(TERMS, amount=Decimal(40_000), on=dt.date(2026, 7, 14), as_of=dt.date(2026, 7, 10))
    assert found.interest == Decimal("10.00")  # 40,000 × 0.05 % × 180 / 360
    assert found.earned == Decimal("550.00")  # 40,000 × 2.75 % × 180 / 360
    assert (found.cost, found.paid, found.left) == (Decimal("540.00"), Decimal("40010.00"), Decimal(60_000))
    assert found.kept == Decimal("1115.28")  # 40,000 × 2.75 % × 365 / 360


def test_a_call_deposit_pays_its_rate_where_notice_can_be_given() -> None:
    found = quote(CALL, amount=Decimal(100_000), on=dt.date(2026, 3, 9), as_of=TODAY)
    assert (found.notice_by, found.in_time) == (TODAY, True)
    assert found.interest == found.earned == Decimal("175.00")  # 100,000 × 1 % × 63 / 360
    assert found.cost == 0


def test_the_day_after_the_last_day_of_notice_it_pays_the_demand_rate() -> None:
    found = quote(CALL, amount=Decimal(100_000), on=dt.date(2026, 3, 9), as_of=TODAY + dt.timedelta(days=1))
    assert not found.in_time
    assert (found.interest, found.cost) == (Decimal("8.75"), Decimal("166.25"))


def test_less_than_the_least_sum_pays_the_demand_rate() -> None:
    found = quote(CALL, amount=Decimal("49999.99"), on=dt.date(2026, 3, 9), as_of=TODAY)
    assert found.in_time
    assert found.interest == Decimal("4.37")


def asked(people: People, row: Deposit, **given: Any) -> Quote:
    """Ask as the manager, on the factories' day."""
    wish = {"amount": Decimal(1_000_000), "on": dt.date(2026, 4, 1), "as_of": factories.TODAY, **given}
    with acting(people.manager):
        return queries.early_withdrawal(user=people.manager, deposit_id=row.pk, **wish)


def test_a_holiday_moves_the_day_on_which_it_is_paid(people: People) -> None:
    with acting(service()):
        upkeep.seed(as_of=factories.TODAY)
    row = factories.deposit(factories.owned_by(people.client_id))
    assert asked(people, row, on=dt.date(2026, 4, 4)).on == dt.date(2026, 4, 7)


@pytest.mark.parametrize(
    ("given", "wish", "field"),
    [
        ({"kind": "structured"}, {}, None),
        ({"currency": "USD"}, {}, None),
        ({"kind": "notice", "notice_days": 7, "matures_on": None}, {"amount": Decimal(960_000)}, "amount"),
        ({"closed_on": dt.date(2026, 3, 30)}, {}, None),
        ({}, {"amount": Decimal("1000000.01")}, "amount"),
        ({}, {"on": dt.date(2026, 3, 30)}, "on"),
        ({}, {"on": dt.date(2026, 4, 15)}, "on"),
        ({}, {"as_of": dt.date(2026, 4, 15)}, None),
        ({}, {"on": dt.date(2027, 4, 15)}, "on"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    people: People, given: dict[str, Any], wish: dict[str, Any], field: str | None
) -> None:
    row = factories.deposit(factories.owned_by(people.client_id), **given)
    with pytest.raises(Refused) as refusal:
        asked(people, row, **wish)
    assert refusal.value.field == field


def test_what_stays_in_a_call_deposit_is_enough_or_nothing(people: People) -> None:
    row = factories.deposit(
        factories.owned_by(people.client_id), kind="notice", notice_days=1, matures_on=None, term_months=None
    )
    assert asked(people, row, amount=Decimal(950_000)).left == Decimal(50_000)
    assert asked(people, row, amount=Decimal(1_000_000)).left == 0


def test_the_rules_of_china_are_those_of_its_banks_alone(people: People) -> None:
    client = factories.owned_by(people.client_id)
    account = factories.account(client, institution=factories.institution(country="HK"))
    with pytest.raises(Refused):
        asked(people, factories.deposit(client, account=account))


def test_it_says_what_keeps_a_call_deposit_from_its_rate() -> None:
    monday = dt.date(2026, 3, 9)
    assert quote(CALL, amount=Decimal(100_000), on=monday, as_of=TODAY).why == ""
    assert quote(CALL, amount=Decimal(100_000), on=monday, as_of=monday).why == "late"
    assert quote(CALL, amount=Decimal(49_999), on=monday, as_of=TODAY).why == "small"
    assert quote(CALL, amount=Decimal(100_000), on=dt.date(2026, 1, 9), as_of=dt.date(2026, 1, 1)).why == "short"


def test_the_page_takes_what_it_offers(people: People, sign_in: SignIn) -> None:
    today = timezone.localdate()
    row = factories.deposit(
        factories.owned_by(people.client_id),
        value_date=today - dt.timedelta(days=90),
        matures_on=today + dt.timedelta(days=275),
    )
    browser, address = sign_in(people.manager), f"/portfolios/deposits/{row.pk}/"
    offered = re.search(r'name="amount"[^>]* value="([^"]+)"', browser.get(address).text)
    assert offered is not None
    assert offered[1] == "1000000.00"
    assert browser.get(address, {"amount": offered[1], "on": today.isoformat()}).status_code == 200


def test_a_company_has_to_take_more(people: People) -> None:
    company = factories.client(kind="company")
    factories.coverage(company, people.manager)
    terms = {"kind": "notice", "notice_days": 1, "matures_on": None, "term_months": None}
    own = factories.deposit(factories.owned_by(people.client_id), **terms)
    wish = {"amount": Decimal(60_000), "on": dt.date(2026, 4, 2)}
    assert asked(people, own, **wish).cost == 0
    assert asked(people, factories.deposit(company, **terms), **wish).cost > 0


def test_a_strangers_deposit_is_missing(people: People) -> None:
    row = factories.deposit(factories.owned_by(people.foreign_id))
    with pytest.raises(Deposit.DoesNotExist):
        asked(people, row)


def test_the_page_works_it_out_and_refuses_beside_the_field(people: People, sign_in: SignIn) -> None:
    today = timezone.localdate()
    row = factories.deposit(
        factories.owned_by(people.client_id),
        value_date=today - dt.timedelta(days=90),
        matures_on=today + dt.timedelta(days=275),
    )
    browser, address = sign_in(people.manager), f"/portfolios/deposits/{row.pk}/"
    assert "Comes to the account" not in browser.get(address).text
    monday = clock.today() + dt.timedelta(days=7 - today.weekday())
    shown = browser.get(address, {"amount": "250000", "on": monday.isoformat()})
    assert shown.status_code == 200
    assert "Comes to the account" in shown.text
    assert "750,000.00" in shown.text
    refused = browser.get(address, {"amount": "1000000.01", "on": monday.isoformat()})
    assert refused.status_code == 422
    assert "There is not so much in it." in refused.text
    assert browser.get(address, {"amuont": "1"}).status_code == 400


def test_nothing_is_offered_where_the_rules_are_not_known(people: People, sign_in: SignIn) -> None:
    row = factories.deposit(factories.owned_by(people.client_id), kind="structured")
    browser, address = sign_in(people.manager), f"/portfolios/deposits/{row.pk}/"
    assert "What if it is taken out" not in browser.get(address).text
    assert browser.get(address, {"amount": "x", "on": "2099-01-01"}).status_code == 200
