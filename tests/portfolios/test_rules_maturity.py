"""Each maturity: its days by the bank's calendar, and the contract that follows, whenever somebody asks."""

import calendar as months
import datetime as dt
from decimal import Decimal
from itertools import product
from typing import Any

import holidays
import pytest

from core.calendars import Calendar
from portfolios.rules.maturity import Following, due, following

MARKETS = {"CN": None, "HK": None, "GB": "ENG", "US": None}
YEARS = range(2024, 2031)
INSTRUCTIONS = ("none", "principal", "all", "part")


def later(day: dt.date, count: int) -> dt.date:
    """Return the same day some months later, clipped to the month's end."""
    year, month = day.year + (day.month - 1 + count) // 12, (day.month - 1 + count) % 12 + 1
    return dt.date(year, month, min(day.day, months.monthrange(year, month)[1]))


def after(instruction: str, **given: Any) -> Following:
    """Return what follows, where something does."""
    found = following(instruction, **{"currency": "CNY", **given})
    assert found is not None
    return found


def told(market: str) -> Calendar:
    """Return a market's calendar as the library tells it."""
    known = holidays.country_holidays(market, subdiv=MARKETS[market], years=YEARS)
    exchanged = frozenset(getattr(known, "weekend_workdays", ()))
    closed = {day: name for day, name in known.items() if day not in exchanged}
    return Calendar(market, closed, exchanged, frozenset(YEARS))


CALENDARS = {market: told(market) for market in MARKETS}


def test_a_maturity_on_a_holiday_is_paid_after_it_and_its_cut_off_lies_before() -> None:
    days = due(dt.date(2026, 10, 1), CALENDARS["CN"], cut_off_days=2)
    assert (days.pays_on, days.instruct_by) == (dt.date(2026, 10, 8), dt.date(2026, 9, 29))
    assert days.moved
    assert days.closed_by == "National Day"
    assert days.certain


def test_on_a_business_day_it_is_paid_at_once() -> None:
    days = due(dt.date(2026, 9, 23), CALENDARS["CN"], cut_off_days=0)
    assert (days.pays_on, days.instruct_by, days.moved) == (dt.date(2026, 9, 23), dt.date(2026, 9, 23), False)


@pytest.mark.parametrize(
    ("instruction", "paid", "kept"),
    [
        ("none", "102000.00", None),
        ("principal", "2000.00", "100000.00"),
        ("part", "62000.00", "40000.00"),
        ("all", "0.00", "102000.00"),
    ],
)
def test_nothing_is_lost_between_what_is_paid_and_what_is_kept(instruction: str, paid: str, kept: str | None) -> None:
    days = due(dt.date(2026, 10, 1), CALENDARS["CN"], cut_off_days=2)
    found = after(
        instruction,
        principal=Decimal("100000.00"),
        interest=Decimal("2000.00"),
        value_date=dt.date(2025, 10, 1),
        term_months=12,
        days=days,
        part=Decimal("40000.00"),
    )
    assert found.paid == Decimal(paid)
    assert found.paid_on == dt.date(2026, 10, 8)
    assert found.principal == (Decimal(kept) if kept else None)
    if kept:
        assert (found.value_date, found.matures_on) == (dt.date(2026, 10, 1), dt.date(2027, 10, 1))


def test_a_renewal_keeps_the_day_on_which_the_first_contract_began() -> None:
    days = due(dt.date(2026, 2, 28), CALENDARS["CN"], cut_off_days=2)
    found = after(
        "all", principal=Decimal(1), interest=Decimal(0), value_date=dt.date(2026, 1, 31), term_months=1, days=days
    )
    assert (found.value_date, found.matures_on) == (dt.date(2026, 2, 28), dt.date(2026, 3, 31))


def test_a_maturity_that_is_not_the_terms_end_is_renewed_from_itself() -> None:
    days = due(dt.date(2026, 8, 3), CALENDARS["CN"], cut_off_days=2)
    found = after(
        "all", principal=Decimal(1), interest=Decimal(0), value_date=dt.date(2026, 1, 5), term_months=6, days=days
    )
    assert (found.value_date, found.matures_on) == (dt.date(2026, 8, 3), dt.date(2027, 2, 3))


def test_without_a_term_in_months_nobody_knows_the_renewal() -> None:
    days = due(dt.date(2026, 3, 31), CALENDARS["HK"], cut_off_days=2)
    terms: dict[str, Any] = {"principal": Decimal(5), "interest": Decimal(1), "value_date": dt.date(2026, 1, 5)}
    assert following("all", **terms, term_months=None, days=days, currency="HKD") is None
    assert after("none", **terms, term_months=None, days=days).paid == Decimal(6)


def test_what_is_paid_after_a_holiday_has_earned_the_demand_rate() -> None:
    days = due(dt.date(2026, 10, 1), CALENDARS["CN"], cut_off_days=2)
    found = after(
        "none",
        principal=Decimal(1_000_000),
        interest=Decimal("20277.78"),
        value_date=dt.date(2025, 10, 1),
        term_months=12,
        days=days,
        demand_rate=Decimal("0.0005"),
    )
    assert found.paid == Decimal("1020287.50")  # 7 days × 0.05 % / 360 of the principal


def test_every_instruction_meets_every_holiday() -> None:
    """Each day of the years × instruction × market: paid on a business day, told before it, renewed without a gap."""
    for market, instruction in product(MARKETS, INSTRUCTIONS):
        calendar = CALENDARS[market]
        for number in range(365 * 4):
            begins = dt.date(2025, 1, 1) + dt.timedelta(days=number)
            term = (1, 3, 6, 12)[number % 4]
            ends = later(begins, term)
            days = due(ends, calendar, cut_off_days=number % 4)
            assert calendar.is_business(days.pays_on)
            assert calendar.is_business(days.instruct_by)
            assert days.instruct_by <= days.matures_on <= days.pays_on
            assert not any(calendar.is_business(ends + dt.timedelta(days=n)) for n in range((days.pays_on - ends).days))
            found = after(
                instruction,
                principal=Decimal(1000),
                interest=Decimal(10),
                value_date=begins,
                term_months=term,
                days=days,
                part=Decimal(400) if instruction == "part" else None,
            )
            assert found.paid + (found.principal or 0) == 1010
            if instruction != "none":
                assert (found.value_date, found.matures_on) == (ends, later(begins, 2 * term))
