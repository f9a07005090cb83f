"""Every client valued: the arithmetic beside pandas and bare numpy, and a whole night beside copying its rows.

The arithmetic is of ``DAYS`` days with ``LINES`` positions a client in four currencies, flows, fees and old prices; all
three compute the same figures. pandas goes client by client, as one writes it first, and is told for so many clients as
a sample allows; numpy does without what makes the result right to the cent. The night is that of a whole book, by as
many workers as there are cores; copying is PostgreSQL's bare COPY of the rows that the night reads, and into an empty
table of those that it writes.
"""

import datetime as dt
import itertools
import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psycopg

from config.environment import BASE
from portfolios.rules.performance import Events, Moved, Start, chain
from portfolios.rules.valuation import FRIDAY, Pieces, Quotes, holdings
from tests.bench.places import Book, database, timed_command
from tests.bench.rows import Row

LINES, DAYS, INSTRUMENTS, CURRENCIES, CHUNK = 10, 750, 500, 4, 2000
PANDAS_GOAL, NUMPY_GOAL, COPY_GOAL = 1 / 20, 4.0, 3.0
MOST_MEMORY = 4 * 2**30
NIGHTS = 3
"""Nights of a book, one after the other; the one in the middle is told."""
FLOWS = 24
"""Days on which a client brings or takes money."""


Market = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, Any]
"""Prices, rates and old prices by day, and the currency of each instrument."""


@dataclass(frozen=True)
class Wealth:
    """What a number of clients hold, and what moved it."""

    clients: int
    pieces: Pieces
    quotes: Quotes
    flows: Events
    fees: Events


