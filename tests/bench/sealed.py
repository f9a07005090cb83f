"""The ledger: what sealing takes from those who write, how soon an event is sealed, how fast a stranger checks a log.

Writers are processes of their own and the sealer is the program that runs at the bank, at its own pace. Blocks with it
and without take turns; what was written without it is sealed before the next block begins.
"""

import contextlib
import datetime as dt
import hashlib
import io
import json
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from compliance.ledger import verifier
from compliance.ledger.notes import Signer, checkpoint_text, make_key, signer
from compliance.ledger.sealing import seal
from config.environment import BASE
from tests.bench.places import START_SECONDS, Book, FailedError
from tests.bench.rows import Row
from tests.bench.workers import Worker

GOAL = 1 / 0.9
SEALED_SECONDS = 10.0
EVENTS_A_SECOND = 100_000
PATIENCE = 120.0
LOOK_EVERY = 0.05
LEFT = """
    SELECT count(*) FROM core_auditevent
    WHERE xid >= coalesce((SELECT below FROM compliance_checkpoint ORDER BY size DESC LIMIT 1), '0')"""
PLACES = """
    SELECT e.row_id, l.place FROM core_auditevent e LEFT JOIN compliance_leaf l ON l.event_id = e.id
    WHERE e.table_name = 'clients_contactnote' AND e.row_id = ANY(%s) AND e.verb = 'row:insert'"""
SIZE = "SELECT coalesce(max(size), 0) FROM compliance_checkpoint"
SPAN = "SELECT min(id), max(id) FROM core_auditevent"
BODIES = "SELECT body FROM core_auditevent WHERE id = ANY(%s)"
SAMPLE = 2_000
Notes = list[tuple[int, float]]
"""Of each note its number and when its commit had come back."""


@dataclass(frozen=True)
class Size:
    """How many write, how long a block is, how many blocks of each kind; how many events a stranger checks."""

    writers: int = 8
    seconds: float = 10.0
    rounds: int = 4
    events: int = 200_000


@dataclass(frozen=True)
class Ledger:
    """A book's ledger: where its sealer connects, its key, and where its database is looked at past all walls."""

    book: Book
    superuser: str
    own: Signer

    @property
    def folder(self) -> Path:
        """Return where the sealer's files lie."""
        return Path(self.book.values["STEWARD_VAR"])

    @property
    def address(self) -> str:
        """Return where the sealer connects."""
        return re.sub(r"://[^/@]*@", "://steward_sealer@", self.book.values["DATABASE_URL"])

    def catch_up(self) -> None:
        """Seal everything that is written. Transactions of other databases on the server may have to end first."""
        until = time.monotonic() + PATIENCE
        with psycopg.connect(self.address, autocommit=True) as connection:
            while connection.execute(LEFT).fetchone() != (0,):
                if time.monotonic() > until:
                    raise FailedError("events wait to be sealed")
                seal(connection, self.own, now=dt.datetime.now(dt.UTC))

    @contextmanager
    def sealer(self) -> Iterator[None]:
        """Run the sealer as the bank runs it, from when it says that it seals."""
        log = self.folder / "sealer.log"
        values = {
            **os.environ,
            "DATABASE_SEALER_URL": self.address,
            "LEDGER_KEY_FILE": str(self.folder / "ledger.key"),
            "ANCHOR_FOLDER": str(self.folder / "anchors"),
        }
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "config.sealing"], cwd=BASE, env=values, stdout=output, stderr=output
            )
        try:
            until = time.monotonic() + START_SECONDS
            while "sealing every" not in log.read_text(errors="replace"):
                if process.poll() is not None or time.monotonic() > until:
                    raise FailedError(f"the sealer did not start:\n{log.read_text(errors='replace')}")
                time.sleep(LOOK_EVERY)
            yield
        finally:
            process.terminate()
            process.wait()


def measured(book: Book, superuser: str, size: Size) -> Iterator[Row]:
    """Yield every figure."""
    folder = Path(book.values["STEWARD_VAR"])
    make_key(folder / "ledger.key", "bench.example/ledger")
    ledger = Ledger(book, superuser, signer(folder / "ledger.key"))
    yield from writing(ledger, size)
    yield from checking(ledger, size.events)


def writing(ledger: Ledger, size: Size) -> Iterator[Row]:
    """Yield the writers' pace beside that without a sealer, and how long a commit waits to be sealed."""
    taken: tuple[list[float], list[float]] = ([], [])
    waited: list[float] = []
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                Worker("tests.bench.writing", ledger.book.environ, ledger.folder / f"writer{number}.log", str(number))
            )
            for number in range(size.writers)
        ]
        block(writers, 1.0)
        seen = stack.enter_context(watched(ledger.superuser))
        for number in range(size.rounds):
            for sealing in (True, False) if number % 2 == 0 else (False, True):
                ledger.catch_up()
                with ledger.sealer() if sealing else contextlib.nullcontext():
                    notes = block(writers, size.seconds)
                    waited += until_sealed(ledger, notes, seen) if sealing else []
                taken[0 if sealing else 1].append(size.seconds / len(notes))
    ours, rival = (statistics.median(side) for side in taken)
    name = f"{size.writers} writers while sealing, a write"
    yield Row(name, ours, rival, "the same without sealing", GOAL)
    late = statistics.quantiles(waited, n=100, method="inclusive")[98]
    yield Row("from commit to sealed, 99th percentile", late, SEALED_SECONDS, "the limit of 10 s", 1.0)


