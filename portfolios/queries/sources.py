"""What valuations are computed from, for many clients at once, as the service account reads it."""

import datetime as dt
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

import numpy as np
from django.db import connection

from core.models import Parameter
from portfolios.models import Holding, Instrument, Price, Transaction
from portfolios.queries.actions import actions_of
from portfolios.queries.book import beginnings
from portfolios.queries.columns import Columns, array, numbers
from portfolios.queries.deposits import CHINA
from portfolios.queries.rates import Rates, known, rates_of
from portfolios.rules.book import Converter
from portfolios.rules.holdings import Position, Terms, bought, got
from portfolios.rules.valuation import FINE, NEVER, Floats, Ints, Quotes, units

OVERLAP = dt.timedelta(hours=1)
"""What was learned so long before the last valuation may have been written after it: no file takes longer."""
LATELY = dt.timedelta(days=5)
ORDINAL = "({} - DATE '0001-01-01') + 1"
FLOW, FEE, TRADE, DEPOSIT, INTEREST, INCOME = range(6)
KINDS = {
    Transaction.Kind.FEE: FEE,
    Transaction.Kind.TRADE: TRADE,
    Transaction.Kind.DEPOSIT: DEPOSIT,
    Transaction.Kind.INTEREST: INTEREST,
    Transaction.Kind.DIVIDEND: INCOME,
}
"""What moves money within the book or is its cost; every other kind is a flow of the client's own."""
KNOWN = "known_at <= %(now)s AND (superseded_at IS NULL OR superseded_at > %(now)s)"


@dataclass(frozen=True)
class Last:
    """A client's valuation that others go on from, if it is complete; else it has no indices.

    ``known_at`` is in seconds since 1970.
    """

    client_id: int
    day: dt.date
    known_at: float
    currency: str
    value: Decimal
    net: float | None
    gross: float | None
    said: str

    @property
    def balances(self) -> dict[int, int]:
        """Return the balances of cash accounts, in ten thousandths."""
        return {int(account): amount for account, amount in json.loads(self.said).items()}


CLIENTS = "SELECT id, base_currency FROM clients_client WHERE id = ANY (%s::bigint[]) ORDER BY id"


def currencies(client_ids: Sequence[int]) -> dict[int, str]:
    """Return the currency in which each client's worth is told."""
    with connection.cursor() as cursor:
        cursor.execute(CLIENTS, [array(client_ids)])
        return dict(cursor.fetchall())


ROW = """v.value_date, extract(epoch FROM v.known_at)::float8, v.currency, v.cash + v.deposits + v.holdings,
    v.net_index, v.gross_index, v.balances::text"""
LATEST = f"""
    SELECT DISTINCT ON (v.client_id) v.client_id, {ROW} FROM portfolios_valuation v
    WHERE v.client_id = ANY (%s::bigint[]) AND v.superseded_at IS NULL AND v.value_date > %s
    ORDER BY v.client_id, v.value_date DESC"""  # noqa: S608
BEFORE = f"""
    SELECT c.id, {ROW} FROM unnest(%s::bigint[], %s::date[]) c (id, before) CROSS JOIN LATERAL (
        SELECT * FROM portfolios_valuation v
        WHERE v.client_id = c.id AND v.value_date < c.before AND v.superseded_at IS NULL AND v.net_index IS NOT NULL
        ORDER BY v.value_date DESC LIMIT 1) v"""  # noqa: S608


def latest(client_ids: Sequence[int], *, around: dt.date) -> dict[int, Last]:
    """Return the last valuation of each client, complete or not; the days before ``around`` are looked at first."""
    found = _last(LATEST, [array(client_ids), around - LATELY])
    others = [client for client in client_ids if client not in found]
    return found | (_last(LATEST, [array(others), dt.date.min]) if others else {})


def last_before(bounds: dict[int, dt.date]) -> dict[int, Last]:
    """Return each client's last complete valuation before a day of its own."""
    return _last(BEFORE, [array(bounds), list(bounds.values())]) if bounds else {}


def _last(query: str, params: list[Any]) -> dict[int, Last]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return {row[0]: Last(*row) for row in cursor.fetchall()}


