"""What is a flow and what is a return: what came from outside, what was late, what was not known, what was split."""

import datetime as dt
from decimal import Decimal

import pytest

from clients.models import Client
from clients.rules.intake import LinesRefused
from core.walls import acting, service
from portfolios import feeds, operations, queries
from portfolios.feeds import HoldingRow
from portfolios.models import Valuation
from portfolios.rules.periods import Measured
from tests import factories
from tests.factories import TODAY
from tests.portfolios.drawn import BEGAN, KNOWN
from tests.portfolios.test_holdings import BUYS, DAY, added, held, priced
from tests.portfolios.test_valuation import LATER, by_the_book, client, funded, index_on, rows, valued

__all__ = ["client"]
D, ONE, HOUR = Decimal, dt.timedelta(days=1), dt.timedelta(hours=1)


def row(client: Client, day: dt.date) -> Valuation:
    """Return the valuation of a day."""
    (found,) = rows(client.pk, value_date=day)
    return found


def worth(found: Valuation) -> Decimal:
    """Return the whole."""
    return found.cash + found.deposits + found.holdings


def apart(client: Client, now: dt.datetime) -> dict[dt.date, tuple[Decimal, Decimal]]:
    """Return the days on which the valuation says something else than the book."""
    both = {one.value_date: (worth(one), by_the_book(client.pk, one.value_date, now)) for one in rows(client.pk)}
    return {day: pair for day, pair in both.items() if pair[0] != pair[1]}


def spans(client: Client) -> dict[str, Measured]:
    """Return the spans of a client by key."""
    with acting(user := service()):
        found = queries.performance(user=user, client_id=client.pk, as_of=TODAY, known_at=LATER)
    return {one.key: one for one in found.spans}


# --- exchanges --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [DAY, dt.date(2025, 11, 3)], ids=["a day", "a month of the past"])
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside a trade"])
def test_shares_that_are_brought_are_no_return_whatever_else_is_traded(
    client: Client, day: dt.date, *, beside: bool
) -> None:
    account, share, other = funded(client), factories.instrument(), factories.instrument()
    priced(share, (day, "20"))
    priced(other, (day, "1"))
    held(client, share, (day, 50_000, 1_000_000))
    if beside:
        held(client, other, (day, 100, 100))
        factories.transaction(account, kind="trade", amount=D(-100), value_date=day, known_at=KNOWN)
    valued(client.pk)
    assert sum(one.flow for one in rows(client.pk)[1:]) + rows(client.pk)[0].flow == 1_100_000
    assert index_on(client, TODAY)[0] == pytest.approx(1, rel=1e-12)


def test_what_is_brought_in_a_month_of_the_past_counts_at_the_price_of_its_day(client: Client) -> None:
    funded(client)
    share = factories.instrument()
    priced(share, (dt.date(2025, 11, 3), "20"), (dt.date(2025, 11, 28), "30"))
    held(client, share, (dt.date(2025, 11, 3), 5_000, 100_000))
    valued(client.pk)
    assert row(client, dt.date(2025, 11, 30)).flow == 100_000
    assert (row(client, dt.date(2025, 11, 30)).net_index or 0) > 1.24


@pytest.mark.parametrize("interest", [0, 1])
def test_a_deposit_that_is_brought_is_no_return_when_interest_is_posted_elsewhere(
    client: Client, interest: int
) -> None:
    account = funded(client)
    factories.deposit(client, account=account, principal=D(1_000_000), value_date=DAY, known_at=KNOWN)
    if interest:
        factories.transaction(account, kind="interest", amount=D(1), value_date=DAY, known_at=KNOWN)
    valued(client.pk)
    assert row(client, DAY).flow == 1_000_000
    assert index_on(client, DAY)[0] == pytest.approx(1 + interest / 1_100_000, rel=1e-12)