def drawn(clients: int, seed: int = 7) -> Wealth:
    """Draw the wealth of some clients in a market that is the same for all."""
    market, rng = np.random.default_rng(1), np.random.default_rng(seed)
    prices = np.round(np.exp(np.cumsum(market.normal(0, 0.01, (DAYS, INSTRUMENTS)), axis=0)) * 50, 4)
    rates = np.round(7 + market.normal(0, 0.05, (DAYS, CURRENCIES)), 4)
    rates[:, 0] = 1
    home = market.random(INSTRUMENTS) < 0.7
    currency = np.where(home, 0, market.integers(0, CURRENCIES, INSTRUMENTS))
    exact = [[[Decimal(str(one)) for one in line] for line in table.tolist()] for table in (prices, rates)]
    stale = market.random((DAYS, INSTRUMENTS)) < 0.01
    settled = np.zeros(INSTRUMENTS, dtype=bool)
    quotes = Quotes(prices, exact[0], stale, settled, currency, rates, exact[1], np.full(CURRENCIES, 100.0), 100.0)
    count = clients * LINES
    pieces = Pieces(
        owner=np.repeat(np.arange(clients), LINES),
        instrument=rng.integers(0, INSTRUMENTS, count),
        first=np.full(count, -1),
        until=np.full(count, DAYS),
        quantity=np.round(rng.uniform(1, 10_000, count), 2),
        entered=np.zeros(count),
    )
    flows, fees = (
        _events(rng, clients, FLOWS, (-1_000_000, 2_000_000)), _events(rng, clients, DAYS // 90, (1_000, 90_000))
    )  # fmt: skip
    return Wealth(clients, pieces, quotes, flows, fees)


def _events(rng: np.random.Generator, clients: int, each: int, span: tuple[int, int]) -> Events:
    count = clients * each
    place = rng.integers(1, DAYS, count)
    return Events(np.repeat(np.arange(clients), each), place, place, rng.integers(*span, count).astype(float))


def ours(wealth: Wealth) -> Any:
    """Value the clients as the product does."""
    quantity = wealth.pieces.quantity
    worth = holdings(wealth.pieces, wealth.quotes, wealth.clients, lambda place: Decimal(str(quantity[place])))
    ones = np.ones(wealth.clients)
    start = Start(np.zeros(wealth.clients), np.full(wealth.clients, -1), ones, ones)
    moved = Moved(wealth.flows, wealth.fees, ())
    return worth, chain(worth.value, worth.missing == 0, np.arange(DAYS), start, moved)


def by_numpy(wealth: Wealth) -> Any:
    """Value the clients in numpy and nothing else: rounded as floats round, nothing missing, every day linked."""
    pieces, quotes, clients = wealth.pieces, wealth.quotes, wealth.clients
    currency = quotes.currency_of[pieces.instrument]
    value, stale = np.empty((DAYS, clients)), np.empty((DAYS, clients))
    for day in range(DAYS):
        local = np.floor(pieces.quantity * quotes.prices[day][pieces.instrument] * 100 + 0.5)
        value[day] = np.bincount(pieces.owner, np.floor(local * quotes.rates[day][currency] + 0.5), clients)
        stale[day] = np.bincount(pieces.owner, quotes.stale[day][pieces.instrument], clients)
    flow, fees = np.zeros((DAYS, clients)), np.zeros((DAYS, clients))
    np.add.at(flow, (wealth.flows.place, wealth.flows.owner), wealth.flows.amount)
    np.add.at(fees, (wealth.fees.place, wealth.fees.owner), wealth.fees.amount)
    gain = value[1:] - value[:-1] - flow[1:]
    capital = value[:-1] + np.maximum(flow[1:], 0)
    return value, stale, np.cumprod(1 + gain / capital, axis=0), np.cumprod(1 + (gain + fees[1:]) / capital, axis=0)


def by_pandas(wealth: Wealth) -> list[pd.DataFrame]:
    """Value the clients one after the other."""
    pieces, quotes = wealth.pieces, wealth.quotes
    prices, rates, stale = (pd.DataFrame(table) for table in (quotes.prices, quotes.rates, quotes.stale))
    held = pd.DataFrame({"client": pieces.owner, "instrument": pieces.instrument, "quantity": pieces.quantity})
    moved = {
        name: pd.DataFrame({"client": one.owner, "day": one.place, "amount": one.amount / 100})
        for name, one in (("flow", wealth.flows), ("fees", wealth.fees))
    }
    of = {name: dict(list(frame.groupby("client"))) for name, frame in moved.items()}
    market = (prices, rates, stale, quotes.currency_of)
    return [_one(client, rows, market, of) for client, rows in held.groupby("client")]


def _one(client: Any, held: pd.DataFrame, market: Market, of: dict[str, dict[Any, pd.DataFrame]]) -> pd.DataFrame:
    prices, rates, stale, currency_of = market
    instruments = held["instrument"].to_numpy()
    local = (prices[instruments] * held["quantity"].to_numpy()).round(2)
    base = (local * rates[currency_of[instruments]].to_numpy()).round(2)
    sums = {
        name: frames[client].groupby("day")["amount"].sum().reindex(prices.index, fill_value=0)
        for name, frames in of.items()
    }
    frame = pd.DataFrame({"value": base.sum(axis=1, skipna=False), **sums})
    frame["missing"] = base.isna().sum(axis=1)
    frame["stale"] = stale[instruments].sum(axis=1)
    begin = frame["value"].shift(1)
    gain = frame["value"] - begin - frame["flow"]
    capital = begin + frame["flow"].clip(lower=0)
    frame["net"] = (1 + (gain / capital).fillna(0)).cumprod()
    frame["gross"] = (1 + ((gain + frame["fees"]) / capital).fillna(0)).cumprod()
    return frame


def _per_client(work: Callable[[Wealth], Any], wealth: Wealth, times: int) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work(wealth)
        taken.append(time.perf_counter() - begun)
    return sorted(taken)[len(taken) // 2] / wealth.clients


def arithmetic(clients: int, sample: int, *, times: int) -> list[Row]:
    """Return the seconds a client of the arithmetic takes, beside the same in pandas and in bare numpy."""
    chunk = drawn(min(clients, CHUNK))
    few = drawn(min(clients, sample))
    own, bare = _per_client(ours, chunk, times), _per_client(by_numpy, chunk, times)
    frames = _per_client(by_pandas, few, 1)
    name = f"valuing a client, {LINES} lines, {DAYS} days"
    return [
        Row(name, own, frames, f"pandas client by client, {few.clients:,} clients", PANDAS_GOAL),
        Row(f"{name} (numpy)", own, bare, "bare numpy, the same arithmetic", NUMPY_GOAL),
    ]


OUT = (
    "SELECT * FROM portfolios_holding",
    "SELECT * FROM portfolios_deposit WHERE closed_on IS NULL",
    "SELECT * FROM portfolios_account WHERE kind = 'cash'",
    "SELECT * FROM portfolios_valuation WHERE superseded_at IS NULL AND value_date = %(before)s",
    "SELECT * FROM portfolios_price WHERE value_date >= %(before)s",
    "SELECT * FROM portfolios_fxrate WHERE value_date >= %(before)s",
    "SELECT * FROM portfolios_transaction WHERE value_date >= %(before)s",
)
WRITTEN = "SELECT * FROM portfolios_valuation WHERE superseded_at IS NULL AND value_date = %(night)s"


def night(small: Book, book: Book, superuser: str, *, times: int) -> list[Row]:
    """Return the seconds of one night of a whole book, reading and storing included, beside copying its rows."""
    less, found = (_night(one, database(superuser, one)) for one in (small, book))
    days = {"before": found["before"], "night": found["night"]}
    copied = min(_copied(database(superuser, book), days) for _ in range(times))
    return [
        Row(
            f"night of {book.clients:,} clients, {found['workers']} workers",
            found["seconds"],
            copied,
            "bare COPY of its rows, one connection",
            COPY_GOAL,
        ),
        Row(
            "growth of the night, a client",
            found["seconds"] / found["created"],
            less["seconds"] / less["created"],
            f"a book of {small.clients:,} clients",
            1.0,
        ),
        Row("peak memory of the night", found["peak"], MOST_MEMORY, "4 GiB", 1.0, unit="B"),
        Row(
            "first valuation, a row", found["first"] / found["rows"], found["seconds"] / found["created"], "the night's"
        ),
    ]


def _night(book: Book, superuser: str) -> dict[str, Any]:
    told = Path(book.environ["STEWARD_VAR"]) / "valuing.json"
    values = {**book.environ, "SUPERUSER_URL": superuser}
    timed_command([sys.executable, "-m", "tests.bench.valuing", str(told)], values)
    found: dict[str, Any] = json.loads(told.read_text())
    return found


def _copied(superuser: str, days: dict[str, str]) -> float:
    """Return the seconds that copying out and in takes."""
    with psycopg.connect(superuser, autocommit=True) as connection, connection.cursor() as cursor:
        begun = time.perf_counter()
        for query in OUT:
            with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)", days) as copy:
                for _block in copy:
                    pass
        taken = time.perf_counter() - begun
        with cursor.copy(f"COPY ({WRITTEN}) TO STDOUT (FORMAT BINARY)", days) as copy:
            written = b"".join(copy)
        cursor.execute("CREATE TABLE bench_valuation AS TABLE portfolios_valuation WITH NO DATA")
        begun = time.perf_counter()
        with cursor.copy("COPY bench_valuation FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(written)
        taken += time.perf_counter() - begun
        cursor.execute("DROP TABLE bench_valuation")
    return taken


def main(told: str) -> None:
    """Value a whole book up to some days ago, then some more nights, by as many workers as there are cores."""
    _ready()
    from clients.models import Client  # noqa: PLC0415
    from core import clock  # noqa: PLC0415
    from core.walls import acting, service  # noqa: PLC0415
    from portfolios.operations.valuation import BATCH  # noqa: PLC0415

    with acting(service()):
        ids = list(Client.objects.filter(status="active").order_by("pk").values_list("pk", flat=True))
    workers = len(os.sched_getaffinity(0))
    size = max(min(BATCH, -(-len(ids) // workers)), 1)
    parts = [ids[first : first + size] for first in range(0, len(ids), size)]
    yesterday = clock.today() - dt.timedelta(days=1)
    past = (yesterday - dt.timedelta(days=number) for number in itertools.count())
    days = list(itertools.islice((day for day in past if day.weekday() <= FRIDAY), NIGHTS + 1))[::-1]
    with multiprocessing.get_context("spawn").Pool(workers, _ready) as pool:

        def valued(until: dt.date) -> tuple[float, int]:
            begun = time.perf_counter()
            rows = sum(pool.starmap(_part, [(part, until) for part in parts], chunksize=1))
            return time.perf_counter() - begun, rows

        first, rows = valued(days[0])
        _rest()
        seconds, created = sorted(valued(day) for day in days[1:])[NIGHTS // 2]
        peak = max(pool.map(_peak, range(workers * 4), chunksize=1)) * workers
    found = {"first": first, "rows": rows, "before": str(days[-2]), "night": str(days[-1]), "workers": workers}
    told_ = {"seconds": seconds, "created": created, "peak": peak, **found}
    Path(told).write_text(json.dumps(told_))


def _rest() -> None:
    """Let the server write out what it holds and look through what is new, as it does from one night to the next."""
    with psycopg.connect(os.environ["SUPERUSER_URL"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE portfolios_valuation")
        connection.execute("CHECKPOINT")


def _ready() -> None:
    import django  # noqa: PLC0415

    django.setup()


def _part(client_ids: list[int], until: dt.date) -> int:
    from core import clock  # noqa: PLC0415
    from core.walls import acting, service  # noqa: PLC0415
    from portfolios.operations.valuation import value  # noqa: PLC0415

    with acting(service()):
        return value(client_ids=client_ids, until=until, now=clock.now())


def _peak(_number: int) -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    sys.path.insert(0, str(BASE))
    main(*sys.argv[1:])
