"""The valuation of many at once says what the book says line by line, and keeps what it said before."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from clients.models import Client
from core.walls import acting, service
from portfolios import operations, queries
from portfolios.models import Account, Valuation
from portfolios.rules.valuation import valuation_days
from tests import factories
from tests.factories import TODAY
from tests.people import People
from tests.portfolios.drawn import BEGAN, KNOWN, VALUED, Drawn, rates

LATER = dt.datetime(2026, 4, 2, 1, 50, tzinfo=dt.UTC)


def valued(*client_ids: int, until: dt.date = TODAY, now: dt.datetime = LATER) -> int:
    """Value some clients as the service account."""
    with acting(service()):
        return operations.value(client_ids=client_ids, until=until, now=now)


def rows(client_id: int, **chosen: Any) -> list[Valuation]:
    """Return what is believed of a client's worth."""
    with acting(service()):
        found = Valuation.objects.filter(client_id=client_id, superseded_at__isnull=True, **chosen)
        return list(found.order_by("value_date"))


def by_the_book(client_id: int, day: dt.date, known_at: dt.datetime = LATER) -> Decimal:
    """Return what the lines of the book add up to."""
    with acting(user := service()):
        return queries.book(user=user, client_id=client_id, as_of=day, known_at=known_at).total


@pytest.fixture
def client(people: People) -> Client:
    """Return the client that the manager covers."""
    return factories.owned_by(people.client_id)


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(n, marks=pytest.mark.full) for n in range(3, 120))])
def test_each_day_is_worth_what_the_book_says(people: People, seed: int) -> None:
    rates(seed)
    drawn = [Drawn(factories.client(), seed), Drawn(factories.client(base_currency="USD"), seed + 1000)]
    valued(*(one.client.pk for one in drawn))
    for one in drawn:
        found = rows(one.client.pk)
        assert [row.value_date for row in found[-40:]] == valuation_days(BEGAN, TODAY, daily_from=BEGAN)[-40:]
        for row in found:
            assert row.cash + row.deposits + row.holdings == by_the_book(one.client.pk, row.value_date), row.value_date


def funded(client: Client, amount: Decimal = Decimal(100_000), **given: Any) -> Account:
    """Open a cash account and bring money on its first day."""
    account = factories.account(client, opened_on=BEGAN, **given)
    factories.transaction(account, amount=amount, value_date=BEGAN, known_at=KNOWN)
    return account


def index_on(client: Client, day: dt.date) -> tuple[float | None, float | None]:
    """Return the indices of a day, net and gross."""
    (row,) = rows(client.pk, value_date=day)
    return row.net_index, row.gross_index


def test_asked_again_nothing_is_new_and_each_later_day_adds_one_row(client: Client) -> None:
    funded(client)
    assert valued(client.pk) > 0
    assert valued(client.pk, now=LATER + dt.timedelta(hours=2)) == 0
    assert valued(client.pk, until=TODAY + dt.timedelta(days=1), now=LATER + dt.timedelta(days=1)) == 1


def test_what_was_valued_night_by_night_is_what_is_valued_at_once(people: People) -> None:
    rates(5)
    one = Drawn(factories.client(), 5).client.pk
    start = TODAY - dt.timedelta(days=20)
    for n in range(21):
        valued(one, until=start + dt.timedelta(days=n), now=LATER + dt.timedelta(hours=n))
    nightly = rows(one)[-21:]
    with acting(service()):
        Valuation.objects.filter(client_id=one).delete()
    valued(one)
    at_once = {row.value_date: row for row in rows(one)}
    grown = [(row.net_index or 0) / (nightly[0].net_index or 1) for row in nightly]
    whole = [
        (at_once[row.value_date].net_index or 0) / (at_once[nightly[0].value_date].net_index or 1) for row in nightly
    ]
    assert grown == pytest.approx(whole, rel=1e-9)
    for name in ("cash", "deposits", "holdings", "flow", "fees"):
        told = [getattr(row, name) for row in nightly]
        assert told == [getattr(at_once[row.value_date], name) for row in nightly], name


