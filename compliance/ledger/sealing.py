"""Seal the trail: every few seconds, what no running transaction can still add to becomes leaves of the log.

The sealer connects as a role of its own that may read digests of events and add to the log, and do nothing else. No
writer waits for it: it takes the events of transactions older than every one that runs now.
"""

import datetime as dt
from collections.abc import Iterator

import psycopg

from compliance.ledger.notes import Signer, checkpoint_text
from compliance.ledger.tree import Tree
from compliance.ledger.verifier import leaf_hash

ONE_SEALER = 7_162_536
CHUNK = 50_000
READ_TILE = "SELECT hashes FROM compliance_tile WHERE level = %s AND place = %s"
LAST = "SELECT size, below FROM compliance_checkpoint ORDER BY size DESC LIMIT 1"
NEW = "xid >= %s AND xid < pg_snapshot_xmin(pg_current_snapshot())"
ADD_LEAVES = f"""
    INSERT INTO compliance_leaf (place, event_id)
    SELECT %s + row_number() OVER (ORDER BY id) - 1, id FROM core_auditevent WHERE {NEW}"""  # noqa: S608  (constants)
DIGESTS = f"SELECT digest FROM core_auditevent WHERE {NEW} ORDER BY id"  # noqa: S608
KEEP_TILE = """
    INSERT INTO compliance_tile (level, place, hashes) VALUES (%s, %s, %s)
    ON CONFLICT (level, place) DO UPDATE SET hashes = EXCLUDED.hashes"""
ADD_CHECKPOINT = """
    INSERT INTO compliance_checkpoint (size, root, signed_at, below, note)
    VALUES (%s, %s, %s, pg_snapshot_xmin(pg_current_snapshot()), %s)"""


def seal(connection: psycopg.Connection, signer: Signer, *, now: dt.datetime) -> int:
    """Seal what is new in one transaction; return the size of the log. Without new events nothing is written.

    Two sealers do not disturb each other: one of them does the work. The lock is the session's, so that it is held
    before the snapshot is taken and until the work is committed; ``connection`` must be in autocommit mode.
    """
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    if connection.execute("SELECT pg_try_advisory_lock(%s)", [ONE_SEALER]).fetchone() != (True,):
        size, _below = connection.execute(LAST).fetchone() or (0, "0")
        return int(size)
    try:
        with connection.transaction():
            return _seal(connection, signer, now)
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [ONE_SEALER])


def clocks(connection: psycopg.Connection, *, now: dt.datetime) -> dt.timedelta:
    """Return by how much the database's clock is ahead of the sealer's."""
    (theirs,) = connection.execute("SELECT clock_timestamp()").fetchone() or (now,)
    ahead: dt.timedelta = theirs - now
    return ahead


def _seal(connection: psycopg.Connection, signer: Signer, now: dt.datetime) -> int:
    size, below = connection.execute(LAST).fetchone() or (0, "0")
    added = connection.execute(ADD_LEAVES, [size, below]).rowcount
    if not added:
        return int(size)
    tree = tree_of(connection, size)
    for leaves in _leaves(connection, below):
        tree.add(leaves)
        with connection.cursor() as cursor:
            cursor.executemany(KEEP_TILE, [(*number, tile) for number, tile in tree.settled()])
    if tree.size != size + added:
        raise RuntimeError(f"{added} events, {tree.size - size} digests: the snapshot moved")
    root = tree.root()
    text = checkpoint_text(origin=signer.public.name, size=tree.size, root=root, at=now)
    connection.execute(ADD_CHECKPOINT, [tree.size, root, now, f"{text}\n{signer.sign(text)}"])
    return tree.size


def tree_of(connection: psycopg.Connection, size: int) -> Tree:
    """Return the log as it is kept, up to ``size``."""

    def read(level: int, place: int) -> bytes:
        row = connection.execute(READ_TILE, [level, place]).fetchone()
        return bytes(row[0]) if row else b""

    return Tree(read, size)


def _leaves(connection: psycopg.Connection, below: str) -> Iterator[list[bytes]]:
    """Yield the hashes of the new leaves, some ten thousand at a time."""
    with connection.cursor(name="digests") as cursor:
        cursor.itersize = CHUNK
        cursor.execute(DIGESTS, [below])
        while rows := cursor.fetchmany(CHUNK):
            yield [leaf_hash(bytes(digest)) for (digest,) in rows]
