"""What valuations are computed from, for many clients at once, as the service account reads it."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

import numpy as np
from django.db import connection

from clients.models import Client
from core.models import Parameter
from portfolios.models import Account, Holding, Instrument, Price, Transaction
from portfolios.queries.book import beginnings
from portfolios.queries.columns import Columns, numbers
from portfolios.queries.deposits import CHINA
from portfolios.queries.rates import Rates, known, rates_of
from portfolios.rules.book import Converter
from portfolios.rules.valuation import FINE, NEVER, Floats, Ints, Quotes, units

OVERLAP = dt.timedelta(hours=1)
"""What was learned so long before the last valuation may have been written after it: no file takes longer."""
ORDINAL = "({} - DATE '0001-01-01') + 1"
FLOW, FEE, TRADE, DEPOSIT, INTEREST = range(5)
KINDS = {
    Transaction.Kind.FEE: FEE,
    Transaction.Kind.TRADE: TRADE,
    Transaction.Kind.DEPOSIT: DEPOSIT,
    Transaction.Kind.INTEREST: INTEREST,
}
"""What moves money within the book or is its cost; every other kind is a flow of the client's own."""
KNOWN = "known_at <= %(now)s AND (superseded_at IS NULL OR superseded_at > %(now)s)"


@dataclass(frozen=True)
class Last:
    """A client's valuation that others go on from; ``balances`` of cash accounts are in ten thousandths."""

    client_id: int
    day: dt.date
    known_at: dt.datetime
    currency: str
    value: Decimal
    net: float
    gross: float
    balances: dict[int, int]


def currencies(client_ids: Sequence[int]) -> dict[int, str]:
    """Return the currency in which each client's worth is told."""
    return dict(Client.objects.filter(pk__in=client_ids).order_by("pk").values_list("pk", "base_currency"))


LAST = """
    SELECT c.id, v.value_date, v.known_at, v.currency, v.cash + v.deposits + v.holdings, v.net_index, v.gross_index,
           v.balances
    FROM unnest(%s::bigint[], %s::date[]) c (id, before) CROSS JOIN LATERAL (
        SELECT * FROM portfolios_valuation v
        WHERE v.client_id = c.id AND v.value_date < c.before AND v.superseded_at IS NULL AND v.net_index IS NOT NULL
        ORDER BY v.value_date DESC LIMIT 1) v"""


def last_before(bounds: dict[int, dt.date]) -> dict[int, Last]:
    """Return each client's last complete valuation before a day of its own."""
    with connection.cursor() as cursor:
        cursor.execute(LAST, [list(bounds), list(bounds.values())])
        rows = cursor.fetchall()
    return {client: _last(client, *row) for client, *row in rows}


def _last(client: int, day: dt.date, known_at: dt.datetime, *row: Any) -> Last:
    currency, value, net, gross, said = row
    balances = {int(account): amount for account, amount in json.loads(said).items()}
    return Last(client, day, known_at, currency, value, net, gross, balances)


ENDS = """
    SELECT c.id, v.value_date, v.known_at
    FROM unnest(%s::bigint[]) c (id) CROSS JOIN LATERAL (
        SELECT value_date, known_at FROM portfolios_valuation v
        WHERE v.client_id = c.id AND v.superseded_at IS NULL ORDER BY v.value_date DESC LIMIT 1) v"""


def ends(client_ids: Sequence[int]) -> dict[int, tuple[dt.date, dt.datetime]]:
    """Return the last valued day of each client, and when it was computed."""
    with connection.cursor() as cursor:
        cursor.execute(ENDS, [list(client_ids)])
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


VALUED = """
    SELECT client_id, array_agg(value_date ORDER BY value_date) FROM portfolios_valuation
    WHERE client_id = ANY (%s) AND superseded_at IS NULL GROUP BY client_id"""


def valued_days(client_ids: Sequence[int]) -> dict[int, list[dt.date]]:
    """Return the days on which each client is valued."""
    with connection.cursor() as cursor:
        cursor.execute(VALUED, [list(client_ids)])
        return dict(cursor.fetchall())


