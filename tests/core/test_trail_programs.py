"""The capture functions are written from the columns of their tables and tell any type in canonical bytes."""

from collections.abc import Generator
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.compliance.ledgers import connect

DIFFERING = """
    SELECT t.tgrelid::regclass::text, t.tgname
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid,
         LATERAL (SELECT string_to_array(encode(t.tgargs, 'escape'), '\\000') AS given) a
    WHERE t.tgname LIKE 'steward_capture_%'
      AND p.prosrc <> steward_program(t.tgrelid, split_part(t.tgname, '_', 3), given[1], given[2], given[3])"""
ODD = """
    CREATE TABLE odd (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client_id bigint, "a ""quoted"" 名" text, figure numeric,
        ratio double precision, flag boolean, day date, moment timestamptz, plain timestamp, whole smallint, tree jsonb,
        list text[], span daterange, number uuid, raw bytea, code varchar(20), secret text, hidden jsonb, share numeric,
        large text);
    SELECT steward_attach('odd', 'client_id', 'secret,hidden,share', 'large')"""
TREE = {"b": [1, {"ä": None}], "aa": 1.50}
ROWS: list[dict[str, Any]] = [
    {
        'a "quoted" 名': "a\"b\\c\n\t\x01\x7f\u2028<&>'名 😀",
        "figure": "20900000.0000",
        "ratio": 1e21,
        "flag": True,
        "day": "2026-11-30",
        "moment": "2026-11-30 12:00:00.123456+08",
        "plain": "2026-11-30 12:00",
        "whole": -1,
        "tree": Jsonb(TREE),
        "list": ['x, "y"', None],
        "span": "[2026-01-01,2026-02-01)",
        "number": "7d444840-9dc0-11d1-b245-5ffdce74fad2",
        "raw": b"\x00\xff",
        "code": "%s %I $part$",
        "secret": 'told to "one" \\ person\n',
        "hidden": Jsonb(["a", 1]),
        "share": "0.10",
    },
    {
        "figure": "NaN",
        "ratio": "-Infinity",
        "day": "infinity",
        "moment": "-infinity",
        "tree": Jsonb("text"),
        "list": [],
    },
    {
        'a "quoted" 名': "",
        "day": "0044-03-15 BC",
        "figure": "1e-9",
        "secret": "",
        "hidden": Jsonb(""),
        "tree": Jsonb(None),
    },
]
TOLD = """
    SELECT body, digest = sha256(convert_to(body::text, 'UTF8')),
           (SELECT jsonb_object_agg(key, jsonb_build_array(value -> 1, encode(sha256(
                decode(value ->> 0, 'hex') || convert_to(value ->> 1, 'UTF8')), 'hex'))) FROM jsonb_each(secrets))
    FROM core_auditevent LEFT JOIN core_auditvalue ON event_id = core_auditevent.id
    WHERE table_name = 'odd' ORDER BY core_auditevent.id DESC LIMIT %s"""


@pytest.fixture
def superuser(fresh_database: None) -> Generator[psycopg.Connection]:
    """Return a connection of the database's owner of everything; nothing of it stays."""
    with connect("postgres") as connection:
        connection.autocommit = False
        yield connection
        connection.rollback()


def insert(superuser: psycopg.Connection) -> None:
    """Add the odd rows."""
    for row in ROWS:
        columns = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, row))
        marks = psycopg.sql.SQL(", ").join(psycopg.sql.Placeholder() * len(row))
        superuser.execute(
            psycopg.sql.SQL("INSERT INTO odd ({}) VALUES ({})").format(columns, marks), list(row.values())
        )


def told(superuser: psycopg.Connection, count: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return what the newest events say of the odd rows, oldest first; their digests are those of what is stored."""
    events = superuser.execute(TOLD, [count]).fetchall()
    assert [digest for _body, digest, _secrets in events] == [True] * count
    return [(body, secrets or {}) for body, _digest, secrets in reversed(events)]


def test_every_program_is_written_from_the_columns_of_its_table(superuser: psycopg.Connection) -> None:
    assert superuser.execute(DIFFERING).fetchall() == []
    superuser.execute("ALTER TABLE clients_task ADD COLUMN more text")
    assert len(superuser.execute(DIFFERING).fetchall()) == 3


def test_rows_of_any_type_are_told_as_jsonb_tells_them(superuser: psycopg.Connection) -> None:
    superuser.execute(ODD)
    insert(superuser)
    wanted = superuser.execute(
        "SELECT to_jsonb(odd) - '{secret,hidden,share,large}'::text[] FROM odd ORDER BY id"
    ).fetchall()
    for (body, secrets), (row,) in zip(told(superuser, len(ROWS)), wanted, strict=True):
        sealed = {name: body["data"].pop(name) for name in ("secret", "hidden", "share")}
        assert body["data"] == row
        assert {name: value for name, value in sealed.items() if value} == {
            name: {"sha256": digest} for name, (_value, digest) in secrets.items()
        }
        assert body["row"] == row["id"]
    assert [sorted(secrets) for _body, secrets in told(superuser, len(ROWS))] == [["hidden", "secret", "share"], [], []]
    superuser.execute("DELETE FROM odd")
    assert [body["data"]["id"] for body, _secrets in told(superuser, len(ROWS))] == [row["id"] for (row,) in wanted]


def test_an_update_tells_both_sides_of_what_changed(superuser: psycopg.Connection) -> None:
    superuser.execute(ODD)
    insert(superuser)
    superuser.execute("UPDATE odd SET share = 0.1, figure = figure + 0, large = 'x', client_id = NULL WHERE id = 1")
    assert [body["verb"] for body, _secrets in told(superuser, 1)] == ["row:insert"]
    superuser.execute("UPDATE odd SET ratio = 1, secret = 'new', tree = NULL, client_id = 7 WHERE id = 1")
    [(body, secrets)] = told(superuser, 1)
    assert (body["client"], body["verb"]) == (7, "row:update")
    assert {key: value for key, value in body["data"].items() if key != "secret"} == {
        "client_id": [None, 7],
        "ratio": [1e21, 1],
        "tree": [TREE, None],
    }
    assert body["data"]["secret"] == [{"sha256": secrets["secret.0"][1]}, {"sha256": secrets["secret.1"][1]}]
    assert [secrets["secret.0"][0], secrets["secret.1"][0]] == [ROWS[0]["secret"], "new"]
    superuser.execute("UPDATE odd SET secret = '' WHERE id = 1")
    [(body, secrets)] = told(superuser, 1)
    assert body["data"] == {"secret": [{"sha256": secrets["secret.0"][1]}, ""]}
    superuser.execute("UPDATE odd SET flag = false")
    changes = [body["data"]["flag"] for body, _secrets in told(superuser, 3)]
    assert sorted(changes, key=str) == [[None, False], [None, False], [True, False]]
