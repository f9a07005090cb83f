"""A file of movements: how long Steward takes to receive, check and apply it, beside django-import-export.

Both are measured in processes of their own, so that their peak memory is theirs. The rival gets a sample, because at
its pace the whole file would take hours; both are told per row.
"""

import csv
import json
import random
import resource
import sys
import time
from pathlib import Path

import psycopg

from config.environment import BASE
from tests.bench.places import Book, FailedError, timed_command
from tests.bench.rows import Row

GOAL = 1 / 30
COLUMNS = [
    *("reference", "account", "value_date", "kind", "amount", "currency", "balance", "counterparty", "text"),
    *("client", "known_at"),
]
OURS = COLUMNS[:-2]
MODES = {"ours": "tests.bench.importing", "default": "tests.bench.rival.load", "bulk": "tests.bench.rival.load"}
KINDS = ("cash", "transfer", "card", "interest", "fee", "other")
PLACES = {"JPY": 0, "KRW": 0, "VND": 0}


def measured(book: Book, database: str, *, rows: int, sample: int) -> list[Row]:
    """Return the figures of importing ``rows`` movements, the rival's taken from ``sample`` of the same kind."""
    folder = Path(book.values["STEWARD_VAR"])
    with psycopg.connect(database) as connection:
        accounts = connection.execute(
            "SELECT reference, client_id, currency, opened_on FROM portfolios_account"
            " WHERE kind = 'cash' AND closed_on IS NULL ORDER BY id"
        ).fetchall()
    write(folder / "ours.csv", OURS, accounts, rows=rows, mark="A")
    per_row, peak = run(book, "ours", folder / "ours.csv", rows)
    found = []
    for mode, goal, against in (
        ("default", GOAL, f"django-import-export, defaults, {sample:,} rows"),
        ("bulk", None, f"django-import-export, use_bulk, {sample:,} rows"),
    ):
        path = folder / f"{mode}.csv"
        write(path, COLUMNS, accounts, rows=sample, mark=mode[:1].upper())
        other, rival_peak = run(book, mode, path, sample)
        name = f"import of {rows:,} movements, per row" + (" (bulk)" if goal is None else "")
        found.append(Row(name, per_row, other, against, goal))
        if goal:
            found.append(Row("peak memory of the import", peak, rival_peak, against, unit="B"))
    return found


def write(path: Path, columns: list[str], accounts: list[tuple[object, ...]], *, rows: int, mark: str) -> None:
    """Write a file of movements on the book's accounts."""
    rng = random.Random(mark)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(columns)
        for number in range(rows):
            account, client, currency, _opened = accounts[rng.randrange(len(accounts))]
            places = PLACES.get(str(currency), 2)
            amount = f"{rng.uniform(-90_000, 90_000):.{places}f}"
            day = f"2026-{1 + number % 10:02}-{1 + number % 27:02}"
            line = [f"B{mark}-{number:08}", account, day, KINDS[number % len(KINDS)], amount, currency]
            line += ["", f"Counterparty {number % 5000}", f"Movement {number}", client, "2026-11-01 00:00:00"]
            out.writerow(line[: len(columns)])


def run(book: Book, mode: str, path: Path, rows: int) -> tuple[float, float]:
    """Import in a process of its own; return seconds per row and peak bytes."""
    answer = path.with_suffix(".json")
    answer.unlink(missing_ok=True)
    command = [sys.executable, "-m", MODES[mode], mode, str(path), str(answer)]
    timed_command(command, book.environ)
    told = json.loads(answer.read_text())
    if told["created"] != rows:
        raise FailedError(f"{mode}: {told}")
    return told["seconds"] / rows, told["peak"]


def answer(path: Path, *, seconds: float, created: int, **more: object) -> None:
    """Write what a measuring process found."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    path.write_text(json.dumps({"seconds": seconds, "created": created, "peak": peak, **more}))


def main(_mode: str, path: str, told: str) -> None:
    """Receive and apply one file as a person of operations sends it."""
    import django  # noqa: PLC0415

    django.setup()
    from core import clock  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415
    from core.walls import acting, service  # noqa: PLC0415
    from portfolios import operations  # noqa: PLC0415

    begun = time.perf_counter()
    user = User.objects.filter(role="operations").order_by("pk")[0]
    with acting(user), Path(path).open("rb") as file:
        run_ = operations.receive(user=user, kind="transactions", file_name="bench.csv", content=file, now=clock.now())
    with acting(service()):
        run_ = operations.apply(run_id=run_.pk, now=clock.now())
    seconds = time.perf_counter() - begun
    answer(Path(told), seconds=seconds, created=run_.created, state=run_.state, errors=run_.errors[:3])


if __name__ == "__main__":
    sys.path.insert(0, str(BASE))
    main(*sys.argv[1:])