VALUED = """
    SELECT client_id, array_agg(value_date ORDER BY value_date) FROM portfolios_valuation
    WHERE client_id = ANY (%s::bigint[]) AND superseded_at IS NULL GROUP BY client_id"""


def valued_days(client_ids: Sequence[int]) -> dict[int, list[dt.date]]:
    """Return the days on which each client is valued."""
    with connection.cursor() as cursor:
        cursor.execute(VALUED, [array(client_ids)])
        return dict(cursor.fetchall())


OWN_CHANGES = " UNION ALL ".join(
    f"""SELECT client_id, value_date FROM portfolios_{table}
        WHERE client_id = ANY (%(ids)s::bigint[]) AND {since} > %(since)s"""  # noqa: S608
    for table in ("transaction", "holding")
    for since in ("known_at", "superseded_at")
)
CONTRACT_CHANGES = """
    SELECT d.client_id, CASE
        WHEN t.id IS NULL
            OR (t.account_id, t.kind, t.currency, t.principal, t.rate, t.day_count, t.value_date, t.matures_on)
            IS DISTINCT FROM
               (d.account_id, d.kind, d.currency, d.principal, d.rate, d.day_count, d.value_date, d.matures_on)
        THEN least(d.value_date, t.value_date)
        ELSE least(d.closed_on, t.closed_on, d.matures_on, 'infinity'::date) END
    FROM portfolios_deposit d LEFT JOIN portfolios_depositterms t ON t.deposit_id = d.id AND t.superseded_at > %(since)s
    WHERE d.client_id = ANY (%(ids)s::bigint[]) AND d.known_at > %(since)s"""
QUOTE_CHANGES = " UNION ALL ".join(
    f"""SELECT h.client_id, p.value_date FROM portfolios_price p JOIN portfolios_holding h USING (instrument_id)
        WHERE p.{since} > %(since)s AND p.value_date <= %(until)s AND h.client_id = ANY (%(ids)s::bigint[])"""  # noqa: S608
    for since in ("known_at", "superseded_at")
)
ACTION_CHANGES = " UNION ALL ".join(
    f"""SELECT h.client_id, a.value_date
        FROM portfolios_corporateaction a JOIN portfolios_holding h USING (instrument_id)
        WHERE a.{since} > %(since)s AND a.value_date <= %(until)s AND h.client_id = ANY (%(ids)s::bigint[])"""  # noqa: S608
    for since in ("known_at", "superseded_at")
)
RATE_CHANGES = """
    SELECT min(value_date) FROM portfolios_fxrate
    WHERE (known_at > %(since)s OR superseded_at > %(since)s) AND value_date <= %(until)s"""


def changed_since(client_ids: Sequence[int], *, since: float, until: dt.date) -> dict[int, dt.date]:
    """Return the clients of whom something was learned since a moment that speaks of a day up to ``until``.

    With each comes the first such day. A rate of exchange concerns everybody.
    """
    params: dict[str, Any] = {
        "ids": array(client_ids),
        "since": dt.datetime.fromtimestamp(since, dt.UTC) - OVERLAP,
        "until": until,
    }
    found = f"SELECT client_id, min(value_date) FROM ({OWN_CHANGES} UNION ALL {CONTRACT_CHANGES} UNION ALL"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"{found} {QUOTE_CHANGES} UNION ALL {ACTION_CHANGES}) c WHERE value_date <= %(until)s GROUP BY client_id",
            params,
        )
        days: dict[int, dt.date] = dict(cursor.fetchall())
        cursor.execute(RATE_CHANGES, params)
        (rated,) = cursor.fetchone()
    if rated is not None:
        days = {client: min(days.get(client, rated), rated) for client in client_ids}
    return days


FIRST = """
    SELECT client_id, min(day) FROM (
        SELECT client_id, min(value_date) AS day FROM portfolios_holding
        WHERE client_id = ANY (%(ids)s::bigint[]) GROUP BY 1
        UNION ALL
        SELECT client_id, min(value_date) FROM portfolios_deposit WHERE client_id = ANY (%(ids)s::bigint[]) GROUP BY 1
        UNION ALL
        SELECT client_id, min(opened_on) FROM portfolios_account
        WHERE client_id = ANY (%(ids)s::bigint[]) AND kind = 'cash' GROUP BY 1) f
    GROUP BY client_id"""


