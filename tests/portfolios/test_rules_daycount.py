"""Days and months as the conventions count them, beyond what the reference cases ask."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portfolios.rules.daycount import add_months, days, whole_months, year_fraction

DAYS = some.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))


@given(DAYS, some.integers(-240, 240))
def test_adding_months_keeps_the_day_or_clips_it_to_the_end_of_the_month(day: dt.date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + dt.timedelta(days=1)).day == 1


@given(DAYS, some.integers(0, 400))
def test_whole_months_are_those_that_were_added(day: dt.date, months: int) -> None:
    assert whole_months(day, add_months(day, months)) == months


@pytest.mark.parametrize("convention", ["ACT/360", "ACT/365F", "ACT/ACT ISDA", "ACT/ACT AFB", "30/360", "30E/360"])
def test_no_time_is_no_part_of_a_year(convention: str) -> None:
    day = dt.date(2024, 2, 29)
    assert year_fraction(day, day, convention) == 0


@given(DAYS, DAYS, DAYS)
def test_actual_days_add_up_over_a_division(one: dt.date, two: dt.date, three: dt.date) -> None:
    first, middle, last = sorted([one, two, three])
    whole = year_fraction(first, last, "ACT/ACT ISDA")
    parts = year_fraction(first, middle, "ACT/ACT ISDA") + year_fraction(middle, last, "ACT/ACT ISDA")
    assert abs(whole - parts) < Decimal("1e-20")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2023-02-28", "2024-02-28", Decimal(1)),
        ("2024-02-29", "2025-02-28", Decimal(1)),
        ("2004-02-01", "2004-05-01", Decimal(90) / 366),
        ("2003-11-01", "2005-02-01", 1 + Decimal(92) / 365),
    ],
)
def test_the_french_convention_counts_years_back_from_the_end(start: str, end: str, expected: Decimal) -> None:
    found = year_fraction(dt.date.fromisoformat(start), dt.date.fromisoformat(end), "ACT/ACT AFB")
    assert found == expected


def test_the_american_convention_makes_a_february_end_the_30th() -> None:
    assert days(dt.date(2007, 2, 28), dt.date(2007, 3, 31), "30/360 US") == 30
    assert days(dt.date(2007, 2, 28), dt.date(2008, 2, 29), "30/360 US") == 360


def test_an_unknown_convention_is_refused() -> None:
    with pytest.raises(ValueError, match="ACT/364"):
        year_fraction(dt.date(2026, 1, 1), dt.date(2026, 2, 1), "ACT/364")