def test_a_correction_ends_the_belief_and_keeps_what_was_said(client: Client) -> None:
    account = funded(client)
    wrong = factories.transaction(account, amount=Decimal(500), value_date=dt.date(2026, 3, 10), known_at=KNOWN)
    valued(client.pk)
    said = {row.value_date: row.cash for row in rows(client.pk)}
    corrected = LATER + dt.timedelta(days=1)
    wrong.superseded_at = corrected
    factories.save(wrong)
    factories.transaction(
        account, reference=wrong.reference, amount=Decimal(700), value_date=wrong.value_date, known_at=corrected
    )
    valued(client.pk, now=corrected + dt.timedelta(hours=1))
    for row in rows(client.pk):
        assert row.cash == said[row.value_date] + (200 if row.value_date >= wrong.value_date else 0)
    with acting(user := service()):
        before = queries.valuations(user=user, client_id=client.pk, known_at=corrected)
        assert {row.value_date: row.cash for row in before} == said


def test_interest_is_earned_and_what_the_client_brings_is_not(client: Client) -> None:
    account = funded(client)
    factories.transaction(account, amount=Decimal(900_000), value_date=dt.date(2026, 3, 11), known_at=KNOWN)
    for kind, amount, day in (("interest", 1000, 12), ("fee", -100, 13)):
        factories.transaction(
            account, kind=kind, amount=Decimal(amount), value_date=dt.date(2026, 3, day), known_at=KNOWN
        )
    valued(client.pk)
    assert index_on(client, dt.date(2026, 3, 11)) == (1, 1)
    assert index_on(client, dt.date(2026, 3, 12)) == (1.001, 1.001)
    net, gross = index_on(client, TODAY)
    assert net == pytest.approx(1.001 * (1 - 100 / 1_001_000), rel=1e-12)
    assert gross == pytest.approx(1.001, rel=1e-12)
    assert sum(row.fees for row in rows(client.pk)) == 100


@pytest.mark.parametrize("paid", [True, False])
def test_what_is_bought_is_no_flow_and_what_is_brought_is(client: Client, *, paid: bool) -> None:
    account, day = funded(client), dt.date(2026, 3, 11)
    bought = factories.holding(client, quantity=Decimal(1000), value_date=day, known_at=KNOWN)
    factories.price(bought.instrument, price=Decimal(20), value_date=day, known_at=KNOWN)
    if paid:
        factories.transaction(account, kind="trade", amount=Decimal(-20_000), value_date=day, known_at=KNOWN)
    valued(client.pk)
    (row,) = rows(client.pk, value_date=day)
    assert row.flow == (0 if paid else 20_000)
    assert row.holdings == 20_000
    assert row.net_index == 1


def test_a_deposit_that_renews_itself_moves_nothing(client: Client) -> None:
    account, day = funded(client), dt.date(2026, 3, 11)
    terms = {"account": account, "rate": Decimal("0.036"), "day_count": "ACT/360", "known_at": KNOWN}
    old = factories.deposit(
        client, principal=Decimal(10_000), value_date=dt.date(2025, 12, 11), matures_on=day, closed_on=day, **terms
    )
    factories.deposit(client, principal=old.principal + 90, value_date=day, matures_on=dt.date(2026, 6, 11), **terms)
    factories.transaction(account, kind="deposit", amount=Decimal(-10_000), value_date=old.value_date, known_at=KNOWN)
    valued(client.pk)
    assert [row.flow for row in rows(client.pk)[1:]] == [0] * (len(rows(client.pk)) - 1)
    assert index_on(client, day)[0] == pytest.approx(1.0009, rel=1e-9)


def test_interest_that_a_renewed_deposit_pays_out_is_earned_once(client: Client) -> None:
    account, day = funded(client), dt.date(2026, 3, 11)
    terms = {"account": account, "rate": Decimal("0.036"), "day_count": "ACT/360", "known_at": KNOWN}
    began = dt.date(2025, 12, 11)
    old = factories.deposit(client, principal=Decimal(10_000), value_date=began, matures_on=day, closed_on=day, **terms)
    factories.deposit(client, principal=old.principal, value_date=day, matures_on=dt.date(2026, 6, 11), **terms)
    factories.transaction(account, kind="deposit", amount=Decimal(-10_000), value_date=began, known_at=KNOWN)
    factories.transaction(account, kind="interest", amount=Decimal(90), value_date=day, known_at=KNOWN)
    valued(client.pk)
    assert index_on(client, day)[0] == pytest.approx(1.0009, rel=1e-9)
    with acting(user := service()):
        found = queries.performance(user=user, client_id=client.pk, as_of=TODAY, known_at=LATER)
        span = found.spans[-1]
        added = queries.contributions(user=user, found=found, span=span, known_at=LATER)
    assert sum(one.gain for one in added) == span.gain
    assert {one.kind: one.gain for one in added} == {"deposit": span.gain, "cash": 0}


