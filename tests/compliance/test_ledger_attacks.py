"""What a superuser of the database does to the trail is found by what was kept outside, and named."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from compliance.ledger.notes import checkpoint_text, make_key, signer
from compliance.ledger.sealing import tree_of
from compliance.ledger.verifier import leaf_hash
from core import audit
from core.walls import acting
from tests.compliance.ledgers import Ledger, ledger, now
from tests.people import People

TABLES = ("core_auditevent", "compliance_leaf", "compliance_tile", "compliance_checkpoint", "compliance_anchor")
Attack = Callable[[psycopg.Connection, Ledger], None]


@pytest.fixture
def book(committed: People, tmp_path: Path) -> Iterator[Ledger]:
    """Give a ledger that grew three times, each time seen outside."""
    with ledger(tmp_path) as made:
        for turn in range(3):
            made.grow(committed.manager, at=now() + timedelta(minutes=turn))
        yield made


def superuser() -> psycopg.Connection:
    """Connect as who may do anything, with the triggers that refuse switched off."""
    name = re.search(r"://[^/]*/([^?]*)", os.environ["DATABASE_URL"])
    assert name
    connection = psycopg.connect(re.sub(r"(://[^/]*/)[^?]*", rf"\g<1>{name[1]}", os.environ["SUPERUSER_URL"]))
    for table in TABLES:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    return connection


def one(connection: psycopg.Connection, query: str) -> int:
    """Return a number."""
    row = connection.execute(query).fetchone()
    assert row
    return int(row[0])


MIDDLE = "SELECT event_id FROM compliance_leaf ORDER BY place DESC OFFSET 4 LIMIT 1"
BODY = "body = jsonb_set(body, '{data,number}', '99')"
DIGEST = "digest = sha256(convert_to(body::text, 'UTF8'))"


def edit(connection: psycopg.Connection, book: Ledger) -> None:
    """Change what an event says."""
    connection.execute(f"UPDATE core_auditevent SET {BODY} WHERE id = %s", [one(connection, MIDDLE)])


def edit_with_digest(connection: psycopg.Connection, book: Ledger) -> None:
    """Change what an event says, and its digest."""
    edit(connection, book)
    connection.execute(f"UPDATE core_auditevent SET {DIGEST} WHERE id = %s", [one(connection, MIDDLE)])


def edit_and_rehash(connection: psycopg.Connection, book: Ledger) -> None:
    """Change an event and every hash above it, but sign nothing."""
    edit_with_digest(connection, book)
    rewrite(connection)


def delete(connection: psycopg.Connection, book: Ledger) -> None:
    """Remove an event."""
    connection.execute("DELETE FROM core_auditevent WHERE id = %s", [one(connection, MIDDLE)])


def delete_and_renumber(connection: psycopg.Connection, book: Ledger) -> None:
    """Remove an event and its leaf, and close the gap."""
    event = one(connection, MIDDLE)
    place = one(connection, f"SELECT place FROM compliance_leaf WHERE event_id = {event}")
    delete(connection, book)
    connection.execute("DELETE FROM compliance_leaf WHERE place = %s", [place])
    connection.execute("ALTER TABLE compliance_leaf DROP CONSTRAINT compliance_leaf_pkey")
    connection.execute("UPDATE compliance_leaf SET place = place - 1 WHERE place > %s", [place])


def swap(connection: psycopg.Connection, book: Ledger) -> None:
    """Let two events change their places."""
    size = one(connection, "SELECT max(place) FROM compliance_leaf")
    connection.execute("ALTER TABLE compliance_leaf DROP CONSTRAINT compliance_leaf_event_id_key")
    connection.execute(
        "UPDATE compliance_leaf l SET event_id = (SELECT event_id FROM compliance_leaf o"
        " WHERE o.place = CASE l.place WHEN %(a)s THEN %(b)s ELSE %(a)s END) WHERE place IN (%(a)s, %(b)s)",
        {"a": size - 3, "b": size - 5},
    )


def insert_back_dated(connection: psycopg.Connection, book: Ledger) -> None:
    """Add an event of last month, and make room for it in the order."""
    event = one(connection, MIDDLE)
    connection.execute(
        "INSERT INTO core_auditevent (id, at, verb, table_name, xid, body, digest) OVERRIDING SYSTEM VALUE"
        " SELECT 10000000, at - interval '1 minute', verb, table_name, xid, body, digest FROM core_auditevent"
        " WHERE id = %s",
        [event],
    )
    place = one(connection, f"SELECT place FROM compliance_leaf WHERE event_id = {event}")
    connection.execute("ALTER TABLE compliance_leaf DROP CONSTRAINT compliance_leaf_pkey")
    connection.execute("UPDATE compliance_leaf SET place = place + 1 WHERE place >= %s", [place])
    connection.execute("INSERT INTO compliance_leaf VALUES (%s, 10000000)", [place])


def cut_events(connection: psycopg.Connection, book: Ledger) -> None:
    """Remove the last events and leave the rest."""
    connection.execute(
        "DELETE FROM core_auditevent WHERE id IN (SELECT event_id FROM compliance_leaf ORDER BY place DESC LIMIT 2)"
    )


def back_to_yesterday(connection: psycopg.Connection, _book: Ledger) -> None:
    """Put the database back to the second checkpoint, as a backup would."""
    size = one(connection, "SELECT size FROM compliance_checkpoint ORDER BY size DESC OFFSET 1 LIMIT 1")
    gone = "SELECT event_id FROM compliance_leaf WHERE place >= %s"
    connection.execute(f"DELETE FROM core_auditevent WHERE id IN ({gone})", [size])
    for table, column in (("anchor", "size >"), ("checkpoint", "size >"), ("leaf", "place >=")):
        connection.execute(f"DELETE FROM compliance_{table} WHERE {column} %s", [size])
    rewrite(connection)


def back_and_on(connection: psycopg.Connection, book: Ledger) -> None:
    """Put the database back and go on with new events, sealed by the rightful key."""
    back_to_yesterday(connection, book)
    last = one(connection, MIDDLE)
    for number in range(9):
        connection.execute(
            "INSERT INTO core_auditevent (id, at, verb, table_name, body, digest) OVERRIDING SYSTEM VALUE"
            " SELECT %s, at, verb, table_name, body, digest FROM core_auditevent WHERE id = %s",
            [20_000_000 + number, last],
        )
    connection.execute("INSERT INTO compliance_leaf SELECT 1 + max(place), 20000000 FROM compliance_leaf")
    for number in range(1, 9):
        connection.execute(
            "INSERT INTO compliance_leaf SELECT 1 + max(place), %s FROM compliance_leaf", [20_000_000 + number]
        )
    rewrite(connection)
    sign(connection, book, fresh=True)


def stolen_key(connection: psycopg.Connection, book: Ledger) -> None:
    """Change an event, and write the whole log anew with the rightful key."""
    edit_and_rehash(connection, book)
    sign(connection, book)


def other_key(connection: psycopg.Connection, book: Ledger) -> None:
    """Write the whole log anew with a key of one's own."""
    edit_and_rehash(connection, book)
    make_key(book.folder / "other.key", book.log.public.name)
    sign(connection, replace(book, log=signer(book.folder / "other.key")))