def block(writers: Sequence[Worker], seconds: float) -> Notes:
    """Let everybody write for so long; return all their notes."""
    for one in writers:
        one.tell(seconds=seconds)
    return [(note, moment) for one in writers for note, moment in one.answer()["notes"]]


@contextmanager
def watched(superuser: str) -> Iterator[list[tuple[int, float]]]:
    """Give a growing list: each size of the log, and when a look from outside first saw it."""
    seen: list[tuple[int, float]] = []
    ended = threading.Event()

    def look() -> None:
        with psycopg.connect(superuser, autocommit=True) as connection:
            while not ended.wait(LOOK_EVERY):
                found = connection.execute(SIZE).fetchone()
                if found and found[0] > (seen[-1][0] if seen else 0):
                    seen.append((found[0], time.monotonic()))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def until_sealed(ledger: Ledger, notes: Notes, seen: Sequence[tuple[int, float]]) -> list[float]:
    """Wait until every note's event is a leaf; return how long each had waited when a checkpoint was seen over it."""
    until = time.monotonic() + PATIENCE
    places: dict[int, int | None] = {}
    with psycopg.connect(ledger.superuser, autocommit=True) as connection:
        while len(places) < len(notes) or None in places.values():
            if time.monotonic() > until:
                raise FailedError(f"{len(notes)} notes, not all of them sealed")
            time.sleep(LOOK_EVERY)
            places = dict(connection.execute(PLACES, [[note for note, _moment in notes]]).fetchall())
    while seen[-1][0] <= max(place for place in places.values() if place is not None):
        time.sleep(LOOK_EVERY)
    sizes = [reached for reached, _moment in seen]
    return [seen[bisect_right(sizes, places[note] or 0)][1] - moment for note, moment in notes]


def checking(ledger: Ledger, events: int) -> Iterator[Row]:
    """Yield how long the offline verifier reads a log, with few checkpoints and with many."""
    for each, goal in ((1000, 1.0), (20, None)):
        folder = ledger.folder / f"log{each}"
        write_log(ledger, folder, events, each)
        taken = statistics.median(checked(folder, ledger.own, events) for _ in range(3))
        name = f"{events:,} events checked offline, a checkpoint every {each:,}"
        limit = f"the limit of {EVENTS_A_SECOND:,} events a second"
        yield Row(name, taken, events / EVENTS_A_SECOND, limit, goal)


def checked(folder: Path, own: Signer, events: int) -> float:
    """Run the verifier's command on a folder; return its seconds."""
    told = io.StringIO()
    begun = time.perf_counter()
    with contextlib.redirect_stdout(told):
        code = verifier.main(["log", str(folder), "--key", str(own.public)])
    seconds = time.perf_counter() - begun
    if code or f"{events} events" not in told.getvalue():
        raise FailedError(told.getvalue())
    return seconds


def write_log(ledger: Ledger, folder: Path, events: int, each: int) -> None:
    """Write a sealed log of events like those of the book, with a checkpoint every so many, as an export has it."""
    bodies, growing, notes = sample(ledger.superuser), verifier.Growing(), list[str]()
    begun = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    at = begun
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "events.jsonl").open("wb") as lines, (folder / "leaves.bin").open("wb") as leaves:
        for number in range(1, events + 1):
            body = {**bodies[number % len(bodies)], "id": number, "at": f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"}
            event = json.dumps(body, ensure_ascii=False).encode()
            leaf = verifier.leaf_hash(hashlib.sha256(event).digest())
            growing.add(leaf)
            lines.write(event + b"\n")
            leaves.write(leaf)
            if number % each == 0 or number == events:
                at = begun + dt.timedelta(seconds=3 * len(notes))
                text = checkpoint_text(origin=ledger.own.public.name, size=number, root=growing.root(), at=at)
                notes.append(f"{text}\n{ledger.own.sign(text)}")
    (folder / "checkpoints.txt").write_text("\n".join(notes), encoding="utf-8")


def sample(superuser: str) -> list[dict[str, Any]]:
    """Return what some events of the book say, taken from all over it."""
    with psycopg.connect(superuser) as connection:
        span = connection.execute(SPAN).fetchone()
        assert span is not None
        first, last = span
        numbers = random.Random(7).sample(range(first, last + 1), min(SAMPLE, last + 1 - first))
        return [body for (body,) in connection.execute(BODIES, [numbers])]