OWN_CHANGES = " UNION ALL ".join(
    f"SELECT client_id, value_date FROM portfolios_{table} WHERE client_id = ANY (%(ids)s) AND {since} > %(since)s"  # noqa: S608
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
    WHERE d.client_id = ANY (%(ids)s) AND d.known_at > %(since)s"""
QUOTE_CHANGES = " UNION ALL ".join(
    f"""SELECT h.client_id, p.value_date FROM portfolios_price p JOIN portfolios_holding h USING (instrument_id)
        WHERE p.{since} > %(since)s AND p.value_date <= %(until)s AND h.client_id = ANY (%(ids)s)"""  # noqa: S608
    for since in ("known_at", "superseded_at")
)
RATE_CHANGES = """
    SELECT min(value_date) FROM portfolios_fxrate
    WHERE (known_at > %(since)s OR superseded_at > %(since)s) AND value_date <= %(until)s"""


def changed_since(client_ids: Sequence[int], *, since: dt.datetime, until: dt.date) -> dict[int, dt.date]:
    """Return the clients of whom something was learned since a moment that speaks of a day up to ``until``.

    With each comes the first such day. A rate of exchange concerns everybody.
    """
    params: dict[str, Any] = {"ids": list(client_ids), "since": since - OVERLAP, "until": until}
    found = f"SELECT client_id, min(value_date) FROM ({OWN_CHANGES} UNION ALL {CONTRACT_CHANGES} UNION ALL"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"{found} {QUOTE_CHANGES}) c WHERE value_date <= %(until)s GROUP BY client_id", params)
        days: dict[int, dt.date] = dict(cursor.fetchall())
        cursor.execute(RATE_CHANGES, params)
        (rated,) = cursor.fetchone()
    if rated is not None:
        days = {client: min(days.get(client, rated), rated) for client in client_ids}
    return days


FIRST = """
    SELECT client_id, min(day) FROM (
        SELECT client_id, min(value_date) AS day FROM portfolios_holding WHERE client_id = ANY (%(ids)s) GROUP BY 1
        UNION ALL
        SELECT client_id, min(value_date) FROM portfolios_deposit WHERE client_id = ANY (%(ids)s) GROUP BY 1
        UNION ALL
        SELECT client_id, min(opened_on) FROM portfolios_account
        WHERE client_id = ANY (%(ids)s) AND kind = 'cash' GROUP BY 1) f
    GROUP BY client_id"""


def first_days(client_ids: Sequence[int]) -> dict[int, dt.date]:
    """Return the first day of which anything is known of each client's wealth; clients without any are left out."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST, {"ids": list(client_ids)})
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
    SELECT client_id, id, instrument_id, day, before, next, quantity, rise FROM (
        SELECT client_id, id, instrument_id, {ORDINAL.format("value_date")} AS day,
               value_date <= %(start)s AS before,
               coalesce({ORDINAL.format("lag(value_date) OVER own")}, {NEVER}) AS next,
               quantity::float8 AS quantity,
               (quantity - coalesce(lead(quantity) OVER own, 0))::float8 AS rise
        FROM portfolios_holding
        WHERE client_id = ANY (%(ids)s) AND value_date <= %(end)s AND {KNOWN}
        WINDOW own AS (PARTITION BY client_id, reference ORDER BY value_date DESC)) h
    WHERE next > {ORDINAL.format("%(start)s::date")} AND (quantity <> 0 OR rise <> 0)
    ORDER BY client_id, id"""  # noqa: S608
MOVEMENTS = f"""
    SELECT client_id, account_id, {ORDINAL.format("value_date")} AS day,
           CASE kind {" ".join(f"WHEN '{kind.value}' THEN {code}" for kind, code in KINDS.items())} ELSE {FLOW} END,
           (amount * {int(FINE)})::bigint
    FROM portfolios_transaction
    WHERE client_id = ANY (%(ids)s) AND value_date > %(start)s AND value_date <= %(end)s AND {KNOWN}"""  # noqa: S608
CONTRACTS = f"""
    SELECT client_id, id, {ORDINAL.format("value_date")}, coalesce({ORDINAL.format("matures_on")}, {NEVER}),
           coalesce({ORDINAL.format("closed_on")}, {NEVER}), principal::float8, rate::float8,
           (CASE day_count WHEN 'ACT/365F' THEN 365 ELSE 360 END)::float8, day_count = '30/360', kind = 'demand',
           matures_on IS NOT NULL AND currency = 'CNY' AND instruction = 'none',
           array_position(%(currencies)s, currency)
    FROM portfolios_deposit
    WHERE client_id = ANY (%(ids)s) AND value_date <= %(end)s AND (closed_on IS NULL OR closed_on > %(start)s)
      AND known_at <= %(now)s
    ORDER BY id"""  # noqa: S608
PIECE_TYPES = {
    "client": "i8",
    "id": "i8",
    "instrument": "i8",
    "day": "i4",
    "before": "b",
    "next": "i4",
    "quantity": "f8",
    "rise": "f8",
}
MOVEMENT_TYPES = {"client": "i8", "account": "i8", "day": "i4", "kind": "i4", "amount": "i8"}
CONTRACT_TYPES = {
    "client": "i8",
    "id": "i8",
    "start": "i4",
    "end": "i4",
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
        params = {"ids": list(self.client_ids), "start": self.start, "end": self.end, "now": self.now, **more}
        return numbers(query, params, types)

    @cached_property
    def pieces(self) -> Columns:
        """Return the positions, each as spans of one quantity."""
        return self._read(PIECES, PIECE_TYPES)

    @cached_property
    def movements(self) -> Columns:
        """Return what moved the cash accounts."""
        return self._read(MOVEMENTS, MOVEMENT_TYPES)

    @cached_property
    def accounts(self) -> list[Account]:
        """Return the cash accounts."""
        rows = Account.objects.filter(client_id__in=self.client_ids, kind=Account.Kind.CASH)
        return list(rows.only("client_id", "currency", "opened_on", "closed_on").order_by("pk"))

    def contracts(self, currencies: list[str]) -> Columns:
        """Return the deposits; ``currency`` counts from one in ``currencies``."""
        return self._read(CONTRACTS, CONTRACT_TYPES, currencies=currencies)

    def beginnings(self) -> dict[int, int]:
        """Return what was on accounts before their first movement, in ten thousandths."""
        rows = known(Transaction.objects.filter(client_id__in=self.client_ids), self.now)
        return {account: int(balance * int(FINE)) for account, balance in beginnings(rows).items()}


def currencies_of(instruments: Ints) -> list[str]:
    """Return the currencies of some instruments."""
    rows = Instrument.objects.filter(pk__in=instruments.tolist()).order_by("currency")
    return list(rows.values_list("currency", flat=True).distinct())


def quantity(holding_id: int) -> Decimal:
    """Return how much a holding is of, to its last decimal."""
    found: Decimal = Holding.objects.values_list("quantity", flat=True).get(pk=holding_id)
    return found


def rates(dates: Ints, currencies: list[str], into: str, now: dt.datetime) -> Floats:
    """Return the rates of currencies on some days, which are ordinals: one query for any number of them."""
    days = [dt.date.fromordinal(int(date)) for date in dates]
    if not days or currencies == [into]:
        return np.ones((len(currencies), len(days)))
    found = [one.converter(into).rates for one in rates_of(days, now).values()]
    return _floats([[Decimal(1) if name == into else one.get(name) for one in found] for name in currencies], len(days))


def quotes(instruments: Ints, facts: Sequence[DayFacts], into: str, currencies: list[str], now: dt.datetime) -> Quotes:
    """Return the prices of some instruments, in the order of their ids, and the rates of currencies, day by day."""
    rows = dict(Instrument.objects.filter(pk__in=instruments.tolist()).values_list("pk", "currency"))
    days = [one.day for one in facts]
    prices = known(Price.objects.filter(instrument_id__in=list(rows), value_date__lte=days[-1]), now)
    before = prices.filter(value_date__lte=days[0]).order_by("instrument_id", "-value_date").distinct("instrument_id")
    names = ("instrument_id", "value_date", "price")
    found: dict[int, list[tuple[dt.date, Decimal]]] = {}
    for query in (before, prices.filter(value_date__gt=days[0]).order_by("value_date")):
        for instrument, day, price in query.values_list(*names):
            found.setdefault(instrument, []).append((day, price))
    carried = [_carried(found.get(int(pk), []), facts) for pk in instruments]
    exact = [[one.rate(currency, into) for one in facts] for currency in currencies]
    return Quotes(
        prices=_floats([line for line, _stale in carried], len(days)),
        exact_prices=[line for line, _stale in carried],
        stale=np.array([stale for _line, stale in carried], dtype=bool).reshape(len(instruments), len(days)),
        currency_of=np.array([currencies.index(rows[int(pk)]) for pk in instruments], dtype=np.int64),
        rates=_floats(exact, len(days)),
        exact_rates=exact,
        units=np.array([units(currency) for currency in currencies]),
        into=units(into),
    )


def _carried(
    prices: list[tuple[dt.date, Decimal]], facts: Sequence[DayFacts]
) -> tuple[list[Decimal | None], list[bool]]:
    """Return the last price of each day, and whether it is older than the house allows."""
    line: list[Decimal | None] = []
    stale, place = [], -1
    for fact in facts:
        while place + 1 < len(prices) and prices[place + 1][0] <= fact.day:
            place += 1
        line.append(prices[place][1] if place >= 0 else None)
        stale.append(place >= 0 and (fact.day - prices[place][0]).days > fact.stale_days)
    return line, stale


def _floats(lines: list[list[Decimal | None]], days: int) -> Floats:
    values = [[np.nan if one is None else float(one) for one in line] for line in lines]
    return np.array(values, dtype=np.float64).reshape(len(lines), days)