def test_a_day_without_a_price_has_no_index_and_the_next_goes_on_from_before(client: Client) -> None:
    funded(client)
    late = dt.date(2026, 3, 13)
    bought = factories.holding(client, quantity=Decimal(1000), value_date=dt.date(2026, 3, 11), known_at=KNOWN)
    factories.price(bought.instrument, price=Decimal(20), value_date=late, known_at=KNOWN)
    valued(client.pk)
    told = {row.value_date: (row.net_index, row.missing) for row in rows(client.pk)}
    assert told[dt.date(2026, 3, 11)] == told[dt.date(2026, 3, 12)] == (None, 1)
    assert told[late][1] == 0
    assert told[late][0] is not None


def test_a_late_price_changes_the_days_since_and_nothing_before(client: Client) -> None:
    funded(client)
    bought = factories.holding(client, quantity=Decimal(10), value_date=dt.date(2026, 3, 2), known_at=KNOWN)
    factories.price(bought.instrument, price=Decimal(20), value_date=dt.date(2026, 3, 2), known_at=KNOWN)
    valued(client.pk)
    learned = LATER + dt.timedelta(days=1)
    factories.price(bought.instrument, price=Decimal(30), value_date=dt.date(2026, 3, 20), known_at=learned)
    assert valued(client.pk, now=learned + dt.timedelta(hours=1)) == 8
    assert {row.holdings for row in rows(client.pk, value_date__gte=dt.date(2026, 3, 20))} == {300}
    assert {row.holdings for row in rows(client.pk, value_date__range=(dt.date(2026, 3, 2), dt.date(2026, 3, 19)))} == {
        200
    }


def test_a_contract_that_is_corrected_is_valued_anew_from_its_beginning(client: Client) -> None:
    account = funded(client)
    deposit = factories.deposit(client, account=account, value_date=dt.date(2026, 3, 2), known_at=KNOWN)
    valued(client.pk)
    before = rows(client.pk)[-1].deposits
    factories.instructed(deposit, "all", rate=Decimal("0.04"), known_at=LATER + dt.timedelta(days=1))
    valued(client.pk, now=LATER + dt.timedelta(days=2))
    assert rows(client.pk)[-1].deposits - before == Decimal("1611.11")


def test_a_past_that_reaches_further_back_is_valued_at_the_ends_of_its_months(client: Client) -> None:
    account = funded(client)
    valued(client.pk)
    first = rows(client.pk)[0].value_date
    earlier = factories.account(client, opened_on=dt.date(2025, 6, 10))
    learned = LATER + dt.timedelta(days=1)
    factories.transaction(earlier, amount=Decimal(70), value_date=dt.date(2025, 6, 10), known_at=learned)
    valued(client.pk, now=learned + dt.timedelta(hours=1))
    found = rows(client.pk)
    assert first == dt.date(2025, 10, 31)
    assert [row.value_date.month for row in found[:4]] == [6, 7, 8, 9]
    assert {row.cash for row in found[:4]} == {70}
    assert found[4].cash == 100_070
    assert account.opened_on > found[0].value_date


def test_another_currency_of_the_client_values_everything_anew(client: Client) -> None:
    funded(client)
    rates(1)
    valued(client.pk)
    client.base_currency = "USD"
    factories.save(client)
    valued(client.pk, now=LATER + dt.timedelta(days=1))
    assert {row.currency for row in rows(client.pk)} == {"USD"}


def test_nobody_but_the_night_writes_a_valuation(people: People) -> None:
    row = factories.valuation(factories.owned_by(people.client_id))
    with acting(people.manager), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        Valuation(**{**VALUED, "client_id": row.client_id}).save(force_insert=True)
    with acting(people.manager):
        assert Valuation.objects.filter(pk=row.pk).update(cash=1) == 0
