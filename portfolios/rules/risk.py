"""How unsteady returns were. Samples divide by n - 1; a year has 252 days or 12 months."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import covariance, fmean, stdev, variance


@dataclass(frozen=True)
class Drawdown:
    """The deepest fall from a peak, at most 0, and the places of peak and trough."""

    depth: float
    peak: int
    trough: int


def max_drawdown(values: Sequence[float]) -> Drawdown:
    """Return the deepest fall below the highest value before it; both places are 0 where nothing fell."""
    peak, found = 0, Drawdown(0.0, 0, 0)
    for place, value in enumerate(values):
        if value > values[peak]:
            peak = place
        depth = value / values[peak] - 1
        if depth < found.depth:
            found = Drawdown(depth, peak, place)
    return found


def volatility(returns: Sequence[float], per_year: int) -> float:
    """Return the yearly standard deviation."""
    return stdev(returns) * sqrt(per_year)


def sharpe(returns: Sequence[float], risk_free: float, per_year: int) -> float:
    """Return the yearly ratio of the mean excess over the risk-free rate of a period to its deviation."""
    above = [one - risk_free for one in returns]
    return fmean(above) / stdev(above) * sqrt(per_year)


def downside(returns: Sequence[float], target: float) -> float:
    """Return the deviation below a target, over all periods and not the bad ones alone."""
    return sqrt(sum(min(0.0, one - target) ** 2 for one in returns) / len(returns))


def sortino(returns: Sequence[float], target: float) -> float:
    """Return the ratio per period of the mean above the target to the deviation below it."""
    return (fmean(returns) - target) / downside(returns, target)


def tracking_error(returns: Sequence[float], benchmark: Sequence[float], per_year: int) -> float:
    """Return the yearly deviation from a benchmark."""
    return volatility(_ahead(returns, benchmark), per_year)


def information_ratio(returns: Sequence[float], benchmark: Sequence[float], per_year: int) -> float:
    """Return the yearly ratio of the mean lead over a benchmark to its deviation."""
    ahead = _ahead(returns, benchmark)
    return fmean(ahead) / stdev(ahead) * sqrt(per_year)


def beta(returns: Sequence[float], benchmark: Sequence[float]) -> float:
    """Return how much returns move with their benchmark."""
    return covariance(returns, benchmark) / variance(benchmark)


def _ahead(returns: Sequence[float], benchmark: Sequence[float]) -> list[float]:
    return [one - other for one, other in zip(returns, benchmark, strict=True)]
