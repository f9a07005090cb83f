"""Spans of a client's money: what begins where, what needs a year, and what is beside a benchmark."""

import datetime as dt
from decimal import Decimal
from itertools import accumulate

import pytest

from portfolios.rules.contributions import Line, Move, capital, contribution
from portfolios.rules.daycount import add_months
from portfolios.rules.periods import Point, measured, starts

LAST = dt.date(2026, 3, 31)
STEPS = [0.02, -0.03, 0.01, 0.04, -0.01, 0.0, 0.02, 0.01, -0.02, 0.03, 0.01, 0.005, 0.01, -0.004]


def month_ends(count: int) -> list[dt.date]:
    """Return the ends of some months, the last one of March 2026."""
    firsts = [add_months(dt.date(2026, 4, 1), -number) for number in range(count)]
    return [day - dt.timedelta(days=1) for day in reversed(firsts)]


def points(steps: list[float] = STEPS, *, flow: int = 0) -> list[Point]:
    """Return months that returned ``steps``, beginning with a million."""
    levels = list(accumulate(steps, lambda level, step: level * (1 + step), initial=1.0))
    days = month_ends(len(levels))
    return [
        Point(day, Decimal(round(1_000_000 * level)), Decimal(flow if n else 0), Decimal(10), level, level * 1.01)
        for n, (day, level) in enumerate(zip(days, levels, strict=True))
    ]


def test_a_span_is_there_when_the_history_reaches_back_to_its_beginning() -> None:
    assert list(starts(dt.date(2024, 1, 31), LAST)) == ["m1", "m3", "ytd", "y1", "all"]
    assert list(starts(dt.date(2026, 2, 28), LAST)) == ["m1", "all"]
    assert starts(dt.date(2024, 1, 31), LAST)["ytd"] == dt.date(2025, 12, 31)


def test_a_year_is_measured_and_annualised_and_less_is_not() -> None:
    year = measured(points(), "y1", since=dt.date(2025, 3, 31), risk_free=0.015)
    quarter = measured(points(), "m3", since=dt.date(2025, 12, 31), risk_free=0.015)
    assert year is not None
    assert quarter is not None
    assert (year.start, year.end, year.months, year.days) == (dt.date(2025, 3, 31), LAST, 12, 365)
    assert year.annualised == pytest.approx(year.net)
    assert (quarter.annualised, quarter.volatility, quarter.sharpe, quarter.sortino) == (None, None, None, None)
    assert year.volatility is not None
    assert year.fees == 120
    assert quarter.money_weighted == pytest.approx(quarter.net, abs=1e-5)


def test_the_gain_is_what_grew_beyond_what_flowed_in() -> None:
    found = measured(points(flow=1000), "all", since=month_ends(15)[0], risk_free=0)
    assert found is not None
    assert found.flow == 14_000
    assert found.begin + found.flow + found.gain == found.value


def test_the_deepest_fall_has_its_days() -> None:
    found = measured(points([0.1, -0.2, -0.1, 0.5]), "all", since=month_ends(5)[0], risk_free=0)
    assert found is not None
    assert found.fall.depth == pytest.approx(-0.28)
    assert (found.fall.peak, found.fall.trough) == (dt.date(2025, 12, 31), dt.date(2026, 2, 28))


def test_a_span_ends_on_the_last_complete_day_and_needs_two() -> None:
    some = points([0.01, 0.02])
    blind = [Point(one.day, one.value, one.flow, one.fees, None, None) for one in some]
    found = measured([*some[:2], blind[2]], "all", since=some[0].day, risk_free=0)
    assert found is not None
    assert found.end == some[1].day
    assert measured([some[0], *blind[1:]], "all", since=some[0].day, risk_free=0) is None


@pytest.mark.parametrize(
    "told",
    [
        [(1000, 0, 1.0), (0, -1000, 1.0)],
        [(1000, 0, 1.0), (0, 0, 0.0)],
        [(1000, 0, 1.0), (0, 0, 0.0), (500, 500, 0.0)],
        [(0, 0, 1.0), (0, 0, 1.0)],
        [(-500, 0, 1.0), (-600, 0, 1.0)],
        [(1000, 0, 1.0), (-100, 0, 1.0), (50, 0, 1.0)],
    ],
)
def test_money_that_is_gone_or_owed_is_measured_without_a_fault(told: list[tuple[int, int, float]]) -> None:
    days = month_ends(len(told))
    some = [
        Point(day, Decimal(value), Decimal(flow), Decimal(0), level, level)
        for day, (value, flow, level) in zip(days, told, strict=True)
    ]
    found = measured(some, "all", since=days[0], risk_free=0.01)
    assert found is not None
    assert found.money_weighted is None or found.money_weighted >= -1
    assert found.net == some[-1].net - 1  # type: ignore[operator]


def test_a_history_that_begins_with_nothing_left_has_no_span() -> None:
    days = month_ends(2)
    some = [Point(day, Decimal(0), Decimal(0), Decimal(0), 0.0, 0.0) for day in days]
    assert measured(some, "all", since=days[0], risk_free=0.01) is None


def test_beside_itself_money_is_neither_ahead_nor_apart() -> None:
    own = points()
    levels = {one.day: one.net * 50 for one in own if one.net}
    found = measured(own, "all", since=own[0].day, risk_free=0, benchmark=levels)
    assert found is not None
    assert found.beside is not None
    assert found.beside.excess.arithmetic == pytest.approx(0)
    assert found.beside.beta == pytest.approx(1)
    assert found.beside.tracking_error == pytest.approx(0, abs=1e-12)


def test_a_benchmark_that_lacks_an_end_of_the_span_is_not_beside_it() -> None:
    own = points()
    found = measured(own, "all", since=own[0].day, risk_free=0, benchmark={own[-1].day: 1.0})
    assert found is not None
    assert found.beside is None


def test_a_gain_is_its_own_and_its_currencys() -> None:
    moves = [Move(Decimal(50), Decimal(8))]
    line = Line("holding", "X", "USD", Decimal(100), Decimal(165), Decimal(7), Decimal("7.5"), moves)
    found = contribution(line, Decimal(10_000))
    assert [found.begin, found.moved, found.end] == [Decimal(700), Decimal(400), Decimal("1237.5")]
    assert found.gain == Decimal("137.5")
    assert found.by_currency == Decimal(100) * Decimal("0.5") - Decimal(50) * Decimal("0.5")
    assert found.gain - found.by_currency == Decimal(15) * Decimal("7.5")
    assert found.share == pytest.approx(0.01375)


def test_the_capital_of_a_span_counts_flows_for_their_part_of_the_time() -> None:
    days = [dt.date(2026, 3, 1), dt.date(2026, 3, 11), dt.date(2026, 3, 31)]
    some = [
        Point(day, Decimal(1000), Decimal(flow), Decimal(0), 1.0, 1.0)
        for day, flow in zip(days, (0, 300, 99), strict=True)
    ]
    assert capital(some) == 1000 + 200
