"""What the superuser turns off in a book to see what it costs, and on again whatever happens meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

WALLED = """
    SELECT oid::regclass::text, relforcerowsecurity FROM pg_class
    WHERE relrowsecurity AND relkind IN ('r', 'p') ORDER BY oid"""
CAPTURED = """
    SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE 'steward\\_capture%%' AND tgenabled = 'A'
    ORDER BY tgname"""
PATIENCE = "SET lock_timeout = '60s'"


@dataclass(frozen=True)
class Switch:
    """Statements that turn something off, and those that put it back as it was found."""

    superuser: str
    on: tuple[sql.Composed, ...]
    off: tuple[sql.Composed, ...]

    def turn_on(self) -> None:
        """Put everything back."""
        self._run(self.on)

    def turn_off(self) -> None:
        """Take everything away."""
        self._run(self.off)

    def _run(self, statements: tuple[sql.Composed, ...]) -> None:
        with psycopg.connect(self.superuser) as connection:
            connection.execute(PATIENCE)
            for statement in statements:
                connection.execute(statement)


@contextmanager
def walls(superuser: str) -> Iterator[Switch]:
    """Give the switch of row-level security of every table that has it; it is on at the end, forced where it was."""
    with psycopg.connect(superuser) as connection:
        tables = connection.execute(WALLED).fetchall()
    on, off = [], []
    for name, forced in tables:
        table = sql.SQL(name)  # as the catalogue writes it, quoted where need be
        on.append(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(table))
        on += [sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(table)] if forced else []
        off.append(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(table))
    yield from _kept(Switch(superuser, tuple(on), tuple(off)))


@contextmanager
def capture(superuser: str, table: str) -> Iterator[Switch]:
    """Give the switch of a table's capture triggers; they are on at the end, for every session as they were."""
    with psycopg.connect(superuser) as connection:
        triggers = [name for (name,) in connection.execute(CAPTURED, [table])]
    alter = sql.SQL("ALTER TABLE {table} {state} TRIGGER {trigger}")

    def all_of_them(state: str) -> tuple[sql.Composed, ...]:
        return tuple(
            alter.format(table=sql.Identifier(table), state=sql.SQL(state), trigger=sql.Identifier(name))
            for name in triggers
        )

    yield from _kept(Switch(superuser, all_of_them("ENABLE ALWAYS"), all_of_them("DISABLE")))


def _kept(switch: Switch) -> Iterator[Switch]:
    """Give a switch, and turn it on at the end."""
    try:
        yield switch
    finally:
        switch.turn_on()