def test_trades_that_settle_a_day_late_are_no_return(client: Client) -> None:
    account, share, other = funded(client), factories.instrument(), factories.instrument()
    priced(share, (DAY, "20"))
    priced(other, (DAY, "1"))
    factories.transaction(account, kind="trade", amount=D(-60_000), value_date=DAY, known_at=KNOWN)
    held(client, share, (DAY + ONE, 3_000, 60_000))
    factories.transaction(account, kind="trade", amount=D(-1_000), value_date=DAY + ONE, known_at=KNOWN)
    held(client, other, (DAY + 2 * ONE, 1_000, 1_000))
    valued(client.pk)
    assert index_on(client, TODAY)[0] == pytest.approx(1, rel=1e-12)


def test_the_gain_of_a_future_whose_cash_comes_a_day_later_is_a_return(client: Client) -> None:
    account = funded(client)
    future = factories.instrument(asset_class="future", multiplier=D(10))
    held(client, future, (BUYS, 2, 80_000), (DAY, 0, 0))
    priced(future, (BUYS, "4000"), (DAY - ONE, "4500"))
    factories.transaction(account, kind="trade", amount=D(10_000), value_date=DAY + ONE, known_at=KNOWN)
    valued(client.pk)
    assert index_on(client, DAY + ONE)[0] == pytest.approx(1.1, rel=1e-12)
    assert added(client)["holding"].gain == 10_000


def test_a_future_that_is_settled_every_day_earns_what_it_pays(client: Client) -> None:
    account = funded(client)
    future = factories.instrument(asset_class="future", multiplier=D(10))
    held(client, future, (BUYS, 1, 40_000), (DAY, 1, 42_000), (DAY + ONE, 0, 0))
    priced(future, (BUYS, "4000"), (DAY, "4200"), (DAY + ONE, "4100"))
    for day, paid in ((DAY, 2_000), (DAY + ONE, -1_000)):
        factories.transaction(account, kind="trade", amount=D(paid), value_date=day, known_at=KNOWN)
    valued(client.pk)
    assert [one.flow for one in rows(client.pk)[1:]] == [0] * (len(rows(client.pk)) - 1)
    assert index_on(client, DAY)[0] == pytest.approx(1.02, rel=1e-12)
    assert index_on(client, TODAY)[0] == pytest.approx(1.01, rel=1e-12)
    assert added(client)["holding"].gain == 1_000


def test_what_moves_between_own_accounts_is_no_capital_of_its_own(client: Client) -> None:
    account, other = funded(client), factories.account(client, opened_on=BEGAN)
    factories.transaction(account, amount=D(-100_000), value_date=DAY, known_at=KNOWN)
    factories.transaction(other, amount=D(100_000), value_date=DAY, known_at=KNOWN)
    factories.transaction(other, kind="dividend", amount=D(1_000), value_date=DAY, known_at=KNOWN)
    valued(client.pk)
    assert index_on(client, DAY)[0] == pytest.approx(1.01, rel=1e-12)


# --- deposits that close ----------------------------------------------------------------------------------------------

LENT = dt.date(2025, 12, 11)


def lent(client: Client, *posted: tuple[dt.date, str, int]) -> None:
    """Lend 10,000 at 3.6 % for the 90 days until ``DAY``, and post what came back."""
    account = funded(client)
    factories.transaction(account, kind="deposit", amount=D(-10_000), value_date=LENT, known_at=KNOWN)
    given = {"account": account, "principal": D(10_000), "rate": D("0.036"), "value_date": LENT, "known_at": KNOWN}
    factories.deposit(client, matures_on=DAY, closed_on=DAY, **given)
    for day, kind, amount in posted:
        factories.transaction(account, kind=kind, amount=D(amount), value_date=day, known_at=KNOWN)


@pytest.mark.parametrize(("late", "interest"), [(0, 90), (0, 5), (1, 90)], ids=["whole", "less", "the day after"])
def test_interest_is_earned_once_whenever_it_is_posted(client: Client, late: int, interest: int) -> None:
    day = DAY + late * ONE
    lent(client, (day, "deposit", 10_000), (day, "interest", interest))
    valued(client.pk)
    assert spans(client)["all"].gain == interest
    if not late:
        assert {kind: one.gain for kind, one in added(client).items()} == {"deposit": interest, "cash": 0}


