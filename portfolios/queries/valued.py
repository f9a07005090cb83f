"""Some clients valued on some days: what the tables hold, laid out as the rules of valuation want it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np

from portfolios.queries import quoted
from portfolios.queries.columns import Columns
from portfolios.queries.pieces import quantity
from portfolios.queries.sources import DEPOSIT, FEE, FLOW, INTEREST, TRADE, DayFacts, Last, Sources
from portfolios.rules import deposits as interest
from portfolios.rules import valuation
from portfolios.rules.performance import Chain, Events, Exchange, Moved, Start, chain, joined
from portfolios.rules.valuation import (
    FINE,
    NEVER,
    Balances,
    Contracts,
    Floats,
    Ints,
    Pieces,
    Quotes,
    Worth,
)

AMOUNT, QUANTITY = Decimal("0.0001"), Decimal("0.0000000001")
ONE_DAY = dt.timedelta(days=1)
CLOSE = 400_000
"""Below it floats lie so close that a number of ten decimals is found again by rounding, and never another."""
BASES = {360: "ACT/360", 365: "ACT/365F"}


@dataclass(frozen=True)
class Valued:
    """What came out, by day and client in minor units of the currency; ``balances`` by account in ten thousandths."""

    cash: Worth
    deposits: Worth
    holdings: Worth
    chain: Chain
    account_ids: list[int]
    account_owner: Ints
    balances: Floats

    @property
    def missing(self) -> Ints:
        """Return how many lines have no price or rate."""
        return self.cash.missing + self.deposits.missing + self.holdings.missing

    @property
    def total(self) -> Floats:
        """Return the whole."""
        return self.cash.value + self.deposits.value + self.holdings.value


class Chunk:
    """Clients who are valued in one currency on the same days, after ``start``; ``last`` is where each goes on."""

    def __init__(
        self, client_ids: Sequence[int], currency: str, *, start: dt.date, facts: Sequence[DayFacts], now: dt.datetime
    ) -> None:
        self.client_ids, self.currency, self.facts, self.now = client_ids, currency, facts, now
        self.days = np.array([one.day.toordinal() for one in facts])
        self.read = Sources(client_ids, start, facts[-1].day, now)
        self.owners = np.array(client_ids)
        self.instruments: Ints = np.unique(self.read.pieces["instrument"])
        self.currencies = sorted({currency, *quoted.every_currency(client_ids)})
        self.quotes: Quotes = quoted.quotes(self.instruments, facts, currency, self.currencies, now)
        self.unknown = np.zeros((len(facts), len(client_ids)), dtype=bool)
        """On which day something moved whose worth was not known then: filled while what moved is read."""

    def valued(self, last: dict[int, Last], first: dict[int, dt.date]) -> Valued:
        """Return what the clients were worth on each day, and the returns linked to where each goes on.

        Who has no valuation yet begins before the ``first`` day of which anything is known.
        """
        count = len(self.client_ids)
        held = valuation.holdings(self._pieces, self.quotes, count, self._quantity)
        dated = [(one.day, one.demand_rate) for one in self.facts]
        lent = valuation.deposits(self._contracts, dated, self.quotes, count, self._interest)
        balances = self._balances(last)
        cash = valuation.cash(balances, self.quotes, count)
        total, missing = held.value + lent.value + cash.value, held.missing + lent.missing + cash.missing
        moved = self._moved()
        complete = (missing == 0) & ~self.unknown
        linked = chain(total, complete, self.days, self._start(last, first), moved)
        return Valued(cash, lent, held, linked, self._accounts["id"].tolist(), balances.owner, balances.amounts)

    # --- positions ----------------------------------------------------------------------------------------------------

    @cached_property
    def _pieces(self) -> Pieces:
        read = self.read.pieces
        return Pieces(
            owner=self._owner(read["client"]),
            instrument=np.searchsorted(self.instruments, read["instrument"]),
            first=np.where(read["before"], -1, self._place(read["day"])),
            until=self._place(read["next"]),
            quantity=read["quantity"],
            entered=read["entered"],
        )

    def _quantity(self, place: int) -> Decimal:
        read = self.read.pieces
        found = float(read["quantity"][place])
        if abs(found) < CLOSE:
            return Decimal(found).quantize(QUANTITY)
        return quantity(int(read["id"][place]), dt.date.fromordinal(int(read["day"][place])), self.now)

    # --- deposits -----------------------------------------------------------------------------------------------------

    @cached_property
    def _contracts(self) -> Contracts:
        read = self.read.contracts(self.currencies)
        currency = read["currency"] - 1
        return Contracts(
            owner=self._owner(read["client"]),
            currency=currency,
            principal=read["principal"],
            rate=read["rate"],
            basis=read["basis"],
            thirty=read["thirty"].astype(bool),
            demand=read["demand"].astype(bool),
            waits=read["waits"].astype(bool),
            start=read["start"].astype(np.int64),
            since=read["since"].astype(np.int64),
            end=read["matures"].astype(np.int64),
            closed=read["closed"].astype(np.int64),
            units=self.quotes.units[currency],
        )

    def _interest(self, place: int, day: dt.date) -> Decimal:
        """Return a contract's interest on a day by the rule itself."""
        terms = self._contracts
        end = int(terms.end[place])
        matures_on = None if end == NEVER else dt.date.fromordinal(end)
        overdue = matures_on is not None and matures_on < day and bool(terms.waits[place])
        listed = next((one.demand_rate for one in self.facts if one.day >= day), None) if overdue else None
        return interest.accrued(
            kind="demand" if terms.demand[place] else "",
            principal=Decimal(float(terms.principal[place])).quantize(AMOUNT),
            rate=Decimal(float(terms.rate[place])).quantize(QUANTITY),
            day_count="30/360" if terms.thirty[place] else BASES[int(terms.basis[place])],
            currency=self.currencies[int(terms.currency[place])],
            value_date=dt.date.fromordinal(int(terms.start[place])),
            matures_on=matures_on,
            as_of=day,
            overdue_rate=listed or Decimal(0),
        )

    def _earned(self, which: Ints, on: Ints) -> Floats:
        """Return the interest of some contracts, each on a day of its own."""
        start = self._contracts.start
        days = [(int(n), int(on[n])) for n in which]
        return np.array(
            [float(self._interest(n, dt.date.fromordinal(day))) if day > start[n] else 0.0 for n, day in days]
        )

    def _lent(self) -> Events:
        """Return the principals that were lent and, as negative, what came back: with its interest, when it closed.

        A part that is taken out of a term deposit takes the interest with it that it had earned.
        """
        terms = self._contracts
        began = np.flatnonzero(terms.since > self.read.start.toordinal())
        ended = np.flatnonzero(terms.closed <= self.days[-1])
        lent = terms.principal[began] + self._earned(began, terms.since)
        back = -terms.principal[ended] - self._earned(ended, terms.closed)
        which = np.concatenate([began, ended])
        amounts = np.concatenate([lent, back])
        date = np.concatenate([terms.since[began], terms.closed[ended]])
        return self._events(terms.owner[which], date, amounts * self.quotes.into, terms.currency[which])

    # --- cash and what moved it ---------------------------------------------------------------------------------------

    @cached_property
    def _accounts(self) -> Columns:
        return self.read.accounts(self.currencies)

    @cached_property
    def _account(self) -> tuple[Ints, Ints, Ints]:
        """Return the ids of the cash accounts, in order, with owner and currency."""
        read = self._accounts
        return read["id"], self._owner(read["client"]), read["currency"].astype(np.int64) - 1

    @cached_property
    def _begun(self) -> dict[int, int]:
        return self.read.beginnings(self._accounts)

    def _balances(self, last: dict[int, Last]) -> Balances:
        ids, owner, currency = self._account
        read, shape = self.read.movements, (len(self.days), len(ids))
        known = np.isin(read["account"], ids)
        flat = self._place(read["day"][known]) * shape[1] + np.searchsorted(ids, read["account"][known])
        moved = np.bincount(flat, read["amount"][known], shape[0] * shape[1]).reshape(shape)
        carried = {
            key: amount for client in self.client_ids if client in last for key, amount in last[client].balances.items()
        }
        opening = np.array([carried.get(int(pk), 0) + self._begun.get(int(pk), 0) for pk in ids], dtype=np.float64)
        return Balances(
            owner=owner,
            currency=currency,
            first=self._place(self._accounts["opened"]),
            until=self._place(self._accounts["closed"]),
            amounts=opening + np.cumsum(moved, axis=0),
        )

    def _moved(self) -> Moved:
        read = self.read.movements
        ids, _owner, currencies = self._account
        known = np.isin(read["account"], ids)
        currency = currencies[np.searchsorted(ids, read["account"][known])]
        amounts = read["amount"][known] * (self.quotes.into / FINE)
        every = self._events(self._owner(read["client"][known]), read["day"][known], amounts, currency)
        kind = read["kind"][known]
        fees = every.where(kind == FEE)
        charged = Events(fees.owner, fees.place, fees.date, -fees.amount)
        on = read["account"][known] * NEVER + read["day"][known]
        earned, back = kind == INTEREST, (kind == DEPOSIT) & (every.amount > 0)
        exchanges = (
            Exchange(every.where(kind == TRADE), self._bought()),
            Exchange(
                every.where(kind == DEPOSIT),
                self._lent(),
                income=every.where(earned),
                repaid=every.where(earned & np.isin(on, on[back])),
            ),
        )
        return Moved(joined(every.where(kind == FLOW), self._brought()), charged, exchanges)

    def _bought(self) -> Events:
        """Return what positions grew by being bought, at the price of that day; what left them is negative.

        Entering a future is for nothing; when it is closed or settled, its gain leaves it
        (``portfolios.rules.holdings.paid``).
        """
        pieces, read, quotes = self._pieces, self.read.pieces, self.quotes
        settles = quotes.settled[pieces.instrument] & read["closing"].astype(bool) & (read["spent"] != 0)
        began = (pieces.first >= 0) & (pieces.first < quotes.days)
        rose = began & np.where(quotes.settled[pieces.instrument], settles, read["rise"] != 0)
        instrument, date = pieces.instrument[rose], read["day"][rose]
        amount = read["rise"][rose] * self._units(instrument, date, pieces.first[rose], pieces.owner[rose])
        amount = (amount - np.where(quotes.settled[instrument], read["spent"][rose], 0)) * quotes.into
        return self._events(pieces.owner[rose], date, amount, quotes.currency_of[instrument])

    def _units(self, instrument: Ints, date: Ints, place: Ints, owner: Ints) -> Floats:
        """Return what one unit was worth on some dates; what had no price yet, by the first one since."""
        units: Floats = self.quotes.prices[place, instrument]
        between = np.flatnonzero(self.days[place] != date)
        units[between] = quoted.units_on(self.instruments[instrument[between]], date[between], self.now)
        return self._first_known(units, self.quotes.prices, instrument, place, owner)

    def _first_known(self, found: Floats, table: Floats, column: Ints, place: Ints, owner: Ints) -> Floats:
        """Fill what is not known with what is known first from its day on; that day has no return then."""
        gaps = np.flatnonzero(np.isnan(found) & (place < len(self.days)))
        if len(gaps):
            self.unknown[place[gaps], owner[gaps]] = True
            found[gaps] = _ahead(table)[place[gaps], column[gaps]]
        return found

    def _brought(self) -> Events:
        """Return the balances with which accounts began before their first movement, on the day they were opened."""
        ids, owner, currency = self._account
        begun = np.array([self._begun.get(int(pk), 0) for pk in ids], dtype=np.float64)
        opened = self._accounts["opened"]
        there = (begun != 0) & (opened <= self.days[-1])
        return self._events(owner[there], opened[there], begun[there] * (self.quotes.into / FINE), currency[there])

    # --- places -------------------------------------------------------------------------------------------------------

    def _start(self, last: dict[int, Last], first: dict[int, dt.date]) -> Start:
        found = [last.get(client) for client in self.client_ids]
        dates = [last[client].day if client in last else first[client] - ONE_DAY for client in self.client_ids]
        return Start(
            value=np.array([float(one.value) * self.quotes.into if one else 0.0 for one in found]).round(),
            date=np.array([day.toordinal() for day in dates]),
            net=np.array([one.net if one else 1.0 for one in found], dtype=np.float64),
            gross=np.array([one.gross if one else 1.0 for one in found], dtype=np.float64),
        )

    def _events(self, owner: Ints, date: Ints, amounts: Floats, currency: Ints) -> Events:
        """Return amounts of other currencies, already in minor units' scale, by the rates of their own days."""
        dates, which = np.unique(date, return_inverse=True)
        place = self._place(date)
        rates = quoted.rates(dates, self.currencies, self.currency, self.now)[which, currency]
        rates = self._first_known(rates, self.quotes.rates, currency, place, owner)
        worth: Floats = np.nan_to_num(amounts * rates).round()
        return Events(owner, place, date, worth)

    def _owner(self, client: Ints) -> Ints:
        return self._order[np.searchsorted(self.owners, client, sorter=self._order)]

    @cached_property
    def _order(self) -> Ints:
        return np.argsort(self.owners)

    def _place(self, day: Ints) -> Ints:
        """Return the place of the first valued day from each date on; what is later than all has the place after."""
        return np.searchsorted(self.days, day)


def _ahead(table: Floats) -> Floats:
    """Return a table by day whose gaps are filled with what follows them, nothing where nothing does."""
    found = table.copy()
    for day in range(len(found) - 2, -1, -1):
        gaps = np.isnan(found[day])
        found[day, gaps] = found[day + 1, gaps]
    return np.nan_to_num(found)