def first_days(client_ids: Sequence[int]) -> dict[int, dt.date]:
    """Return the first day of which anything is known of each client's wealth; clients without any are left out."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST, {"ids": array(client_ids)})
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class DayFacts:
    """What holds for everybody on a day: rates, and what banks listed for demand deposits, None where unknown."""

    day: dt.date
    rates: Rates
    stale_days: int
    demand_rate: Decimal | None

    def rate(self, currency: str, into: str) -> Decimal | None:
        """Return what one unit of a currency is worth in another, None where no rate is known."""
        return Decimal(1) if currency == into else self._converter(into).rates.get(currency)

    @cache  # noqa: B019  (facts live as long as a job)
    def _converter(self, into: str) -> Converter:
        return self.rates.converter(into)


def day_facts(days: Sequence[dt.date], now: dt.datetime) -> list[DayFacts]:
    """Return the facts of some days as known at a moment: a few queries for any number of days."""
    rates = rates_of(days, now)
    stale = Parameter.objects.history("price.stale_days")
    listed = Parameter.objects.history("deposit.demand_rate", jurisdiction=CHINA)
    return [DayFacts(day, rates[day], stale(day), _decimal(listed(day))) for day in days]


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


PIECES = f"""
    SELECT client_id AS client, id, instrument_id AS instrument, day, before, next, quantity, rise, entered
    FROM (
        SELECT client_id, id, instrument_id, {ORDINAL.format("value_date")} AS day,
               value_date <= %(start)s AS before,
               coalesce({ORDINAL.format("lag(value_date) OVER own")}, {NEVER}) AS next,
               quantity::float8 AS quantity,
               (quantity - coalesce(lead(quantity) OVER own, 0))::float8 AS rise,
               CASE WHEN quantity <> 0 AND instrument_id = ANY (%(futures)s::bigint[]) THEN cost::float8 ELSE 0 END
                   AS entered
        FROM portfolios_holding
        WHERE client_id = ANY (%(ids)s::bigint[]) AND value_date <= %(end)s AND {KNOWN}
        WINDOW own AS (PARTITION BY client_id, reference ORDER BY value_date DESC)) h
    WHERE next > {ORDINAL.format("%(start)s::date")} AND (quantity <> 0 OR rise <> 0)"""  # noqa: S608
MOVEMENTS = f"""
    SELECT client_id AS client, account_id AS account, {ORDINAL.format("value_date")} AS day,
           CASE kind {" ".join(f"WHEN '{kind.value}' THEN {code}" for kind, code in KINDS.items())} ELSE {FLOW} END
               AS kind,
           (amount * {int(FINE)})::bigint AS amount
    FROM portfolios_transaction
    WHERE client_id = ANY (%(ids)s::bigint[]) AND value_date > %(start)s AND value_date <= %(end)s AND {KNOWN}"""  # noqa: S608
CONTRACTS = f"""
    SELECT client_id AS client, id, {ORDINAL.format("value_date")} AS start,
           coalesce({ORDINAL.format("matures_on")}, {NEVER}) AS matures,
           coalesce({ORDINAL.format("closed_on")}, {NEVER}) AS closed,
           principal::float8 AS principal, rate::float8 AS rate,
           (CASE day_count WHEN 'ACT/365F' THEN 365 ELSE 360 END)::float8 AS basis, day_count = '30/360' AS thirty,
           kind = 'demand' AS demand, matures_on IS NOT NULL AND currency = 'CNY' AND instruction = 'none' AS waits,
           array_position(%(currencies)s, currency) AS currency
    FROM portfolios_deposit
    WHERE client_id = ANY (%(ids)s::bigint[]) AND value_date <= %(end)s AND (closed_on IS NULL OR closed_on > %(start)s)
      AND known_at <= %(now)s"""  # noqa: S608
ACCOUNTS = f"""
    SELECT client_id AS client, id, {ORDINAL.format("opened_on")} AS opened,
           coalesce({ORDINAL.format("closed_on")}, {NEVER}) AS closed,
           array_position(%(currencies)s, currency) AS currency
    FROM portfolios_account WHERE client_id = ANY (%(ids)s::bigint[]) AND kind = 'cash' ORDER BY id"""  # noqa: S608
ACCOUNT_TYPES = {"client": "i8", "id": "i8", "opened": "i4", "closed": "i4", "currency": "i4"}
PIECE_TYPES = {
    "client": "i8",
    "id": "i8",
    "instrument": "i8",
    "day": "i4",
    "before": "b",
    "next": "i4",
    "quantity": "f8",
    "rise": "f8",
    "entered": "f8",
}
MOVEMENT_TYPES = {"client": "i8", "account": "i8", "day": "i4", "kind": "i4", "amount": "i8"}
CONTRACT_TYPES = {
    "client": "i8",
    "id": "i8",
    "start": "i4",
    "matures": "i4",
    "closed": "i4",
    "principal": "f8",
    "rate": "f8",
    "basis": "f8",
    "thirty": "b",
    "demand": "b",
    "waits": "b",
    "currency": "i4",
}


@dataclass(frozen=True)
class Sources:
    """Everything that made up some clients' wealth from after ``start`` to ``end``, as known at ``now``."""

    client_ids: Sequence[int]
    start: dt.date
    end: dt.date
    now: dt.datetime

    def _read(self, query: str, types: dict[str, str], **more: object) -> Columns:
        params = {"ids": array(self.client_ids), "start": self.start, "end": self.end, "now": self.now, **more}
        return numbers(query, params, types)

    @cached_property
    def pieces(self) -> Columns:
        """Return the positions, each as spans of one quantity."""
        futures = Instrument.objects.filter(asset_class=Instrument.AssetClass.FUTURE).values_list("pk", flat=True)
        found = self._read(PIECES, PIECE_TYPES, futures=array(futures))
        return self._split(found)

    def _split(self, found: Columns) -> Columns:
        """Take out of the rises what corporate actions made of positions."""
        actions = actions_of(None, dt.date.min, self.end, self.now)
        concerned = list(actions.instruments)
        places = np.flatnonzero(np.isin(found["instrument"], concerned))
        if not len(places):
            return found
        own = Holding.objects.filter(client_id__in=self.client_ids, instrument_id__in=concerned)
        rows = known(own.filter(value_date__lte=self.end), self.now).order_by("client_id", "reference", "value_date")
        before: dict[int, tuple[dt.date, Decimal]] = {}
        held: dict[int, list[Position]] = {}
        now: dict[int, Position] = {}
        for row in rows:
            now[row.pk] = row.position
            held.setdefault(row.client_id, []).append(row.position)
        for row, following in itertools.pairwise(rows):
            if (row.client_id, row.reference) == (following.client_id, following.reference):
                before[following.pk] = (row.value_date, row.quantity)
        rise = found["rise"].copy()
        for place in places:
            pk, instrument = int(found["id"][place]), int(found["instrument"][place])
            own_units, grants = actions.units.get(instrument, ()), actions.grants.get(instrument, ())
            rose = bought(before.get(pk), (now[pk].day, now[pk].quantity), own_units)
            given = got(now[pk], held[int(found["client"][place])], grants, actions.units)
            rise[place] = float(rose - sum(given.values()))
        return {**found, "rise": rise}

    @cached_property
    def movements(self) -> Columns:
        """Return what moved the cash accounts."""
        return self._read(MOVEMENTS, MOVEMENT_TYPES)

    def accounts(self, currencies: list[str]) -> Columns:
        """Return the cash accounts, in the order of their ids; ``currency`` counts from one in ``currencies``."""
        return self._read(ACCOUNTS, ACCOUNT_TYPES, currencies=currencies)

    def contracts(self, currencies: list[str]) -> Columns:
        """Return the deposits; ``currency`` counts from one in ``currencies``."""
        return self._read(CONTRACTS, CONTRACT_TYPES, currencies=currencies)

    def beginnings(self) -> dict[int, int]:
        """Return what was on accounts before their first movement, in ten thousandths."""
        rows = known(Transaction.objects.filter(client_id__in=self.client_ids), self.now)
        return {account: int(balance * int(FINE)) for account, balance in beginnings(rows).items()}