def test_interest_of_another_account_on_the_day_is_that_account_s(client: Client) -> None:
    lent(client, (DAY, "deposit", 10_000), (DAY, "interest", 90))
    other = factories.account(client, opened_on=BEGAN)
    factories.transaction(other, amount=D(10_000), value_date=BEGAN, known_at=KNOWN)
    factories.transaction(other, kind="interest", amount=D(50), value_date=DAY, known_at=KNOWN)
    valued(client.pk)
    found = added(client, by="label")
    assert sorted(one.gain for one in found.values()) == [0, 50, 90]


TAKEN = dt.date(2026, 3, 16)


@pytest.mark.parametrize("kind", ["time", "demand"])
def test_what_leaves_a_contract_early_leaves_its_past_alone(client: Client, kind: str) -> None:
    account = funded(client)
    given = {"principal": D(10_000), "rate": D("0.036"), "value_date": LENT, "known_at": KNOWN}
    given |= {"kind": kind, "matures_on": dt.date(2026, 12, 11) if kind == "time" else None}
    deposit = factories.deposit(client, account=account, **given)
    factories.transaction(account, kind="deposit", amount=D(-10_000), value_date=LENT, known_at=KNOWN)
    valued(client.pk, until=dt.date(2026, 3, 13))
    before = {one.value_date: worth(one) for one in rows(client.pk)}
    told = f"deposit,{deposit.reference},{account.reference},{kind},CNY,6000,0.036,{LENT},{deposit.matures_on or ''},"
    head = "record,reference,account,kind,currency,principal,rate,value_date,matures_on,changed_on\n"
    found = feeds.read("holdings", f"{head}{told}{TAKEN}\n".encode())
    assert found.errors == []
    learned = LATER + ONE
    for kinds, amount in (("deposit", 4_000), ("interest", 3)):
        factories.transaction(account, kind=kinds, amount=D(amount), value_date=TAKEN, known_at=learned)
    with acting(service()):
        assert operations.apply_rows(rows=found.rows, now=learned).counts.changed == 1
        assert operations.apply_rows(rows=found.rows, now=learned).counts.unchanged == 1
    valued(client.pk, now=learned + HOUR)
    assert {one.value_date: worth(one) for one in rows(client.pk) if one.value_date in before} == before
    assert apart(client, learned + HOUR) == {}
    assert [one.flow for one in rows(client.pk)[1:]] == [0] * (len(rows(client.pk)) - 1)
    own = row(client, TODAY)
    earned = D("66.00") if kind == "time" else D("6.00")  # 110 days of 6,000; or 10 days since the credit of 21 March
    assert own.deposits == 6_000 + earned
    gains = {kind: one.gain for kind, one in added(client, known_at=learned + HOUR).items()}
    assert gains == {"deposit": own.deposits + 4_003 - 10_000, "cash": 0}


@pytest.mark.parametrize("told", ["at once", "late", "never"])
def test_money_that_comes_to_a_demand_deposit_is_a_flow(client: Client, told: str) -> None:
    account = funded(client)
    given = {"kind": "demand", "rate": D("0.0036"), "matures_on": None, "value_date": LENT, "known_at": KNOWN}
    deposit = factories.deposit(client, account=account, principal=D(1_000), **given)
    factories.transaction(account, kind="deposit", amount=D(-1_000), value_date=LENT, known_at=KNOWN)
    if told == "late":
        valued(client.pk)
    learned = LATER + HOUR if told == "late" else KNOWN + HOUR
    deposit.principal, deposit.known_at = D(901_000), learned
    factories.save(deposit)
    if told != "never":
        factories.change(deposit, D(900_000), value_date=TAKEN, known_at=learned)
    valued(client.pk, now=LATER + 2 * HOUR)
    flows = {one.value_date: one.flow for one in rows(client.pk) if one.flow}
    assert flows.get(TAKEN) == (None if told == "never" else 900_000)
    assert apart(client, LATER + 2 * HOUR) == {}


