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

from core.models import Parameter
from portfolios.models import Transaction
from portfolios.queries.book import beginnings
from portfolios.queries.columns import Columns, array, numbers
from portfolios.queries.deposits import CHINA
from portfolios.queries.pieces import KNOWN, ORDINAL, pieces
from portfolios.queries.rates import Rates, known, rates_of
from portfolios.rules.book import Converter
from portfolios.rules.valuation import FINE, NEVER

OVERLAP = dt.timedelta(hours=1)
"""What was learned so long before the last valuation may have been written after it: no file takes longer."""
LATELY = dt.timedelta(days=5)
FLOW, FEE, TRADE, DEPOSIT, INTEREST, INCOME = range(6)
KINDS = {
    Transaction.Kind.FEE: FEE,
    Transaction.Kind.TRADE: TRADE,
    Transaction.Kind.DEPOSIT: DEPOSIT,
    Transaction.Kind.INTEREST: INTEREST,
    Transaction.Kind.DIVIDEND: INCOME,
}
"""What moves money within the book or is its cost; every other kind is a flow of the client's own."""


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


MOVED = " UNION ALL ".join(
    f"SELECT client_id, account_id, value_date FROM portfolios_transaction WHERE {since} > %(since)s"  # noqa: S608
    for since in ("known_at", "superseded_at")
)
MOVEMENT_CHANGES = """
    SELECT t.client_id, CASE
        WHEN a.opened_on < t.value_date AND NOT EXISTS (
            SELECT FROM portfolios_transaction e WHERE e.account_id = t.account_id
                AND e.value_date < t.value_date AND e.known_at <= %(since)s AND e.superseded_at IS NULL)
        THEN a.opened_on ELSE t.value_date END
    FROM moved t JOIN portfolios_account a ON a.id = t.account_id WHERE t.client_id = ANY (%(ids)s::bigint[])"""