def swap_signatures(connection: psycopg.Connection, _book: Ledger) -> None:
    """Let two checkpoints carry each other's signature."""
    rows = connection.execute("SELECT size, note FROM compliance_checkpoint ORDER BY size").fetchall()
    (first, a), (second, b) = rows[0], rows[1]
    mixed = [(b.partition("\n\n")[2], a, first), (a.partition("\n\n")[2], b, second)]
    for tail, note, size in mixed:
        text = note.partition("\n\n")[0]
        connection.execute("UPDATE compliance_checkpoint SET note = %s WHERE size = %s", [f"{text}\n\n{tail}", size])


def re_date(connection: psycopg.Connection, _book: Ledger) -> None:
    """Let a checkpoint be older than it is."""
    connection.execute("UPDATE compliance_checkpoint SET note = regexp_replace(note, 'time \\d+', 'time 1700000000')")


def delete_checkpoint(connection: psycopg.Connection, _book: Ledger) -> None:
    """Remove a checkpoint and the note that it was anchored."""
    size = one(connection, "SELECT size FROM compliance_checkpoint ORDER BY size OFFSET 1 LIMIT 1")
    connection.execute("DELETE FROM compliance_anchor WHERE size = %s", [size])
    connection.execute("DELETE FROM compliance_checkpoint WHERE size = %s", [size])


def fork(connection: psycopg.Connection, book: Ledger) -> None:
    """Sign another root of the newest size with the rightful key."""
    size = one(connection, "SELECT max(size) FROM compliance_checkpoint")
    text = checkpoint_text(origin=book.log.public.name, size=size, root=bytes(32), at=now() + timedelta(minutes=5))
    connection.execute(
        "UPDATE compliance_checkpoint SET note = %s WHERE size = %s", [f"{text}\n{book.log.sign(text)}", size]
    )


