"""What many clients were worth on many days, computed at once and right to the cent.

Amounts are whole minor units in 64-bit floats, which hold every whole number below 2**53; products are rounded half up
once, as ``core.money.rounded`` does. A product that lies within float error of a half is computed again in decimals by
the caller's ``exact``, so the result is that of the decimal arithmetic (``portfolios.rules.book``). Arrays are indexed
by the place of a valuation day first, and ``nan`` is what is not known.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import numpy.typing as npt

from core.money import quantum
from portfolios.rules.daycount import LAST
from portfolios.rules.deposits import last_credit
from portfolios.rules.interest import YEAR

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
FINE = 10_000.0
"""Amounts are kept at ten thousandths of one, whatever the currency's minor unit is."""
ERROR = 1e-15
"""More than three products of rounded floats can be off, relative to their size."""
FRIDAY = 4
NEVER = dt.date.max.toordinal()
EPOCH = dt.date(1970, 1, 1).toordinal()
ONE_DAY = dt.timedelta(days=1)


def units(currency: str) -> float:
    """Return how many minor units make one of a currency."""
    return float(1 / quantum(currency))


def settle(amounts: Floats, exact: Callable[[int], Decimal]) -> Floats:
    """Return amounts at whole units, half away from zero; those that floats cannot decide are asked of ``exact``.

    ``exact`` is given an amount's place. What is not known stays so.
    """
    if not len(amounts):
        return amounts
    largest = amounts.max()
    if np.isnan(largest):
        return _settle_known(amounts, exact)
    if amounts.min() < 0:
        return np.copysign(settle(np.abs(amounts), lambda place: abs(exact(place))), amounts)
    whole = amounts + 0.5
    np.floor(whole, out=whole)
    apart = amounts - whole
    np.abs(apart, out=apart)
    limit = 0.5 - largest * ERROR
    if apart.max() < limit:
        return whole
    for place in np.flatnonzero(apart >= limit):
        whole[place] = float(exact(int(place)).quantize(Decimal(1), ROUND_HALF_UP))
    return whole


def half_up(amounts: Floats) -> Floats:
    """Return amounts that floats hold exactly, or nearly, at whole units, half away from zero."""
    near = np.round(amounts * FINE) / FINE
    return np.copysign(np.floor(np.abs(near) + 0.5), amounts)


def _settle_known(amounts: Floats, exact: Callable[[int], Decimal]) -> Floats:
    """Return amounts at whole units, of which some are not known."""
    places = np.flatnonzero(~np.isnan(amounts))
    whole = np.full_like(amounts, np.nan)
    whole[places] = settle(amounts[places], lambda place: exact(int(places[place])))
    return whole


def valuation_days(start: dt.date, end: dt.date, *, daily_from: dt.date) -> list[dt.date]:
    """Return the days on which a book is valued from ``start`` to ``end``, both included.

    The ends of months, and from ``daily_from`` on every Monday to Friday: monthly at least (GIPS), daily where it is
    new. A holiday is valued too; nothing but interest moves on it.
    """
    days = (start + dt.timedelta(days=n) for n in range((end - start).days + 1))
    return [day for day in days if _closes_month(day) or (day >= daily_from and day.weekday() <= FRIDAY)]


def _closes_month(day: dt.date) -> bool:
    return (day + ONE_DAY).day == 1


@dataclass(frozen=True)
class Quotes:
    """Prices by day and instrument, rates into one currency by day and currency, both with the decimals they are of.

    A price is what one unit of the quantity is worth; what is ``settled`` is worth its gain alone.
    """

    prices: Floats
    exact_prices: Sequence[Sequence[Decimal | None]]
    stale: Flags
    settled: Flags
    currency_of: Ints
    rates: Floats
    exact_rates: Sequence[Sequence[Decimal | None]]
    units: Floats
    into: float

    @property
    def days(self) -> int:
        """Return how many days there are."""
        return len(self.rates)


@dataclass(frozen=True)
class Pieces:
    """Spans in which a position did not change: whose, of which instrument, from which day's place until before which.

    ``first`` is -1 where it began before the first day. ``entered`` is at what futures were entered, nothing for
    everything else.
    """

    owner: Ints
    instrument: Ints
    first: Ints
    until: Ints
    quantity: Floats
    entered: Floats


