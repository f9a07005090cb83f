"""Rows into tables by the thousand: COPY into a staging table of the transaction, then INSERT … SELECT.

COPY does not work on tables with row-level security; the INSERT runs under the policies, fires the capture triggers
and checks every constraint. Ids that other rows point to are taken from the sequences beforehand.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model
from psycopg import sql

Values = Sequence[tuple[Any, ...]]
LOCAL = (("work_mem", "64MB"), ("jit", "off"))
"""Settings of the transaction: what the capture functions gather for one statement stays in memory."""


class Loader:
    """Writes within the current transaction."""

    def __init__(self) -> None:
        self.written: dict[str, int] = {}
        self._staged: dict[str, list[int]] = {}
        with connection.cursor() as cursor:
            for name, value in LOCAL:
                cursor.execute("SELECT set_config(%s, %s, true)", [name, value])

    def ids(self, model: type[Model], count: int) -> list[int]:
        """Take so many ids of a table."""
        table = model._meta.db_table  # noqa: SLF001  (Django's own name for it)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]

    def load(self, model: type[Model], names: Sequence[str], rows: Values) -> None:
        """Write rows of the columns ``names``; other columns get the model's default."""
        if not rows:
            return
        table = model._meta.db_table  # noqa: SLF001
        staging = f"book_{table}"
        types = self._staged.get(staging) or self._stage(table, staging, names)
        with connection.cursor() as cursor:
            with cursor.copy(_said("COPY {} FROM STDIN (FORMAT binary)", staging)) as copy:
                copy.set_types(types)
                for row in rows:
                    copy.write_row(row)
            missing = _missing(model, names)
            given = sql.SQL(", ").join(map(sql.Identifier, names))
            insert = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, [*names, *missing])),
                sql.SQL(", ").join([given, *map(sql.Literal, missing.values())]),
                sql.Identifier(staging),
            )
            cursor.execute(insert)
            cursor.execute(_said("TRUNCATE {}", staging))
        self.written[table] = self.written.get(table, 0) + len(rows)

    def _stage(self, table: str, staging: str, names: Sequence[str]) -> list[int]:
        """Make the staging table of this transaction; returns the types of its columns."""
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        statement = sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
        with connection.cursor() as cursor:
            cursor.execute(statement.format(sql.Identifier(staging), columns, sql.Identifier(table)))
            cursor.execute(_said("SELECT * FROM {}", staging))
            self._staged[staging] = [column.type_code for column in cursor.description]
        return self._staged[staging]


def _said(text: str, table: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(table))


def _missing(model: type[Model], names: Sequence[str]) -> dict[str, Any]:
    """Return the default of each column that is not given."""
    return {
        str(field.column): field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields  # noqa: SLF001
        if field.column not in names and not field.primary_key
    }