"""Where an account's first movement changes, so may the balance with which it began on the day it was opened."""
HELD = " UNION ALL ".join(
    f"SELECT client_id, value_date FROM portfolios_{table} WHERE {since} > %(since)s"  # noqa: S608
    for table in ("holding", "depositchange")
    for since in ("known_at", "superseded_at")
)
HELD_CHANGES = "SELECT client_id, value_date FROM held WHERE client_id = ANY (%(ids)s::bigint[])"
CONTRACT_CHANGES = """
    SELECT d.client_id, CASE
        WHEN t.id IS NULL
            OR (t.account_id, t.kind, t.currency, t.principal - (
                    SELECT coalesce(sum(amount), 0) FROM portfolios_depositchange c WHERE c.deposit_id = d.id
                       AND c.known_at < t.superseded_at
                       AND (c.superseded_at IS NULL OR c.superseded_at >= t.superseded_at)),
                t.rate, t.day_count, t.value_date, t.matures_on)
            IS DISTINCT FROM
               (d.account_id, d.kind, d.currency, d.principal - (
                    SELECT coalesce(sum(amount), 0) FROM portfolios_depositchange c WHERE c.deposit_id = d.id
                       AND c.superseded_at IS NULL),
                d.rate, d.day_count, d.value_date, d.matures_on)
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
CHANGED = (MOVEMENT_CHANGES, HELD_CHANGES, CONTRACT_CHANGES, QUOTE_CHANGES, ACTION_CHANGES)
CHANGES = f"""
    WITH moved AS MATERIALIZED ({MOVED}), held AS MATERIALIZED ({HELD})
    SELECT client_id, min(value_date) FROM ({" UNION ALL ".join(CHANGED)}) c
    WHERE value_date <= %(until)s GROUP BY client_id"""  # noqa: S608
"""What was learned lately of anybody is little and found by when it was learned; of some clients there are years."""
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
    with connection.cursor() as cursor:
        cursor.execute(CHANGES, params)
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


MOVEMENTS = f"""
    SELECT client_id AS client, account_id AS account, {ORDINAL.format("value_date")} AS day,
           CASE kind {" ".join(f"WHEN '{kind.value}' THEN {code}" for kind, code in KINDS.items())} ELSE {FLOW} END
               AS kind,
           (amount * {int(FINE)})::bigint AS amount
    FROM portfolios_transaction
    WHERE client_id = ANY (%(ids)s::bigint[]) AND value_date > %(start)s AND value_date <= %(end)s AND {KNOWN}"""  # noqa: S608
TERMS = (
    "client_id, value_date, matures_on, closed_on, principal, rate, day_count, kind, currency, instruction, known_at"
)
STANDS = (
    "client_id = ANY (%(ids)s::bigint[]) AND value_date <= %(end)s AND (closed_on IS NULL OR closed_on > %(start)s)"
    " AND known_at <= %(now)s"
)
CONTRACTS = f"""
    WITH told AS (
        SELECT id, {TERMS} FROM portfolios_deposit WHERE {STANDS}
        UNION ALL
        SELECT deposit_id, {TERMS} FROM portfolios_depositterms WHERE {STANDS} AND superseded_at > %(now)s
    ), changed AS (
        SELECT c.deposit_id, c.value_date, c.amount FROM portfolios_depositchange c
        JOIN told d ON d.id = c.deposit_id AND c.value_date > d.value_date
        WHERE c.client_id = ANY (%(ids)s::bigint[]) AND c.known_at <= %(now)s
          AND (c.superseded_at IS NULL OR c.superseded_at > %(now)s)
    )
    SELECT client_id AS client, id, {ORDINAL.format("begins")} AS start, {ORDINAL.format("since")} AS since,
           coalesce({ORDINAL.format("matures_on")}, {NEVER}) AS matures,
           coalesce({ORDINAL.format("closed_on")}, {NEVER}) AS closed,
           lent::float8 AS principal, rate::float8 AS rate,
           (CASE day_count WHEN 'ACT/365F' THEN 365 ELSE 360 END)::float8 AS basis, day_count = '30/360' AS thirty,
           kind = 'demand' AS demand, matures_on IS NOT NULL AND currency = 'CNY' AND instruction = 'none' AS waits,
           array_position(%(currencies)s, currency) AS currency
    FROM (
        SELECT d.*, d.value_date AS begins, d.value_date AS since, d.principal - coalesce(m.amount, 0) AS lent
        FROM told d
        LEFT JOIN (SELECT deposit_id, sum(amount) AS amount FROM changed GROUP BY 1) m ON m.deposit_id = d.id
        UNION ALL
        SELECT d.*, CASE d.kind WHEN 'demand' THEN c.value_date ELSE d.value_date END, c.value_date, c.amount
        FROM told d JOIN changed c ON c.deposit_id = d.id) parts
    WHERE since <= %(end)s"""  # noqa: S608
ACCOUNTS = f"""
    SELECT client_id AS client, id, {ORDINAL.format("opened_on")} AS opened,
           coalesce({ORDINAL.format("closed_on")}, {NEVER}) AS closed,
           array_position(%(currencies)s, currency) AS currency
    FROM portfolios_account WHERE client_id = ANY (%(ids)s::bigint[]) AND kind = 'cash' ORDER BY id"""  # noqa: S608
ACCOUNT_TYPES = {"client": "i8", "id": "i8", "opened": "i4", "closed": "i4", "currency": "i4"}
MOVEMENT_TYPES = {"client": "i8", "account": "i8", "day": "i4", "kind": "i4", "amount": "i8"}
CONTRACT_TYPES = {
    "client": "i8",
    "id": "i8",
    "start": "i4",
    "since": "i4",
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
        return pieces(self.client_ids, start=self.start, end=self.end, now=self.now)

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

    def beginnings(self, accounts: Columns) -> dict[int, int]:
        """Return what was on those accounts that were opened since before their first movement, in ten thousandths."""
        since = accounts["opened"] > self.start.toordinal()
        if not since.any():
            return {}
        owners, ids = (np.unique(accounts[name][since]).tolist() for name in ("client", "id"))
        rows = known(Transaction.objects.filter(client_id__in=owners, account_id__in=ids), self.now)
        return {account: int(balance * int(FINE)) for account, balance in beginnings(rows).items()}