@dataclass
class Worth:
    """Something's worth by day and client, and how many of its lines have none or one of an old price."""

    value: Floats
    missing: Ints
    stale: Ints

    @classmethod
    def nothing(cls, clients: int, days: int) -> "Worth":
        """Return what holds nothing."""
        return cls(np.zeros((days, clients)), np.zeros((days, clients), np.int64), np.zeros((days, clients), np.int64))

    def put(self, day: int, owner: Ints, amounts: Floats) -> None:
        """Add the lines of one day; those without a worth are counted instead."""
        clients = self.value.shape[1]
        worth = np.bincount(owner, amounts, clients)
        if np.isnan(worth.sum()):
            known = ~np.isnan(amounts)
            self.missing[day] += np.bincount(owner[~known], minlength=clients)
            worth = np.bincount(owner[known], amounts[known], clients)
        self.value[day] += worth


def holdings(pieces: Pieces, quotes: Quotes, clients: int, exact_quantity: Callable[[int], Decimal]) -> Worth:
    """Return what positions are worth: quantity by price at the instrument's minor unit, then by the day's rate."""
    worth = Worth.nothing(clients, quotes.days)
    currency = quotes.currency_of[pieces.instrument]
    in_units = pieces.quantity * quotes.units[currency]
    less = half_up(pieces.entered * quotes.units[currency]) if pieces.entered.any() else None
    priced = _Priced(pieces, quotes, exact_quantity)
    for day, held in _held(pieces, quotes.days):
        owner, instrument = pieces.owner[held], pieces.instrument[held]
        local = settle(in_units[held] * np.take(quotes.prices[day], instrument), priced.of(day, held))
        if less is not None:
            local = local - less[held]
        worth.put(day, owner, converted(quotes, day, local, currency[held], quotes.units))
        if quotes.stale[day].any():
            old = np.flatnonzero(np.take(quotes.stale[day], instrument))
            worth.stale[day] += np.bincount(owner[old], minlength=clients)
    return worth


@dataclass(frozen=True)
class _Priced:
    """Single positions in minor units of their currency, in decimals."""

    pieces: Pieces
    quotes: Quotes
    exact_quantity: Callable[[int], Decimal]

    def of(self, day: int, held: slice | Ints) -> Callable[[int], Decimal]:
        """Return what prices a position by its place among those held on a day."""
        prices = self.quotes.exact_prices[day]

        def priced(place: int) -> Decimal:
            piece = place if isinstance(held, slice) else int(held[place])
            instrument = int(self.pieces.instrument[piece])
            unit = Decimal(float(self.quotes.units[self.quotes.currency_of[instrument]]))
            return self.exact_quantity(piece) * (prices[instrument] or Decimal(0)) * unit

        return priced


def _held(pieces: Pieces, days: int) -> Iterator[tuple[int, slice | Ints]]:
    """Yield each day with the places of the pieces that are held on it."""
    held = pieces.quantity != 0  # of what was sold only the day matters
    throughout = len(held) > 0 and pieces.first.max() <= 0 and pieces.until.min() >= days and bool(held.all())
    for day in range(days):
        yield day, slice(None) if throughout else np.flatnonzero(held & (pieces.first <= day) & (day < pieces.until))


def converted(quotes: Quotes, day: int, amounts: Floats, currency: Ints, units: Floats) -> Floats:
    """Return amounts of one day in minor units of the currency they are wanted in; ``units`` are how many make one.

    They are told by currency: the minor units, or ten thousandths for all.
    """
    factor = quotes.rates[day] * (quotes.into / units)
    moved = factor != 1
    if not moved.any():
        return amounts
    foreign = np.flatnonzero(np.take(moved, currency))
    of = currency[foreign]

    def exchanged(place: int) -> Decimal:
        amount = Decimal(int(amounts[foreign[place]])) / Decimal(float(units[of[place]]))
        return amount * (quotes.exact_rates[day][int(of[place])] or Decimal(0)) * Decimal(quotes.into)

    amounts[foreign] = settle(amounts[foreign] * factor[of], exchanged)
    return amounts


@dataclass(frozen=True)
class Balances:
    """Cash accounts: whose, of which currency, from which day's place until before which they stood open.

    ``amounts`` are balances at the end of each day, by day and account, in ten thousandths.
    """

    owner: Ints
    currency: Ints
    first: Ints
    until: Ints
    amounts: Floats


