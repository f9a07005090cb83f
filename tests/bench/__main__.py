"""Measure on books of its own, print a table, write ``var/bench.json``: ``make bench``.

Each figure stands beside its rival or limit of the same run; a goal is said where one is promised. ``BENCH_CLIENTS`` is
the size of the larger book, the smaller one has a tenth; ``BENCH_ROWS`` the rows of the imported file.
"""

import json
import os
import resource
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import django

from config.environment import BASE
from tests.bench.places import Book, Place, database, ours, rival, stage
from tests.bench.rows import Row, paired

BOOK_SECONDS = 600.0
LEAST = 12


@dataclass(frozen=True)
class Plan:
    """How large and how often."""

    clients: int = 100_000
    smaller: int = 10_000
    rows: int = 1_000_000
    sample: int = 10_000
    alone: int = 25
    crowded: int = 6
    times: int = 3
    growth: int = 7
    runs: int = 30
    looks: int = 20_000
    walls: int = 6
    blocks: int = 60
    saves: int = 6
    many: int = 1000
    writers: int = 8
    seconds: float = 10.0
    sealing: int = 4
    events: int = 200_000


SHORT = dict.fromkeys(("alone", "crowded", "times", "growth", "walls", "blocks", "seconds", "sealing"), 1)
TINY = Plan(
    clients=60, smaller=LEAST, rows=200, sample=50, runs=2, looks=20, saves=2, many=20, writers=2, events=200, **SHORT
)
"""Everything once, to see that the bench itself works (``--lent``: on the servers of the environment)."""


def asked(values: Mapping[str, str]) -> Plan:
    """Return the plan that the environment asks for."""
    clients = int(values.get("BENCH_CLIENTS") or Plan.clients)
    rows = int(values.get("BENCH_ROWS") or clients * 10)
    return Plan(
        clients=clients, smaller=max(LEAST, clients // 10), rows=rows, sample=min(Plan.sample, max(200, rows // 10))
    )


def measured(plan: Plan, lent: Mapping[str, str] | None = None) -> Iterator[Row]:
    """Yield every figure, in the order of the table."""
    with Place(lent) as place:
        with stage(f"a book of {plan.smaller:,} clients"):
            small = place.book("small", plan.smaller)
        with stage(f"a book of {plan.clients:,} clients"):
            big = place.book("big", plan.clients)
        yield Row(
            f"book of {plan.clients:,} clients, events included", big.seconds, BOOK_SECONDS, "the limit of 600 s", 1.0
        )
        yield Row("peak memory of building it", float(big.peak), float(small.peak), "the smaller book", unit="B")
        yield from by_http(plan, small, big, database(place.superuser, big))
        from tests.bench import importing  # noqa: PLC0415

        with stage(f"importing {plan.rows:,} movements"):
            imported = importing.measured(big, database(place.superuser, big), rows=plan.rows, sample=plan.sample)
        yield from imported
        yield from in_process(plan, small, big, database(place.superuser, big))


def by_http(plan: Plan, small: Book, big: Book, superuser: str) -> Iterator[Row]:
    """Yield what is measured through web servers."""
    prepare(big)
    from tests.bench import growth, pages, walls  # noqa: PLC0415  (routes need Django)

    size = pages.Size(plan.alone, plan.crowded, plan.times, plan.looks)
    with ours(big) as web, rival(big) as other:
        desk = pages.Desk(big, web, other, superuser)
        with stage("pages"):
            rows = list(pages.measured(desk, size))
        yield from rows
        yield Row("memory of the web", web.resident(), other.resident(), "the minimal views' web", unit="B")
        with stage("walls"):
            rows = list(walls.measured(desk, size, rounds=plan.walls))
        yield from rows
    with ours(small) as less, ours(big) as more:
        with stage("growth"):
            rows = list(growth.measured(less, more, rounds=plan.growth))
        yield from rows


def prepare(book: Book) -> None:
    """Let this process, too, work on a book."""
    os.environ.update(book.environ)
    django.setup()


def in_process(plan: Plan, small: Book, book: Book, superuser: str) -> Iterator[Row]:
    """Yield what is measured without a web server."""
    from tests.bench import figures, sealed, trail, valuing  # noqa: PLC0415  (needs Django)

    with stage("a statement"):
        rows = list(figures.all_of_them(partial(paired, most=plan.runs)))
    yield from rows
    with stage("valuing"):
        rows = [
            *valuing.arithmetic(plan.clients, plan.sample // 10, times=plan.times),
            *valuing.night(small, book, superuser, times=plan.times),
        ]
    yield from rows
    with stage("the trail's overhead"):
        rows = list(trail.measured(book, superuser, trail.Size(plan.blocks, plan.saves, plan.many, plan.times)))
    yield from rows
    with stage("sealing"):
        size = sealed.Size(plan.writers, plan.seconds, plan.sealing, plan.events)
        rows = list(sealed.measured(book, superuser, size))
    yield from rows


def shown(rows: list[Row]) -> str:
    """Return the table."""
    lines = [f"{'figure':62} {'ours':>10} {'p95':>10} {'rival':>10} {'p95':>10} {'ratio':>7} {'goal':>6}  against"]
    for row in rows:
        scale, unit = (1 / 2**20, "MiB") if row.unit == "B" else (1000.0, "ms") if row.rival < 100 else (1.0, "s")
        told = [
            f"{value * scale:10.4g}" if value is not None else f"{'':10}"
            for value in (row.ours, row.ours_p95, row.rival, row.rival_p95)
        ]
        goal = f"{row.goal:6.3g}" if row.goal is not None else f"{'':6}"
        state = "" if row.met else "  MISSED"
        lines.append(f"{row.name:62} {' '.join(told)} {row.ratio:7.3f} {goal}  {unit}, {row.against}{state}")
    missed = sum(not row.met for row in rows)
    return "\n".join([*lines, f"{len(rows)} figures, {missed} of them miss their goal"])


def write(rows: list[Row], path: Path) -> None:
    """Write the figures as they stand."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([row.told() for row in rows], indent=1))


def main() -> int:
    """Build the books, measure, tell."""
    rows: list[Row] = []
    lent = dict(os.environ) if "--lent" in sys.argv[1:] else None
    path = Path(lent["STEWARD_VAR"] if lent else BASE / "var") / "bench.json"
    plan = TINY if lent else asked(os.environ)
    try:
        for row in measured(plan, lent):
            rows.append(row)
            write(rows, path)
    finally:
        print(shown(rows))
    print(f"peak memory of the bench itself {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