CURRENCIES = """
    SELECT currency FROM portfolios_instrument UNION SELECT base FROM portfolios_fxrate UNION
    SELECT quote FROM portfolios_fxrate UNION
    SELECT currency FROM portfolios_account WHERE client_id = ANY (%(ids)s::bigint[])"""


def every_currency(client_ids: Sequence[int]) -> list[str]:
    """Return every currency that something of some clients may be in, in order."""
    with connection.cursor() as cursor:
        cursor.execute(CURRENCIES, {"ids": array(client_ids)})
        return sorted(row[0] for row in cursor.fetchall())


def quantity(holding_id: int) -> Decimal:
    """Return how much a holding is of, to its last decimal."""
    found: Decimal = Holding.objects.values_list("quantity", flat=True).get(pk=holding_id)
    return found


def rates(dates: Ints, currencies: list[str], into: str, now: dt.datetime) -> Floats:
    """Return the rates of currencies on some days, which are ordinals: one query for any number of them."""
    days = [dt.date.fromordinal(int(date)) for date in dates]
    if not days or currencies == [into]:
        return np.ones((len(days), len(currencies)))
    found = [one.converter(into).rates for one in rates_of(days, now).values()]
    return _floats([[Decimal(1) if name == into else one.get(name) for name in currencies] for one in found])