def cash(balances: Balances, quotes: Quotes, clients: int) -> Worth:
    """Return what the balances of cash accounts are worth."""
    worth, fine = Worth.nothing(clients, quotes.days), np.full_like(quotes.units, FINE)
    for day in range(quotes.days):
        stood = np.flatnonzero((balances.first <= day) & (day < balances.until))
        if len(stood):
            amounts = converted(quotes, day, balances.amounts[day][stood], balances.currency[stood], fine)
            worth.put(day, balances.owner[stood], amounts)
    return worth


@dataclass(frozen=True)
class Contracts:
    """Deposits as columns. Dates are ordinals; ``end`` is the maturity and ``closed`` the closing, or ``NEVER``.

    ``start`` is the day from which interest counts and ``since`` the first one on which the money is there, ``basis``
    the days of a year; what ``waits`` earns the demand rate once it has matured.
    """

    owner: Ints
    currency: Ints
    principal: Floats
    rate: Floats
    basis: Floats
    thirty: Flags
    demand: Flags
    waits: Flags
    start: Ints
    since: Ints
    end: Ints
    closed: Ints
    units: Floats


def deposits(
    contracts: Contracts,
    days: Sequence[tuple[dt.date, Decimal | None]],
    quotes: Quotes,
    clients: int,
    exact: Callable[[int, dt.date], Decimal],
) -> Worth:
    """Return what deposits are worth: principal and accrued interest (``portfolios.rules.deposits.accrued``).

    ``days`` come with the demand rate that banks listed on each; where it is not known, deposits that wait after their
    maturity count as missing, as the book names them. ``exact`` is the interest of one contract on a day.
    """
    worth, fine = Worth.nothing(clients, quotes.days), np.full_like(quotes.units, FINE)
    for place, (day, listed) in enumerate(days):
        now = day.toordinal()
        stood = np.flatnonzero((contracts.since <= now) & (now < contracts.closed))
        if not len(stood):
            continue
        waiting = contracts.waits[stood] & (contracts.end[stood] < now)
        earned = _earned(contracts, stood, day, waiting, float(listed or 0))
        unit = contracts.units[stood]

        def asked(n: int, stood: Ints = stood, day: dt.date = day) -> Decimal:
            return exact(int(stood[n]), day) * Decimal(float(contracts.units[stood[n]]))

        interest = settle(earned * unit, asked)
        value = contracts.principal[stood] * FINE + interest * (FINE / unit)
        amounts = converted(quotes, place, np.round(value), contracts.currency[stood], fine)
        worth.put(place, contracts.owner[stood], amounts)
        if listed is None and waiting.any():
            worth.missing[place] += np.bincount(contracts.owner[stood[waiting]], minlength=clients)
    return worth


def _earned(contracts: Contracts, stood: Ints, day: dt.date, waiting: Flags, demand_rate: float) -> Floats:
    """Return the unrounded interest of the contracts that stand on a day."""
    now = day.toordinal()
    credited = last_credit(day).toordinal()
    start = np.where(contracts.demand[stood], np.maximum(contracts.start[stood], credited), contracts.start[stood])
    end = np.minimum(contracts.end[stood], now)
    days = (end - start).astype(float)
    thirty = contracts.thirty[stood]
    if thirty.any():
        days[thirty] = _thirty(start[thirty], end[thirty])
    principal = contracts.principal[stood]
    earned = principal * contracts.rate[stood] * days / contracts.basis[stood]
    earned += np.where(waiting, principal * demand_rate * (now - end) / YEAR, 0)
    return np.where(end <= start, 0, earned)


def _thirty(start: Ints, end: Ints) -> Ints:
    """Return the days between two dates by the bond basis of 30/360 (``portfolios.rules.daycount``)."""
    first_year, first_month, first = _parts(start)
    last_year, last_month, last = _parts(end)
    first = np.minimum(first, LAST)
    last = np.where((last > LAST) & (first == LAST), LAST, last)
    return (last_year - first_year) * YEAR + (last_month - first_month) * LAST + last - first


def _parts(ordinals: Ints) -> tuple[Ints, Ints, Ints]:
    """Return year, month and day of the month of ordinals."""
    days = (ordinals - EPOCH).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    since = months.astype(np.int64)
    return since // 12 + 1970, since % 12 + 1, (days - months).astype(np.int64) + 1
