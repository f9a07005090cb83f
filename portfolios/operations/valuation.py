"""Every client's worth at the end of each day and the returns linked to it: for many at once, kept in two times."""

import datetime as dt
import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction

from clients import queries as clients
from core import audit
from core.jobs import Progress, enqueue, silent
from portfolios.queries import sources
from portfolios.queries.sources import Last
from portfolios.queries.valued import Chunk, Valued
from portfolios.rules.valuation import units, valuation_days

BATCH = 10_000
"""Clients of one job."""
DAILY = dt.timedelta(days=60)
"""When a client is valued for the first time, so far back daily and before that at the ends of months."""
ONE_DAY = dt.timedelta(days=1)


@transaction.atomic
def value_due(*, until: dt.date, now: dt.datetime) -> int:
    """Queue the valuation of every client up to the end of ``until``; return of how many.

    The work is cut into jobs of some clients each, so that workers share it. Asked again for the same day and after
    later corrections, it computes again only what they concern.
    """
    ids = clients.active_clients().order_by("pk").values_list("pk", flat=True).iterator()
    count = 0
    while batch := list(itertools.islice(ids, BATCH)):
        enqueue("portfolios.value", now=now, client_ids=batch, until=until)
        count += len(batch)
    return count


@transaction.atomic
def value(*, client_ids: Sequence[int], until: dt.date, now: dt.datetime, progress: Progress = silent) -> int:
    """Value some clients at the end of each day up to ``until``, as known at ``now``; return how many rows are new.

    Each goes on from its last valued day, or from the day before the first of which something else was learned since.
    What comes out as it was stays; what differs ends the belief before it.
    """
    groups = list(_groups(client_ids, until))
    if not groups:
        return 0
    facts = {one.day: one for one in sources.day_facts(sorted({day for group in groups for day in group.days}), now)}
    lines: list[str] = []
    for done, group in enumerate(groups, 1):
        chunk = Chunk(
            group.client_ids, group.currency, start=group.start, facts=[facts[day] for day in group.days], now=now
        )
        lines += _lines(chunk.valued(group.last, group.first), group)
        progress(done, len(groups))
    new = _store(lines, [group for group in groups if group.revalued], now)
    audit.record("portfolio:value", data={"clients": len(client_ids), "until": until, "rows": new})
    return new


@dataclass(frozen=True)
class _Group:
    """Clients who go on from the same day, or begin, and are valued on the same days in the same currency."""

    client_ids: list[int]
    currency: str
    start: dt.date
    days: tuple[dt.date, ...]
    last: dict[int, Last]
    first: dict[int, dt.date]
    revalued: bool


def _groups(client_ids: Sequence[int], until: dt.date) -> Iterator[_Group]:
    currencies, latest = sources.currencies(client_ids), sources.latest(client_ids, around=until)
    latest = {client: one for client, one in latest.items() if client in currencies}
    last, again = _stays(latest, currencies)
    valued = sources.valued_days(again) if again else {}
    first = sources.first_days([one for one in currencies if one not in last])
    grouped: dict[tuple[str, dt.date, tuple[dt.date, ...]], list[int]] = {}
    for client, currency in currencies.items():
        start = last[client].day if client in last else first.get(client, until + ONE_DAY) - ONE_DAY
        days = _days(start, tuple(valued.get(client, ())), until, begun=client in latest)
        if days:
            key = (currency, start if client in last else dt.date.min, days)
            grouped.setdefault(key, []).append(client)
    for (currency, start, days), members in grouped.items():
        revalued = any(days[0] <= latest[client].day for client in members if client in latest)
        yield _Group(members, currency, start, days, last, first, revalued)


def _stays(latest: dict[int, Last], currencies: dict[int, str]) -> tuple[dict[int, Last], list[int]]:
    """Return the last valuation of each client that stays as it is, and those of whom later ones are made again."""
    if not latest:
        return {}, []
    since, until = min(one.known_at for one in latest.values()), max(one.day for one in latest.values())
    changed = sources.changed_since(list(latest), since=since, until=until)
    bounds = {
        client: min(changed.get(client, dt.date.max), one.day + ONE_DAY)
        for client, one in latest.items()
        if one.net is None or changed.get(client, dt.date.max) <= one.day
    }
    last = {client: one for client, one in latest.items() if client not in bounds} | sources.last_before(bounds)
    last = {client: one for client, one in last.items() if one.currency == currencies[client]}
    return last, [client for client in latest if client in bounds or client not in last]


