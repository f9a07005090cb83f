"""A day at the desk in half an hour: ``python -m tests.bench.load --minutes 30 --users 16 --clients 1000``.

Sixteen people read every page, write, import and export, while a real worker and beat do the jobs. Told at the end:
errors, p50 and p95 by page, memory of every process minute by minute and whether it is flat, waits for locks over 2 s.
"""

import argparse
import datetime as dt
import json
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from config import serving
from config.demo import free_port
from config.environment import BASE
from tests.bench.__main__ import prepare
from tests.bench.driver import p95, staff
from tests.bench.places import PASSWORD, Book, Place, Server, database, ours, stage

LOCK_SECONDS = 2
LOOK_SECONDS = 1
FLAT_SHARE, FLAT_BYTES = 0.05, 12 * 2**20
DESK = (
    *(("linruoxi", "manager"), ("zhouziang", "manager"), ("gaowenbo", "manager"), ("dingshulan", "compliance")),
    *(("sunyiran", "manager"), ("xujingming", "lead"), ("weiguoqiang", "operations"), ("helenemarchetti", "manager")),
    *(("tomaszwieczorek", "manager"), ("linruoxi", "manager"), ("callumfraser", "compliance"), ("gaowenbo", "manager")),
    *(("margaretosei", "lead"), ("zhouziang", "manager"), ("weiguoqiang", "operations"), ("sunyiran", "manager")),
)
WRONG = re.compile(r'"level": ?"error"|Traceback|\[ERROR\]|CRITICAL')
WAITS = """
    SELECT l.locktype, l.mode, coalesce(l.relation::regclass::text, ''),
           extract(epoch FROM now() - l.waitstart)::float, a.query
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE NOT l.granted AND l.waitstart < now() - make_interval(secs => %s)"""


@dataclass
class Watch:
    """What is seen of the machine while people work."""

    servers: dict[str, psutil.Process]
    superuser: str
    begun: float = field(default_factory=time.monotonic)
    memory: list[tuple[float, dict[str, int]]] = field(default_factory=list)
    waits: dict[str, float] = field(default_factory=dict)
    connections: int = 0

    def look(self) -> None:
        """Read the waits of this moment."""
        with psycopg.connect(self.superuser) as connection:
            for kind, mode, table, seconds, query in connection.execute(WAITS, [LOCK_SECONDS]):
                name = f"{kind} {mode} {table}: {query[:80]}"
                self.waits[name] = max(seconds, self.waits.get(name, 0.0))
            counted = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'steward_app'"
            ).fetchone()
            self.connections = max(self.connections, counted[0] if counted else 0)

    def weigh(self) -> None:
        """Read the memory of this moment: each program with its children."""
        now: dict[str, int] = {}
        for name, process in self.servers.items():
            with suppress(psutil.Error):
                now[name] = sum(resident(one) for one in [process, *process.children(recursive=True)])
        self.memory.append((time.monotonic() - self.begun, now))


