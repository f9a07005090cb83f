"""Holdings of every kind: what they are worth, and what splits, dividends and futures do to returns."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from clients.models import Client
from core.walls import acting, service
from portfolios import feeds, operations, queries
from portfolios.models import Account, CorporateAction, Instrument
from portfolios.rules.contributions import Contribution
from portfolios.rules.holdings import Action, Terms, became, bought
from tests import factories
from tests.factories import TODAY
from tests.portfolios.drawn import KNOWN
from tests.portfolios.test_valuation import LATER, client, funded, index_on, rows, valued

__all__ = ["client"]
D = Decimal
BUYS, DAY = dt.date(2026, 3, 2), dt.date(2026, 3, 11)


# --- what they are worth ----------------------------------------------------------------------------------------------


def test_a_bond_is_worth_its_clean_price_and_the_interest_since_the_last_coupon() -> None:
    terms = Terms("bond", D("0.01"), D("0.06"), 2, dt.date(2028, 6, 15))
    on = dt.date(2026, 9, 13)  # 90 of the 183 days from 15 June to 15 December
    assert terms.accrued(on) == pytest.approx(D(100) * D("0.03") * 90 / 183, abs=D("1e-20"))
    assert terms.worth(D(50_000), D("98.5"), D(0), on, "CNY") == D("49987.70")  # 49,250 and 737.70
    assert terms.accrued(dt.date(2026, 6, 15)) == 0
    assert terms.accrued(dt.date(2028, 6, 15)) == terms.accrued(dt.date(2030, 1, 1)) == 0


def test_an_option_counts_its_contract_and_a_future_its_gain_alone() -> None:
    option = Terms("option", D(100))
    assert option.worth(D(-3), D("2.345"), D(900), TODAY, "CNY") == D("-703.50")
    future = Terms("future", D(10))
    assert future.worth(D(2), D(4100), D(80_000), TODAY, "CNY") == D(2_000)
    assert future.worth(D(-2), D(4100), D(-80_000), TODAY, "CNY") == D(-2_000)


def test_an_action_counts_from_its_day_on_for_what_was_there_before() -> None:
    split = [Action(DAY, D(2)), Action(DAY + dt.timedelta(days=5), D("1.5"))]
    assert became(D(100), split, BUYS, DAY - dt.timedelta(days=1)) == 100
    assert became(D(100), split, BUYS, DAY) == 200
    assert became(D(100), split, BUYS, TODAY) == 300
    assert became(D(100), split, DAY, TODAY) == 150
    assert bought((BUYS, D(100)), (DAY, D(230)), split) == 30
    assert bought(None, (DAY, D(230)), split) == 230


# --- returns ----------------------------------------------------------------------------------------------------------


def held(client: Client, instrument: Instrument, *said: tuple[dt.date, int, int], **where: Account) -> Account:
    """Hold an instrument: on which days how much of it, at which cost; return in which account."""
    (day, quantity, cost), *later = said
    first = factories.holding(
        client, instrument=instrument, quantity=D(quantity), cost=D(cost), value_date=day, known_at=KNOWN, **where
    )
    for day, quantity, cost in later:
        given = {"reference": first.reference, "account": first.account, "instrument": instrument}
        factories.holding(client, quantity=D(quantity), cost=D(cost), value_date=day, known_at=KNOWN, **given)
    return first.account


def priced(instrument: Instrument, *said: tuple[dt.date, str]) -> None:
    """Price an instrument on some days."""
    for day, price in said:
        factories.price(instrument, price=D(price), value_date=day, known_at=KNOWN)


def added(client: Client, *, by: str = "kind", known_at: dt.datetime = LATER) -> dict[str, Contribution]:
    """Return what each kind of position added over all that is valued; the parts make the whole."""
    with acting(user := service()):
        found = queries.performance(user=user, client_id=client.pk, as_of=TODAY, known_at=known_at)
        span = found.spans[-1]
        lines = queries.contributions(user=user, found=found, span=span, known_at=known_at)
    assert abs(sum(one.gain for one in lines) - span.gain) < 1  # what is less is no line
    return {getattr(one, by): one for one in lines}


@pytest.mark.parametrize("late", [0, 2], ids=["on the day", "two days later"])
@pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])
def test_a_split_brings_nothing_and_loses_nothing(client: Client, *, told: bool, late: int) -> None:
    account = funded(client)
    share = factories.instrument()
    factories.transaction(account, kind="trade", amount=D(-20_000), value_date=BUYS, known_at=KNOWN)
    held(client, share, (BUYS, 1000, 20_000), (DAY + dt.timedelta(days=late), 2000, 20_000))
    priced(share, (BUYS, "20"), (DAY, "10"))
    if told:
        factories.action(share, value_date=DAY, known_at=KNOWN)
    valued(client.pk)
    last = rows(client.pk)[-1]
    assert last.holdings == 20_000
    assert sum(row.flow for row in rows(client.pk)[1:]) == (0 if told else 10_000)
    if told:
        assert last.net_index == pytest.approx(1, rel=1e-12)
        assert added(client)["holding"].gain == 0


def test_a_split_that_is_told_late_mends_the_returns_since_its_day(client: Client) -> None:
    account = funded(client)
    share = factories.instrument()
    factories.transaction(account, kind="trade", amount=D(-20_000), value_date=BUYS, known_at=KNOWN)
    held(client, share, (BUYS, 1000, 20_000), (DAY, 2000, 20_000))
    priced(share, (BUYS, "20"), (DAY, "10"))
    valued(client.pk)
    learned = LATER + dt.timedelta(days=1)
    factories.action(share, value_date=DAY, known_at=learned)
    assert valued(client.pk, now=learned + dt.timedelta(hours=1)) > 0
    assert index_on(client, TODAY)[0] == pytest.approx(1, rel=1e-12)


def test_a_dividend_is_earned(client: Client) -> None:
    account = funded(client)
    factories.transaction(account, kind="dividend", amount=D(500), value_date=DAY, known_at=KNOWN)
    valued(client.pk)
    assert [row.flow for row in rows(client.pk, value_date=DAY)] == [0]
    assert index_on(client, DAY)[0] == pytest.approx(1.005, rel=1e-12)
    assert added(client)["cash"].gain == 500


@pytest.mark.parametrize("tied", [True, False], ids=["of the share", "of nothing said"])
def test_a_dividend_counts_for_the_holding_that_paid_it(client: Client, *, tied: bool) -> None:
    account, share = funded(client), factories.instrument()
    factories.transaction(account, kind="trade", amount=D(-20_000), value_date=BUYS, known_at=KNOWN)
    held(client, share, (BUYS, 1000, 20_000))
    priced(share, (BUYS, "20"), (DAY, "19.6"))
    of = {"instrument": share if tied else None, "value_date": DAY, "known_at": KNOWN}
    factories.transaction(account, kind="dividend", amount=D(500), **of)
    factories.transaction(account, kind="fee", amount=D(-50), **of)
    valued(client.pk)
    found = added(client)
    assert (found["holding"].income, found["holding"].gain) == ((D(450), D(50)) if tied else (D(0), D(-400)))
    assert (found["cash"].income, found["cash"].gain) == (D(0), D(0 if tied else 450))


def test_what_a_sold_holding_still_pays_is_its_own(client: Client) -> None:
    account, share = funded(client), factories.instrument()
    factories.transaction(account, kind="dividend", amount=D(500), value_date=DAY, known_at=KNOWN, instrument=share)
    valued(client.pk)
    found = added(client)
    assert (found["holding"].gain, found["holding"].end, found["cash"].gain) == (D(500), D(0), D(0))


@pytest.mark.parametrize("told", ["before", "late", "never"])
def test_a_spin_off_gives_from_one_holding_to_another(client: Client, told: str) -> None:
    account = funded(client)
    share, other = factories.instrument(), factories.instrument()
    factories.transaction(account, kind="trade", amount=D(-20_000), value_date=BUYS, known_at=KNOWN)
    custody = held(client, share, (BUYS, 1000, 20_000))
    held(client, other, (DAY, 500, 0), account=custody)
    priced(share, (BUYS, "20"), (DAY, "15.5"))
    priced(other, (DAY, "9"))
    learned = {"before": KNOWN, "late": LATER + dt.timedelta(hours=2), "never": None}[told]
    if told == "late":
        valued(client.pk)
        assert sum(row.flow for row in rows(client.pk)[1:]) == 4_500
    if learned:
        factories.action(share, kind="spin_off", into=other, factor=D("0.5"), value_date=DAY, known_at=learned)
    valued(client.pk, now=LATER + dt.timedelta(hours=4) if told == "late" else LATER)
    assert sum(row.flow for row in rows(client.pk)[1:]) == (4_500 if told == "never" else 0)
    if told != "never":
        assert index_on(client, TODAY)[0] == pytest.approx(1, rel=1e-12)
    if told == "before":
        found = added(client, by="label")
        assert [(found[str(one)].moved, found[str(one)].gain) for one in (share, other)] == [
            (D(15_500), D(0)),
            (D(4_500), D(0)),
        ]


def test_a_merger_puts_another_share_in_the_place_of_one(client: Client) -> None:
    account = funded(client)
    share, other = factories.instrument(), factories.instrument(currency="USD")
    factories.transaction(account, kind="trade", amount=D(-20_000), value_date=BUYS, known_at=KNOWN)
    custody = held(client, share, (BUYS, 1000, 20_000), (DAY, 0, 0))
    held(client, other, (DAY, 333, 20_000), account=custody)
    priced(share, (BUYS, "20"))
    priced(other, (DAY, "9"))
    for day in (BUYS, DAY, TODAY):
        factories.fx_rate(base="USD", quote="CNY", rate=D(7), value_date=day, known_at=KNOWN)
    factories.transaction(account, kind="trade", amount=D("21"), value_date=DAY, known_at=KNOWN)  # a third of a share
    given = {"kind": "merger", "factor": D("0.3333333333"), "value_date": DAY, "known_at": KNOWN}
    factories.action(share, into=other, **given)
    valued(client.pk)
    assert [row.flow for row in rows(client.pk)[1:]] == [0] * (len(rows(client.pk)) - 1)
    assert index_on(client, DAY)[0] == pytest.approx((100_000 - 20_000 + 21 + 333 * 63) / 100_000, rel=1e-12)
    found = added(client, by="label")
    assert found[str(share)].gain == pytest.approx(D("0.3333333333") * 63_000 - 20_000)
    assert found[str(other)].gain == 0


def test_a_future_is_entered_for_nothing_and_its_gain_is_a_return(client: Client) -> None:
    account, closes = funded(client), dt.date(2026, 3, 18)
    future = factories.instrument(asset_class="future", multiplier=D(10))
    held(client, future, (BUYS, 2, 79_000), (DAY, 1, 39_500), (closes, 0, 0))
    priced(future, (BUYS, "4000"), (DAY, "4200"), (closes, "4100"))
    for day, pnl in ((DAY, 2_500), (closes, 1_500)):
        factories.transaction(account, kind="trade", amount=D(pnl), value_date=day, known_at=KNOWN)
    valued(client.pk)
    told = {row.value_date: row for row in rows(client.pk)}
    assert [told[day].holdings for day in (BUYS, DAY, closes)] == [D(1_000), D(2_500), D(0)]
    assert [row.flow for row in rows(client.pk)[1:]] == [0] * (len(told) - 1)
    assert told[closes].net_index == pytest.approx(1.04, rel=1e-12)
    found = added(client)
    assert [found[kind].gain for kind in ("holding", "cash")] == [D(4_000), D(0)]


def test_a_bond_earns_from_day_to_day_and_a_coupon_moves_it_into_cash(client: Client) -> None:
    account = funded(client)
    terms: dict[str, Any] = {"coupon": D("0.04"), "coupon_frequency": 1, "matures_on": dt.date(2030, 3, 11)}
    bond = factories.instrument(asset_class="bond", multiplier=D("0.01"), **terms)
    bought_for = D(50_000) + D("1950.68")  # 356 of 365 days since 11 March 2025
    factories.transaction(account, kind="trade", amount=-bought_for, value_date=BUYS, known_at=KNOWN)
    held(client, bond, (BUYS, 50_000, 50_000))
    priced(bond, (BUYS, "100"))
    factories.transaction(account, kind="interest", amount=D(2_000), value_date=DAY, known_at=KNOWN)
    valued(client.pk)
    told = {row.value_date: row for row in rows(client.pk)}
    assert told[BUYS].holdings == bought_for
    assert told[dt.date(2026, 3, 10)].holdings == D("51994.52")
    assert told[DAY].holdings == 50_000
    assert told[DAY].net_index == pytest.approx(float(1 + D("49.32") / 100_000), rel=1e-12)
    assert [row.flow for row in rows(client.pk)[1:]] == [0] * (len(told) - 1)


# --- files ------------------------------------------------------------------------------------------------------------

HEAD = (
    "record,reference,name,asset_class,currency,multiplier,coupon,coupon_frequency,matures_on,kind,value_date,factor,"
    "price,source\n"
)
BOND = "instrument,I-1,Bond,bond,CNY,0.01,0.04,2,2030-03-11,,,,,\n"


def taken(text: str, *, now: dt.datetime = KNOWN) -> None:
    """Read lines of the layout of prices and write them."""
    found = feeds.read("prices", (HEAD + text).encode())
    assert found.errors == []
    with acting(service()):
        operations.apply_rows(rows=found.rows, now=now)


def refused(text: str) -> list[tuple[int, str, str]]:
    """Return what is wrong with lines, by reading them or by writing them."""
    found = feeds.read("prices", (HEAD + text).encode())
    if found.errors:
        return [(one.line, one.field, one.code) for one in found.errors]
    with acting(service()), pytest.raises(Exception) as refusal:
        operations.apply_rows(rows=found.rows, now=KNOWN)
    return [(one.line, one.field, one.code) for one in refusal.value.errors]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("people")
def test_terms_and_actions_come_with_the_prices() -> None:
    taken(BOND + "action,I-1,,,,,,,,split,2026-03-11,2,,issuer\n")
    with acting(service()):
        assert Instrument.objects.get().terms == Terms("bond", D("0.01"), D("0.04"), 2, dt.date(2030, 3, 11))
    taken("action,I-1,,,,,,,,bonus,2026-03-11,1.3,,issuer\n", now=LATER)
    with acting(service()):
        told = CorporateAction.objects.order_by("id").values_list("factor", "superseded_at")
        assert list(told) == [(D(2), LATER), (D("1.3"), None)]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (BOND.replace(",2,2030", ",,2030"), (2, "coupon_frequency", "coupon")),
        (BOND.replace(",2,2030", ",5,2030"), (2, "coupon_frequency", "coupon")),
        (BOND.replace("2030-03-11", ""), (2, "matures_on", "coupon")),
        (BOND.replace("0.01", "0"), (2, "multiplier", "positive")),
        (BOND + "action,I-1,,,,,,,,split,2026-03-11,-2,,issuer\n", (3, "factor", "positive")),
        (BOND + "action,I-1,,,,,,,,merger,2026-03-11,2,,issuer\n", (3, "into", "into")),
        (BOND + "action,I-9,,,,,,,,split,2026-03-11,2,,issuer\n", (3, "reference", "no-instrument")),
        (BOND + "price,I-1,,,,,,,,,2026-03-11,,-5,market\n", (3, "price", "price-negative")),
    ],
)
def test_what_does_not_fit_is_told_beside_its_cell(text: str, wrong: tuple[int, str, str]) -> None:
    assert refused(text) == [wrong]


@pytest.mark.usefixtures("people")
def test_only_what_may_owe_has_a_price_below_zero() -> None:
    taken("instrument,I-2,Swap,swap,CNY,,,,,,,,,\nprice,I-2,,,,,,,,,2026-03-11,,-5,market\n")


@pytest.mark.usefixtures("people")
def test_the_terms_of_what_has_a_price_stand() -> None:
    taken(BOND + "price,I-1,,,,,,,,,2026-03-11,,99,market\n")
    assert refused(BOND.replace("0.04", "0.05")) == [(2, "reference", "terms-stand")]
    taken(BOND.replace("Bond", "Another name"))
