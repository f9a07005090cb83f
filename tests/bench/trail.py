"""What the trail costs where something is written: single saves, bulk_create, update, each beside the same without it.

Saves are committed one by one, as requests do. Their overhead stands beside that of django-auditlog and of
django-simple-history on a table of the same columns in the same database; there no commit waits for the disk, on no
side: the wait is one and the same for all, and its noise is larger than what is to be found. Sides take turns in short
blocks. The notes that were written are taken away at the end; their events stay, as events do.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path

import psycopg
from django.db import connection
from django.utils import timezone

from clients.models import Client, ContactNote, Coverage
from core.models import User
from core.walls import acting, service
from tests.bench.places import Book
from tests.bench.rows import Row, compared, in_blocks, repeated
from tests.bench.switches import Switch, capture
from tests.bench.workers import Worker

TABLE = "clients_contactnote"
SAVE, MANY, UPDATE = 1.15, 1.5, 8.0
LESS = 1 / 3
WITHOUT = "the same with the capture triggers off"
RIVALS = {"auditlog": "django-auditlog", "history": "django-simple-history"}
LEAST = 1e-6
"""What counts as the overhead where two medians are the same or noise has turned them round."""
CHANNELS = cycle(("meeting", "call"))
CLIENTS, WARM = 50, 2


@dataclass(frozen=True)
class Size:
    """Rounds of blocks; saves in a block; rows of a bulk write, and how often in a block, of which there are fewer."""

    rounds: int = 60
    saves: int = 6
    many: int = 1000
    times: int = 3


@dataclass(frozen=True)
class Desk:
    """Who writes, about whom, and the switch of the trail."""

    manager: User
    clients: list[Client]
    trail: Switch

    def notes(self, count: int) -> list[ContactNote]:
        """Return notes that are not saved yet."""
        clients, now = cycle(self.clients), timezone.now()
        return [
            ContactNote(client=next(clients), channel="call", text="Measured", author=self.manager, happened_at=now)
            for _ in range(count)
        ]

    def both(self, work: Callable[[int], list[float]], size: Size) -> list[list[float]]:
        """Return the seconds of bulk writes with the trail and without."""
        sides = [(self.trail.turn_on, work), (self.trail.turn_off, work)]
        return in_blocks(sides, rounds=max(1, size.rounds // 6), warm=1, times=size.times)


def measured(book: Book, superuser: str, size: Size) -> Iterator[Row]:
    """Yield every figure; the trail is on again at the end and the notes are gone."""
    with acting(service()):
        covered = Coverage.objects.filter(kind="primary", valid__contains=timezone.now()).order_by("pk")
        manager = covered.select_related("manager")[0].manager
        clients = [one.client for one in covered.filter(manager=manager).select_related("client")[:CLIENTS]]
    with psycopg.connect(superuser, autocommit=True) as past_walls, capture(superuser, TABLE) as trail:
        last = past_walls.execute(f"SELECT coalesce(max(id), 0) FROM {TABLE}").fetchone()
        desk = Desk(manager, clients, trail)
        try:
            yield from saves(desk, book, size)
            yield from many(desk, size)
        finally:
            trail.turn_off()
            past_walls.execute(f"DELETE FROM {TABLE} WHERE id > %s", last)


def saves(desk: Desk, book: Book, size: Size) -> Iterator[Row]:
    """Yield single saves of new and of changed notes beside no trail, and the overhead beside that of packages."""
    log = Path(book.values["STEWARD_VAR"]) / "saves.log"
    values = {**book.environ, "DJANGO_SETTINGS_MODULE": "tests.bench.rival.settings", "RIVAL_TRAILS": "1"}
    about = (desk.manager.username, str(desk.clients[0].pk))
    with Worker("tests.bench.rival.trails.saves", values, log, *about) as other:
        for act, work in (("new", partial(new, desk)), ("changed", partial(changed, desk))):

            def theirs(times: int, *, kind: str, act: str = act) -> list[float]:
                seconds: list[float] = other.ask(kind=kind, act=act, times=times)["seconds"]
                return seconds

            ours = [(desk.trail.turn_on, work), (desk.trail.turn_off, work)]
            packages = [(lambda: None, partial(theirs, kind=kind)) for kind in ("none", *RIVALS)]
            name = f"single save of a {act} note"
            taken = in_blocks(ours, rounds=size.rounds, warm=WARM, times=size.saves)
            yield compared(f"{name}, with trail", *taken, against=WITHOUT, goal=SAVE)
            with unwaited():
                taken = in_blocks([*ours, *packages], rounds=size.rounds, warm=WARM, times=size.saves)
            watched, bare, plain, *others = taken
            over = partial(overhead, block=size.saves)
            for package, seconds in zip(RIVALS.values(), others, strict=True):
                against = f"{package}'s overhead on the same columns"
                told = f"{name}, overhead beside {package}"
                yield Row(told, over(watched, bare), over(seconds, plain), against, LESS)


@contextmanager
def unwaited() -> Iterator[None]:
    """Let no commit wait for the disk, as the other process has it for all its life."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")


def overhead(watched: list[float], bare: list[float], block: int) -> float:
    """Return how much longer it takes: the median of what the blocks of each round differ by.

    A machine that changes its speed on the way changes it for both blocks of a round.
    """
    pairs = (
        statistics.median(watched[at : at + block]) - statistics.median(bare[at : at + block])
        for at in range(0, len(watched), block)
    )
    return max(LEAST, statistics.median(pairs))


def new(desk: Desk, times: int) -> list[float]:
    """Save new notes, each in a transaction of its own."""
    return [saved(desk, note, number) for number, note in enumerate(desk.notes(times))]


def changed(desk: Desk, times: int) -> list[float]:
    """Save one note again and again, always with another text."""
    note = desk.notes(1)[0]
    saved(desk, note, -1)
    return [saved(desk, note, number) for number in range(times)]


def saved(desk: Desk, note: ContactNote, number: int) -> float:
    """Save a note in a transaction and commit it; return the seconds."""
    begun = time.perf_counter()
    note.text = f"Measured {number}"
    with acting(desk.manager):
        note.save()
    return time.perf_counter() - begun


def many(desk: Desk, size: Size) -> Iterator[Row]:
    """Yield the bulk writes: rows added by bulk_create, and changed by a queryset's update."""

    def create(times: int) -> list[float]:
        waiting = [desk.notes(size.many) for _ in range(times)]
        return repeated(lambda: add(desk, waiting.pop()))(times)

    taken = desk.both(create, size)
    yield compared(f"bulk_create of {size.many:,} notes, with trail", *taken, against=WITHOUT, goal=MANY)
    made = [note.pk for note in add(desk, desk.notes(size.many))]

    def update(column: str, value: Callable[[], object]) -> None:
        with acting(desk.manager):
            rows = ContactNote.objects.filter(pk__gte=min(made), pk__lte=max(made))
            assert rows.update(**{column: value()}) == size.many

    for column, value in (("channel", partial(next, CHANNELS)), ("text", lambda: f"Measured {time.time_ns()}")):
        taken = desk.both(repeated(partial(update, column, value)), size)
        name = f"update of {size.many:,} notes ({column}), with trail"
        yield compared(name, *taken, against=WITHOUT, goal=UPDATE)


def add(desk: Desk, notes: list[ContactNote]) -> list[ContactNote]:
    """Add notes by one statement and commit."""
    with acting(desk.manager):
        return ContactNote.objects.bulk_create(notes)