@functools.lru_cache(maxsize=4096)
def _days(start: dt.date, valued: tuple[dt.date, ...], until: dt.date, *, begun: bool) -> tuple[dt.date, ...]:
    """Return the days to value after ``start``: those valued before, and from the last of them on every new one.

    Where the past turns out to reach further back than the first of them, the ends of the months before it, too.
    """
    again = [day for day in valued if day > start]
    past = []
    if again and again[0] == valued[0]:
        past = valuation_days(start + ONE_DAY, again[0] - ONE_DAY, daily_from=dt.date.max)
    onward = max([*again, start]) + ONE_DAY
    return (*past, *again, *valuation_days(onward, until, daily_from=onward if begun else until - DAILY))


STAGE = """
    CREATE TEMPORARY TABLE IF NOT EXISTS valuation_stage (
        client_id bigint, value_date date, currency text, cash numeric, deposits numeric, holdings numeric,
        flow numeric, fees numeric, net_index float8, gross_index float8, missing int, stale int, balances jsonb
    ) ON COMMIT DROP;
    TRUNCATE valuation_stage"""
COLUMNS = (
    "client_id, value_date, currency, cash, deposits, holdings, flow, fees, net_index, gross_index, missing, stale,"
    " balances"
)
SAID = COLUMNS.removeprefix("client_id, value_date, ").split(", ")
END = f"""
    UPDATE portfolios_valuation v SET superseded_at = %(now)s
    FROM unnest(%(clients)s::bigint[]) c (id) WHERE v.client_id = c.id AND v.superseded_at IS NULL
        AND v.known_at <= %(now)s
        AND v.value_date = ANY (%(days)s) AND NOT EXISTS (
            SELECT FROM valuation_stage s WHERE s.client_id = v.client_id AND s.value_date = v.value_date
                AND ({", ".join(f"s.{name}" for name in SAID)}) IS NOT DISTINCT FROM
                    ({", ".join(f"v.{name}" for name in SAID)}))"""  # noqa: S608  (constants)
ADD = f"""
    INSERT INTO portfolios_valuation ({COLUMNS}, known_at) SELECT {COLUMNS}, %s FROM valuation_stage
    ORDER BY client_id, value_date
    ON CONFLICT (client_id, value_date) WHERE superseded_at IS NULL DO NOTHING"""  # noqa: S608


def _store(lines: list[str], revalued: list[_Group], now: dt.datetime) -> int:
    """Write what differs from what was believed; return how many rows are new."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy(f"COPY valuation_stage ({COLUMNS}) FROM STDIN") as copy:
            copy.write("".join(lines))
        if revalued:
            cursor.execute("ANALYZE valuation_stage")
        for group in revalued:
            cursor.execute(END, {"now": now, "clients": group.client_ids, "days": list(group.days)})
        cursor.execute(ADD, [now])
        return int(cursor.rowcount)


def _lines(found: Valued, group: _Group) -> Iterator[str]:
    """Yield the rows as COPY takes them; a client's days before anything was there are left out."""
    into = units(group.currency)
    amount = f"%.{len(str(int(into))) - 1}f"
    there = np.array([client in group.last for client in group.client_ids])
    begun = there | (np.cumsum((found.total != 0) | (found.missing > 0) | (found.chain.flow != 0), axis=0) > 0)
    money = (found.cash.value, found.deposits.value, found.holdings.value, found.chain.flow, found.chain.fees)
    accounts: list[list[int]] = [[] for _client in group.client_ids]
    for place, owner in enumerate(found.account_owner.tolist()):
        accounts[owner].append(place)
    for place, day in enumerate(group.days):
        columns = [(one[place] / into).tolist() for one in money]
        others = [
            one[place].tolist() for one in (found.chain.net, found.chain.gross, found.missing, found.holdings.stale)
        ]
        held = found.balances[place].astype(np.int64).tolist()
        rows = list(zip(*columns, *others, strict=True))
        form = "\t".join(["%s", str(day), group.currency, *[amount] * len(money), "%s", "%s", "%d", "%d", "{%s}\n"])
        for owner in np.flatnonzero(begun[place]).tolist():
            *amounts, net, gross, missing, stale = rows[owner]
            balances = ",".join([f'"{found.account_ids[n]}":{held[n]}' for n in accounts[owner]])
            indices = ("\\N", "\\N") if net != net else (repr(net), repr(gross))  # noqa: PLR0124  (nan is not itself)
            yield form % (group.client_ids[owner], *amounts, *indices, missing, stale, balances)