@pytest.mark.parametrize("night", ["the same", "the next"])
def test_an_instruction_that_is_given_while_the_night_runs_changes_nothing(client: Client, night: str) -> None:
    deposit = factories.deposit(
        client, account=funded(client), principal=D(1_000_000), value_date=BEGAN, known_at=KNOWN,
        matures_on=dt.date(2026, 10, 3),
    )  # fmt: skip
    valued(client.pk, until=TODAY - ONE, now=LATER - ONE)
    factories.instructed(deposit, "all", known_at=LATER + dt.timedelta(minutes=1))
    valued(client.pk)
    if night == "the next":
        valued(client.pk, until=TODAY + ONE, now=LATER + ONE)
    assert apart(client, LATER + (ONE if night == "the next" else 0 * ONE)) == {}


# --- beginnings -------------------------------------------------------------------------------------------------------


def test_the_balance_with_which_an_account_began_is_counted_when_it_is_learned_later(client: Client) -> None:
    funded(client)
    valued(client.pk)
    other = factories.account(client, opened_on=dt.date(2024, 1, 1))
    learned = LATER + ONE
    factories.transaction(other, amount=D(100), balance=D(5_100), value_date=TODAY + ONE, known_at=learned)
    valued(client.pk, until=TODAY + ONE, now=learned + HOUR)
    assert worth(row(client, TODAY + ONE)) == 105_100
    assert apart(client, learned + HOUR) == {}


def test_a_movement_before_the_first_one_changes_the_beginning(client: Client) -> None:
    account = factories.account(client, opened_on=BEGAN)
    factories.transaction(account, amount=D(100), balance=D(5_100), value_date=dt.date(2026, 3, 10), known_at=KNOWN)
    valued(client.pk)
    learned = LATER + ONE
    before = dt.date(2026, 3, 2)
    factories.transaction(account, amount=D(1_000), balance=D(5_000), value_date=before, known_at=learned)
    valued(client.pk, now=learned + HOUR)
    assert apart(client, learned + HOUR) == {}


def test_an_account_that_began_with_money_has_brought_it(client: Client) -> None:
    funded(client)
    other = factories.account(client, opened_on=dt.date(2026, 3, 5))
    factories.transaction(other, amount=D(100), balance=D(5_100), value_date=DAY, known_at=KNOWN)
    valued(client.pk)
    assert spans(client)["all"].gain == 0
    assert [one.gain for one in added(client, by="label").values()] == [0, 0]


# --- what is not known ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("currency", ["CNY", "USD"])
def test_what_was_sold_needs_no_price_and_no_rate(client: Client, currency: str) -> None:
    funded(client)
    share = factories.instrument(currency=currency)
    held(client, share, (dt.date(2025, 11, 3), 1_000, 20_000), (DAY, 0, 0))
    priced(share, *([(dt.date(2025, 11, 3), "20")] if currency == "USD" else []))
    valued(client.pk)
    last = row(client, TODAY)
    assert (last.missing, last.stale) == (0, 0)
    assert last.net_index is not None


def test_a_flow_whose_rate_comes_later_has_no_return_on_its_day_and_none_after(client: Client) -> None:
    funded(client)
    dollars = factories.account(client, currency="USD", opened_on=dt.date(2025, 11, 1))
    factories.transaction(dollars, amount=D(10_000), value_date=dt.date(2025, 11, 3), known_at=KNOWN)
    day = dt.date(2025, 11, 25)
    while day <= TODAY:
        factories.fx_rate(rate=D(7), value_date=day, known_at=KNOWN)
        day += 5 * ONE
    valued(client.pk)
    month = row(client, dt.date(2025, 11, 30))
    assert (worth(month), month.flow, month.net_index) == (D(170_000), D(70_000), None)
    assert index_on(client, TODAY)[0] == pytest.approx(1, rel=1e-12)


def test_shares_whose_price_comes_later_are_brought_at_that_price(client: Client) -> None:
    funded(client)
    share = factories.instrument()
    held(client, share, (DAY, 5_000, 100_000))
    priced(share, (DAY + 2 * ONE, "20"))
    valued(client.pk)
    assert [index_on(client, day)[0] for day in (DAY, DAY + 2 * ONE)] == [None, pytest.approx(1, rel=1e-12)]