def touch_a_tile(connection: psycopg.Connection, _book: Ledger) -> None:
    """Change a hash where the log keeps it."""
    connection.execute(
        "UPDATE compliance_tile SET hashes = set_byte(hashes, 40, 255 - get_byte(hashes, 40)) WHERE level = 0"
    )


def rewrite(connection: psycopg.Connection) -> None:
    """Compute every hash of the log anew from the events."""
    digests = connection.execute(
        "SELECT e.digest FROM compliance_leaf l JOIN core_auditevent e ON e.id = l.event_id ORDER BY l.place"
    ).fetchall()
    connection.execute("DELETE FROM compliance_tile")
    tree = tree_of(connection, 0)
    tree.add(leaf_hash(bytes(digest)) for (digest,) in digests)
    for (level, place), tile in tree.settled():
        connection.execute("INSERT INTO compliance_tile VALUES (%s, %s, %s)", [level, place, tile])


def sign(connection: psycopg.Connection, book: Ledger, *, fresh: bool = False) -> None:
    """Sign every checkpoint anew, and one over everything when new events came."""
    sizes = [row[0] for row in connection.execute("SELECT size FROM compliance_checkpoint ORDER BY size").fetchall()]
    whole = one(connection, "SELECT 1 + max(place) FROM compliance_leaf")
    tree = tree_of(connection, whole)
    for number, size in enumerate(sizes):
        at = now() + timedelta(minutes=number)
        text = checkpoint_text(origin=book.log.public.name, size=size, root=tree.root(size), at=at)
        connection.execute(
            "UPDATE compliance_checkpoint SET note = %s, root = %s WHERE size = %s",
            [f"{text}\n{book.log.sign(text)}", tree.root(size), size],
        )
    if fresh:
        text = checkpoint_text(origin=book.log.public.name, size=whole, root=tree.root(), at=now() + timedelta(hours=1))
        connection.execute(
            "INSERT INTO compliance_checkpoint (size, root, signed_at, below, note) VALUES (%s, %s, %s, '1', %s)",
            [whole, tree.root(), now(), f"{text}\n{book.log.sign(text)}"],
        )


ATTACKS: dict[Attack, str] = {
    edit: "is not the one that was sealed",
    edit_with_digest: "is not the one that was sealed",
    edit_and_rehash: "history rewritten between",
    delete: "is not the one that was sealed",
    delete_and_renumber: "is not the one that was sealed",
    swap: "is not the one that was sealed",
    insert_back_dated: "is not the one that was sealed",
    cut_events: "is not the one that was sealed",
    back_to_yesterday: "tail truncated: anchor",
    back_and_on: "history rewritten between .* anchor",
    stolen_key: "history rewritten between .* anchor",
    other_key: "checkpoint 1: the log's key did not sign it",
    swap_signatures: "a signature of steward.example/ledger is false",
    re_date: "a signature of steward.example/ledger is false",
    delete_checkpoint: "a checkpoint that was kept outside is missing",
    fork: "history rewritten between",
    touch_a_tile: "is not the one that was sealed",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_is_found(book: Ledger, attack: Attack) -> None:
    assert book.findings() == []
    with superuser() as connection:
        attack(connection, book)
    found = "\n".join(book.findings())
    assert re.search(ATTACKS[attack], found), found


def test_what_is_not_sealed_yet_is_the_known_limit(committed: People, book: Ledger) -> None:
    with acting(committed.manager):
        audit.record("test:act", data={"number": 1})
    with superuser() as connection:
        event = one(connection, "SELECT max(id) FROM core_auditevent")
        for change in (BODY, DIGEST):
            connection.execute(f"UPDATE core_auditevent SET {change} WHERE id = %s", [event])
    book.seal(now() + timedelta(minutes=9))
    assert book.findings() == []


@pytest.mark.parametrize("again", [*range(10), *(pytest.param(one, marks=pytest.mark.full) for one in range(10, 100))])
def test_a_log_that_nobody_touched_raises_no_alarm(committed: People, book: Ledger, again: int) -> None:
    for turn in range(3):
        book.grow(committed.manager, events=2 + again % 7 * turn, at=now() + timedelta(minutes=4 + turn))
    assert book.findings() == []
