"""Returns and risk on real prices: 20 large American shares, the index over them, and portfolios drawn among them.

The prices (1990 to 2022) are data of the package skfolio; what is expected is computed by empyrical, which shares no
code with Steward. Two habits differ, and each is said where it is met.
"""

import csv
import gzip
import warnings
from importlib.metadata import distribution
from io import StringIO
from math import sqrt
from typing import Any

import numpy as np
import pytest

from portfolios.rules import returns, risk
from portfolios.rules.performance import Events, Moved, Start, chain

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import empyrical

DAYS = 252
FREE = 0.00006
PORTFOLIOS = 200


def prices(name: str) -> dict[str, np.ndarray[Any, Any]]:
    """Return the daily prices of a file of the package, by share."""
    packed = distribution("skfolio").locate_file(f"skfolio/datasets/data/{name}.csv.gz")
    with gzip.open(str(packed)) as file:
        rows = list(csv.DictReader(StringIO(file.read().decode())))
    names = [one for one in rows[0] if one.lower() != "date"]
    return {one: np.array([float(row[one]) for row in rows]) for one in names}


SHARES = prices("sp500_dataset")
INDEX = next(iter(prices("sp500_index").values()))
MARKET = INDEX[1:] / INDEX[:-1] - 1
STEPS = {name: line[1:] / line[:-1] - 1 for name, line in SHARES.items()} | {"index": MARKET}


def drawn() -> dict[str, np.ndarray[Any, Any]]:
    """Return the daily returns of portfolios bought once with random weights and held."""
    rng, levels = np.random.default_rng(7), np.array(list(SHARES.values()))
    units = rng.dirichlet(np.ones(len(levels)), PORTFOLIOS) / levels[:, 0]
    worth = units @ levels
    return {f"portfolio {n}": line[1:] / line[:-1] - 1 for n, line in enumerate(worth)}


def same(found: float | None, expected: float) -> bool:
    """Say whether two figures agree to nine digits."""
    return found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_the_data_are_the_real_ones() -> None:
    assert (len(SHARES), len(INDEX)) == (20, len(SHARES["AAPL"]))


@pytest.mark.parametrize(
    "some", [STEPS, pytest.param(drawn(), marks=pytest.mark.full)], ids=["shares and index", "portfolios"]
)
def test_returns_and_risk_are_those_of_an_independent_library(some: dict[str, np.ndarray[Any, Any]]) -> None:
    for name, steps in some.items():
        own = steps.tolist()
        assert same(returns.linked(own), empyrical.cum_returns_final(steps)), name
        assert same(risk.volatility(own, DAYS), empyrical.annual_volatility(steps)), name
        assert same(risk.sharpe(own, FREE, DAYS), empyrical.sharpe_ratio(steps, risk_free=FREE)), name
        assert same(risk.downside(own, FREE) * sqrt(DAYS), empyrical.downside_risk(steps, required_return=FREE)), name
        assert same(risk.max_drawdown([1.0, *np.cumprod(1 + steps)]).depth, empyrical.max_drawdown(steps)), name
        # empyrical's Sortino ratio is a year's, ours one period's
        assert same(risk.sortino(own, FREE) * sqrt(DAYS), empyrical.sortino_ratio(steps, required_return=FREE)), name


@pytest.mark.parametrize(
    "some", [STEPS, pytest.param(drawn(), marks=pytest.mark.full)], ids=["shares and index", "portfolios"]
)
def test_figures_beside_a_benchmark_are_those_of_an_independent_library(some: dict[str, np.ndarray[Any, Any]]) -> None:
    market = MARKET.tolist()
    for name, steps in some.items():
        if name == "index":
            continue
        own = steps.tolist()
        assert same(risk.beta(own, market), empyrical.beta(steps, MARKET)), name
        assert same(risk.tracking_error(own, market, DAYS), empyrical.annual_volatility(steps - MARKET)), name
        # empyrical's excess Sharpe ratio is the information ratio of a period, ours a year's
        assert same(risk.information_ratio(own, market, DAYS) / sqrt(DAYS), empyrical.excess_sharpe(steps, MARKET)), (
            name
        )


def test_the_annual_return_differs_by_the_count_of_days_alone() -> None:
    steps = STEPS["AAPL"]
    # empyrical raises to 252 over the days of trading; the house to 365 over the days of the calendar (GIPS)
    whole, days = returns.linked(steps.tolist()), len(steps) * returns.YEAR // DAYS
    expected = (1 + empyrical.annual_return(steps)) ** (len(steps) / DAYS * returns.YEAR / days) - 1
    assert same(returns.annualised(whole, days), expected)


def test_the_chain_of_many_clients_is_the_link_of_their_returns() -> None:
    lines = np.array([[1.0, *np.cumprod(1 + steps)] for steps in drawn().values()])
    worth = np.round(lines * 1e12)
    nothing = Events(*(np.array([], dtype=np.int64),) * 3, np.array([]))
    days = np.arange(len(INDEX)) + 726_000
    zeros, ones = np.zeros(len(lines)), np.ones(len(lines))
    start = Start(zeros, np.full(len(lines), days[0] - 1), ones, ones)
    found = chain(worth.T, np.ones(worth.T.shape, dtype=bool), days, start, Moved(nothing, nothing, ()))
    expected = [empyrical.cum_returns_final(line[1:] / line[:-1] - 1) + 1 for line in worth]
    assert found.net[-1] == pytest.approx(expected, rel=1e-9)