def resident(process: psutil.Process) -> int:
    """Return the bytes a process holds, its part of what it shares with its parent; none of one that has ended."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def growth(points: Sequence[tuple[float, int]]) -> tuple[int, bool]:
    """Return by how much the last third's highest point lies above the middle third's, and whether that is flat.

    The first third warms up. Highest points, because a worker replaces its children after some hundred jobs: between
    two replacements its memory climbs, and a fitted line would tell where the half hour began on that saw.
    """
    third = len(points) // 3
    if not third:
        return 0, True
    middle, last = (max(size for _at, size in part) for part in (points[third : 2 * third], points[2 * third :]))
    return last - middle, last - middle <= max(FLAT_SHARE * middle, FLAT_BYTES)


@contextmanager
def running(book: Book, name: str, command: list[str]) -> Iterator[psutil.Process]:
    """Run one program of the house beside the web, its output in the folder of the book."""
    with (Path(book.values["STEWARD_VAR"]) / f"{name}.log").open("wb") as output:
        process = psutil.Popen(
            command, cwd=BASE, env=book.environ, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        children = [process, *process.children(recursive=True)] if process.is_running() else [process]
        process.terminate()
        with suppress(psutil.TimeoutExpired):
            process.wait(30)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()


def work(
    book: Book, web: Server, watch: Watch, *, minutes: float, users: int
) -> tuple[dict[str, list[float]], list[str]]:
    """Let everybody work until the time is over."""
    from tests.bench import acts  # noqa: PLC0415  (routes need Django)

    with psycopg.connect(watch.superuser) as connection:
        accounts = connection.execute(
            "SELECT reference, currency FROM portfolios_account WHERE kind = 'cash' AND closed_on IS NULL"
            " AND currency = 'CNY' ORDER BY id LIMIT 500"
        ).fetchall()
    counted = acts.Book()
    people = [
        acts.Worker(name, role, staff(web.port, name, PASSWORD), counted, random.Random(number), accounts)
        for number, (name, role) in enumerate((DESK * (users // len(DESK) + 1))[:users])
    ]
    for person in people:
        person.learn()
    end = time.monotonic() + minutes * 60

    def live(person: acts.Worker) -> None:
        while time.monotonic() < end:
            person.act()
            time.sleep(person.rng.uniform(0.1, 1.5))

    threads = [threading.Thread(target=live, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    watched(watch, end)
    for thread in threads:
        thread.join()
    return counted.taken, counted.errors


def watched(watch: Watch, end: float) -> None:
    """Look every second, weigh every minute (more often in a short run); give the worker statements to print."""
    every = min(60.0, max(5.0, (end - time.monotonic()) / 20))
    due = time.monotonic()
    number = 0
    while time.monotonic() < end:
        watch.look()
        if time.monotonic() >= due:
            due += every
            watch.weigh()
            statements(number)
            number += 1
        time.sleep(LOOK_SECONDS)


def statements(number: int) -> None:
    """Issue one statement, so that freezing, printing and mailing go on as well."""
    from django.utils import timezone  # noqa: PLC0415

    from clients.models import Client  # noqa: PLC0415
    from core.walls import acting, service  # noqa: PLC0415
    from reports import operations  # noqa: PLC0415

    with acting(service()):
        client = Client.objects.order_by("pk")[number]
        end = operations.month_end(timezone.localdate())
        operations.issue(client_ids=[client.pk], period_end=end, now=timezone.now())


def settled(seconds: float = 120) -> dict[str, int]:
    """Wait until the jobs are done; return how many are in which state."""
    from django.db.models import Count  # noqa: PLC0415

    from core import jobs  # noqa: PLC0415
    from core.models import Job  # noqa: PLC0415
    from core.walls import acting, service  # noqa: PLC0415

    until = time.monotonic() + seconds
    while jobs.outstanding() and time.monotonic() < until:
        time.sleep(1)
    with acting(service()):
        return dict(Job.objects.values_list("state").annotate(Count("pk")))


def wrong_lines(folder: Path) -> list[str]:
    """Return what the logs complain of."""
    return [
        f"{path.name}: {line[:300]}"
        for path in sorted(folder.glob("*.log"))
        for line in path.read_text(errors="replace").splitlines()
        if WRONG.search(line)
    ]


def shown(taken: dict[str, list[float]], errors: list[str], watch: Watch, states: dict[str, int]) -> bool:
    """Print everything; say whether all is well."""
    print(f"{'page or act':58} {'count':>6} {'p50 ms':>8} {'p95 ms':>8}")
    for name, seconds in sorted(taken.items()):
        print(f"{name:58} {len(seconds):6} {statistics.median(seconds) * 1000:8.0f} {p95(seconds) * 1000:8.0f}")
    everything = [one for seconds in taken.values() for one in seconds]
    print(
        f"{'together':58} {len(everything):6} {statistics.median(everything) * 1000:8.0f} {p95(everything) * 1000:8.0f}"
    )
    print("\nmemory in MiB, by time")
    names = sorted({name for _, sizes in watch.memory for name in sizes})
    print("      s " + " ".join(f"{name:>9}" for name in names))
    for at, sizes in watch.memory:
        print(f"{at:7.0f} " + " ".join(f"{sizes.get(name, 0) / 2**20:9.1f}" for name in names))
    flat = True
    for name in names:
        change, fine = growth([(at, sizes[name]) for at, sizes in watch.memory if name in sizes])
        flat = flat and fine
        print(f"  {name}: {change / 2**20:+.1f} MiB between its highest points, {'flat' if fine else 'GROWS'}")
    print(f"\nmost connections at once: {watch.connections}; jobs: {states}")
    print(f"waits for a lock over {LOCK_SECONDS} s: {len(watch.waits)}")
    for name, longest in watch.waits.items():
        print(f"  {longest:.1f} s {name}")
    print(f"errors: {len(errors)}")
    for error in errors[:40]:
        print(f"  {error}")
    return flat and not watch.waits and not errors and not states.get("failed")


def main() -> int:
    """Build a book, work on it, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--users", type=int, default=len(DESK))
    parser.add_argument("--clients", type=int, default=1000)
    given = parser.parse_args()
    with Place() as place, ExitStack() as stack:
        with stage(f"a book of {given.clients:,} clients"):
            book = place.book("load", given.clients)
        mail = free_port()
        book.values["SMTP_URL"] = f"smtp://127.0.0.1:{mail}"
        prepare(book)
        folder = Path(book.values["STEWARD_VAR"])
        sink = [sys.executable, "-m", "config.mailsink", "--port", str(mail), "--folder", str(folder / "mail")]
        programs = {"mail": sink, "worker": serving.worker(), "beat": serving.beat(folder / "beat")}
        servers = {name: stack.enter_context(running(book, name, command)) for name, command in programs.items()}
        web = stack.enter_context(ours(book))
        watch = Watch({"web": web.process, **servers}, database(place.superuser, book))
        with stage(f"{given.users} people for {given.minutes:g} minutes"):
            taken, errors = work(book, web, watch, minutes=given.minutes, users=given.users)
        states = settled()
        errors += wrong_lines(folder)
        fine = shown(taken, errors, watch, states)
        told = {
            name: {"count": len(each), "p50": statistics.median(each), "p95": p95(each)} for name, each in taken.items()
        }
        summary = {"at": dt.datetime.now(dt.UTC).isoformat(), "pages": told, "errors": errors, "waits": watch.waits}
        (BASE / "var" / "load.json").write_text(
            json.dumps({**summary, "memory": watch.memory, "jobs": states}, indent=1)
        )
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
