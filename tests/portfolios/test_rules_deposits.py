"""What a deposit of each kind is worth on a date."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from portfolios.rules.deposits import accrued, at_maturity, last_credit
from portfolios.rules.interest import next_settlement

TERM: dict[str, Any] = {
    "kind": "time",
    "principal": Decimal(1_000_000),
    "rate": Decimal("0.02"),
    "day_count": "ACT/360",
    "currency": "CNY",
    "value_date": dt.date(2025, 4, 15),
    "matures_on": dt.date(2026, 4, 15),
}
DEMAND = {**TERM, "kind": "demand", "rate": Decimal("0.0005"), "matures_on": None}


def test_the_first_day_counts_and_the_last_does_not() -> None:
    assert accrued(**TERM, as_of=dt.date(2025, 4, 16)) == Decimal("55.56")


@pytest.mark.parametrize("as_of", [dt.date(2025, 4, 14), dt.date(2025, 4, 15)])
def test_a_deposit_that_has_not_begun_has_earned_nothing(as_of: dt.date) -> None:
    assert accrued(**TERM, as_of=as_of) == Decimal("0.00")


def test_the_day_of_maturity_pays_what_was_promised() -> None:
    terms = {name: value for name, value in TERM.items() if name != "kind"}
    assert accrued(**TERM, as_of=dt.date(2026, 4, 15)) + TERM["principal"] == at_maturity(**terms)


def test_the_days_after_maturity_earn_the_demand_rate() -> None:
    promised = accrued(**TERM, as_of=dt.date(2026, 4, 15))
    overdue = accrued(**TERM, as_of=dt.date(2026, 5, 21), overdue_rate=Decimal("0.0005"))
    assert overdue - promised == Decimal("50.00")


def test_the_days_after_maturity_earn_nothing_where_the_contract_renews_itself() -> None:
    assert accrued(**TERM, as_of=dt.date(2026, 5, 21)) == accrued(**TERM, as_of=dt.date(2026, 4, 15))


def test_a_demand_deposit_accrues_from_the_day_after_the_settlement() -> None:
    assert accrued(**DEMAND, as_of=dt.date(2026, 3, 20)) == Decimal("123.61")
    assert accrued(**DEMAND, as_of=dt.date(2026, 3, 21)) == Decimal("0.00")
    assert accrued(**DEMAND, as_of=dt.date(2026, 3, 22)) == Decimal("1.39")


def test_a_yen_deposit_earns_whole_yen() -> None:
    yen = {**TERM, "currency": "JPY", "principal": Decimal(1_000_000), "rate": Decimal("0.001")}
    assert accrued(**yen, as_of=dt.date(2025, 5, 25)) == Decimal(111)


@pytest.mark.parametrize(
    ("as_of", "credited"),
    [("2026-01-05", "2025-12-21"), ("2026-03-20", "2025-12-21"), ("2026-03-21", "2026-03-21")],
)
def test_interest_was_last_credited_on_a_21st(as_of: str, credited: str) -> None:
    assert last_credit(dt.date.fromisoformat(as_of)) == dt.date.fromisoformat(credited)


@pytest.mark.parametrize(
    ("day", "settled"),
    [("2026-03-20", "2026-03-20"), ("2026-03-21", "2026-06-20"), ("2026-12-21", "2027-03-20")],
)
def test_interest_is_settled_next_on_a_20th(day: str, settled: str) -> None:
    assert next_settlement(dt.date.fromisoformat(day)) == dt.date.fromisoformat(settled)


def test_a_deposit_without_maturity_has_no_value_there() -> None:
    terms = {name: value for name, value in DEMAND.items() if name != "kind"}
    assert at_maturity(**terms) is None
