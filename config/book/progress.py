"""How far a book is, said by the trail itself: begun, each part written, built.

Each part says so in its own transaction, so an interrupted build goes on exactly where it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from config.book.parts import Order
from core import audit
from core.models import AuditEvent

BEGIN, PART, BUILD = "book:begin", "book:part", "book:build"
ABOUT = "book"
"""What these events are about, in place of a table: the trail is indexed by it."""
LOCK = 7_265_001
WHOLE = -1
"""The lock for what is done once: beginning and finishing."""


def begun() -> Order | None:
    """Return the book that was begun here, None in an empty installation."""
    found = AuditEvent.objects.filter(table_name=ABOUT, verb=BEGIN).order_by("id").first()
    return Order.read(found.body["data"]) if found else None


def built() -> bool:
    """Say whether the book is whole."""
    return AuditEvent.objects.filter(table_name=ABOUT, verb=BUILD).exists()


def written() -> set[int]:
    """Return the numbers of the parts that are there."""
    rows = AuditEvent.objects.filter(table_name=ABOUT, verb=PART, row_id__isnull=False)
    return {int(number) for (number,) in rows.values_list("row_id") if number is not None}


def say(verb: str, number: int, **data: object) -> None:
    """Note in the current transaction that ``verb`` is done, for a part or the whole (``WHOLE``)."""
    audit.record(verb, row=(ABOUT, number), data=data)


@contextmanager
def alone(number: int, *, wait: bool) -> Iterator[bool]:
    """Run a transaction in which no other process writes this part; False where one does, unless told to wait."""
    with transaction.atomic(), connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, number])
            yield True
        else:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, number])
            yield bool(cursor.fetchone()[0])