def quotes(instruments: Ints, facts: Sequence[DayFacts], into: str, currencies: list[str], now: dt.datetime) -> Quotes:
    """Return the prices of some instruments, in the order of their ids, and the rates of currencies, day by day."""
    rows = Instrument.objects.in_bulk(instruments.tolist())
    days = [one.day for one in facts]
    prices = known(Price.objects.filter(instrument_id__in=list(rows), value_date__lte=days[-1]), now)
    before = prices.filter(value_date__lte=days[0]).order_by("instrument_id", "-value_date").distinct("instrument_id")
    names = ("instrument_id", "value_date", "price")
    found: dict[int, list[tuple[dt.date, Decimal]]] = {}
    for query in (before, prices.filter(value_date__gt=days[0]).order_by("value_date")):
        for instrument, day, price in query.values_list(*names):
            found.setdefault(instrument, []).append((day, price))
    carried = [_carried(found.get(int(pk), []), facts, rows[int(pk)].terms) for pk in instruments]
    lines = [[line[place] for line, _stale in carried] for place in range(len(days))]
    exact = [[one.rate(currency, into) for currency in currencies] for one in facts]
    return Quotes(
        prices=_floats(lines),
        exact_prices=lines,
        settled=np.array([rows[int(pk)].terms.settled for pk in instruments], dtype=bool),
        stale=np.array([stale for _line, stale in carried], dtype=bool).reshape(len(instruments), len(days)).T,
        currency_of=np.array([currencies.index(rows[int(pk)].currency) for pk in instruments], dtype=np.int64),
        rates=_floats(exact),
        exact_rates=exact,
        units=np.array([units(currency) for currency in currencies]),
        into=units(into),
    )


def _carried(
    prices: list[tuple[dt.date, Decimal]], facts: Sequence[DayFacts], terms: Terms
) -> tuple[list[Decimal | None], list[bool]]:
    """Return what a unit is worth each day at the last price, and whether that is older than the house allows."""
    line: list[Decimal | None] = []
    stale, place = [], -1
    for fact in facts:
        while place + 1 < len(prices) and prices[place + 1][0] <= fact.day:
            place += 1
        line.append(terms.unit(prices[place][1], fact.day) if place >= 0 else None)
        stale.append(place >= 0 and (fact.day - prices[place][0]).days > fact.stale_days)
    return line, stale


def _floats(lines: list[list[Decimal | None]]) -> Floats:
    """Return decimals as floats; what is not known is no number."""
    return np.array([[np.nan if one is None else float(one) for one in line] for line in lines], dtype=np.float64)
