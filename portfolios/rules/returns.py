"""How well money did: time-weighted, money-weighted, net and annualised. Ratios, not amounts: floats."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import pyxirr

YEAR = 365
Flow = tuple[dt.date, float]


def linked(returns: Sequence[float]) -> float:
    """Return the return of periods that follow each other."""
    return prod(1 + one for one in returns) - 1


def time_weighted(periods: Sequence[tuple[float, float]]) -> float:
    """Return the time-weighted return; each period is the value after a flow and the value before the next (TWR)."""
    return linked([end / begin - 1 for begin, end in periods])


def modified_dietz(
    begin: float, end: float, days: int, flows: Sequence[tuple[int, float]], *, start_of_day: bool = False
) -> float:
    """Return the gain over the average capital; a flow of day t weighs (days - t) / days.

    ``start_of_day`` gives each flow one day more. Flows into the account are positive.
    """
    net = sum(flow for _day, flow in flows)
    capital = begin + sum(flow * (days - day + start_of_day) / days for day, flow in flows)
    return (end - begin - net) / capital


def annualised(whole: float, days: int) -> float | None:
    """Return a return per year; None for less than a year, which is never annualised (GIPS)."""
    return None if days < YEAR else float((1 + whole) ** (YEAR / days) - 1)


def effective(nominal: float, times: int) -> float:
    """Return the yearly rate of a nominal one that is credited some times a year."""
    return float((1 + nominal / times) ** times - 1)


@dataclass(frozen=True)
class Excess:
    """Ahead of a benchmark: the difference, and the quotient of the growths."""

    arithmetic: float
    geometric: float


def excess(portfolio: float, benchmark: float) -> Excess:
    """Return how far a portfolio is ahead of its benchmark."""
    return Excess(portfolio - benchmark, (1 + portfolio) / (1 + benchmark) - 1)


def irr(flows: Sequence[float]) -> float | None:
    """Return the money-weighted rate per period; None where there is none."""
    return pyxirr.irr(list(flows), silent=True)


def xirr(flows: Sequence[Flow]) -> float | None:
    """Return the money-weighted rate a year of dated flows, discounted on ACT/365; None where there is none."""
    return pyxirr.xirr(list(flows), silent=True)


def npv(rate: float, flows: Sequence[float]) -> float | None:
    """Return the present value one period before the first flow."""
    return pyxirr.npv(rate, list(flows), start_from_zero=False)


def xnpv(rate: float, flows: Sequence[Flow]) -> float | None:
    """Return the present value of dated flows on the first day, on ACT/365."""
    return pyxirr.xnpv(rate, list(flows))


def mirr(flows: Sequence[float], finance: float, reinvest: float) -> float | None:
    """Return the rate per period where debt costs ``finance`` and income earns ``reinvest``."""
    return pyxirr.mirr(list(flows), finance, reinvest)


def net(gross: float, fee: float) -> float:
    """Return a return after a fee that is a part of the value at the end."""
    return (1 + gross) * (1 - fee) - 1


def contributions(positions: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Return what each position added: its weight times its return."""
    return {name: weight * earned for name, (weight, earned) in positions.items()}