# --- splits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [0, 2], ids=["position on the day", "position later"])
@pytest.mark.parametrize("price", [0, 2], ids=["price on the day", "price later"])
def test_quantity_and_price_are_of_the_same_side_of_a_split(client: Client, told: int, price: int) -> None:
    account, share = funded(client), factories.instrument()
    factories.transaction(account, kind="trade", amount=D(-20_000), value_date=BUYS, known_at=KNOWN)
    held(client, share, (BUYS, 1_000, 20_000), (DAY + told * ONE, 2_000, 20_000))
    priced(share, (BUYS, "20"), (DAY + price * ONE, "10"))
    factories.action(share, value_date=DAY, known_at=KNOWN)
    valued(client.pk)
    assert {one.holdings for one in rows(client.pk) if one.value_date >= BUYS} == {20_000}
    assert apart(client, LATER) == {}
    assert index_on(client, TODAY)[0] == pytest.approx(1, rel=1e-12)


# --- everything lost --------------------------------------------------------------------------------------------------


def test_after_a_loss_of_everything_new_money_begins_anew(client: Client) -> None:
    account = factories.account(client, opened_on=BEGAN)
    lost, again = dt.date(2026, 2, 20), dt.date(2026, 2, 23)
    for day, kind, amount in (
        (dt.date(2026, 2, 16), "transfer", 1_000),
        (dt.date(2026, 2, 17), "trade", -1_000),
        (again, "transfer", 1_000_000),
        (dt.date(2026, 3, 16), "dividend", 100_000),
    ):
        factories.transaction(account, kind=kind, amount=D(amount), value_date=day, known_at=KNOWN)
    option = factories.instrument(asset_class="option")
    held(client, option, (dt.date(2026, 2, 17), 100, 1_000), (lost, 0, 0))
    priced(option, (dt.date(2026, 2, 17), "10"), (dt.date(2026, 2, 19), "0"))
    valued(client.pk)
    found = spans(client)
    assert found["m1"].net == pytest.approx(0.1, rel=1e-9)
    assert (found["all"].net, found["all"].gross, found["all"].fall.depth) == (-1.0, -1.0, -1.0)


def test_who_owes_more_than_there_was_has_lost_everything(client: Client) -> None:
    account = factories.account(client, opened_on=BEGAN)
    factories.transaction(account, amount=D(10_000), value_date=dt.date(2026, 3, 2), known_at=KNOWN)
    factories.transaction(account, kind="trade", amount=D(1_000), value_date=dt.date(2026, 3, 3), known_at=KNOWN)
    option = factories.instrument(asset_class="option", multiplier=D(100))
    held(client, option, (dt.date(2026, 3, 3), -10, -1_000))
    priced(option, (dt.date(2026, 3, 3), "1"), (dt.date(2026, 3, 16), "20"))
    valued(client.pk)
    assert (spans(client)["all"].gain, spans(client)["all"].net) == (D(-19_000), -1.0)


# --- doors ------------------------------------------------------------------------------------------------------------


def test_an_older_job_that_is_slow_does_not_undo_a_newer_one(client: Client) -> None:
    account = funded(client)
    valued(client.pk, until=TODAY - ONE, now=LATER - ONE)
    factories.transaction(account, amount=D(777), value_date=dt.date(2026, 3, 10), known_at=LATER + HOUR)
    valued(client.pk, now=LATER + 2 * HOUR)
    valued(client.pk, now=LATER + HOUR / 2)
    assert apart(client, LATER + 2 * HOUR) == {}


def test_a_position_s_reference_is_of_one_instrument(client: Client) -> None:
    position = factories.holding(client, value_date=BUYS, known_at=KNOWN)
    other = factories.instrument()

    def told(day: dt.date) -> HoldingRow:
        where = (position.reference, position.account.reference, other.reference)
        return HoldingRow(*where, quantity=D(5), cost=D(50), value_date=day, line=2)

    with acting(service()):
        with pytest.raises(LinesRefused) as refusal:
            operations.apply_rows(rows=[told(DAY)], now=LATER)
        assert [(one.field, one.code) for one in refusal.value.errors] == [("instrument", "instrument-differs")]
        taken = operations.apply_rows(rows=[told(BUYS)], now=LATER)
    assert taken.counts.changed == 1
