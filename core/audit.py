"""Say to the trail what a row change cannot: who saw, was refused, signed in, sent, decided.

Acts of the business are told to webhooks in the same breath: the database writes the calls with the event.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from django.db import connection, transaction

from core.jobs import announce

APPEND = "SELECT steward_append(%s, %s, %s::jsonb, %s, %s)"
APPEND_LOOKS = """
    SELECT steward_append(verb, client, data::jsonb, '', NULL)
    FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS look (verb, client, data)
"""
APPEND_AND_TELL = """
    SELECT steward_append(verb, client, data, tab, line), steward_tell(verb, client, tab, line)
    FROM (VALUES (%s, %s::bigint, %s::jsonb, %s, %s::bigint)) AS told (verb, client, data, tab, line)
"""
UNTOLD = ("row:", "access:", "session:", "token:", "webhook:", "answer:", "book:", "export:", "legal:")
"""Verbs about Steward itself, and about what is kept for a court, of which nobody outside is told."""


@dataclass
class Gathered:
    """What one request of a program says of itself to the trail, and whom it touched."""

    token: int | None = None
    clients: set[int] = field(default_factory=set)


_GATHERED: ContextVar[Gathered | None] = ContextVar("gathered", default=None)


class Look(NamedTuple):
    """What a person is about to see: ``what`` (``client``, ``deposit``), of which client if of one, plain values."""

    what: str
    client_id: int | None
    data: Mapping[str, object]


@contextmanager
def gathering() -> Iterator[Gathered]:
    """Gather for the length of a program's request."""
    before = _GATHERED.set(Gathered())
    try:
        yield _GATHERED.get() or Gathered()
    finally:
        _GATHERED.reset(before)


def gathered() -> Gathered | None:
    """Return what the current request gathered; None where no program asks."""
    return _GATHERED.get()


def is_told(verb: str) -> bool:
    """Say whether a verb is an act of the business that webhooks may be told of: no look, nothing of the house."""
    return not verb.endswith(":read") and not verb.startswith(UNTOLD)


def record(
    verb: str,
    *,
    client_id: int | None = None,
    row: tuple[str, int] | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Append one event in the current transaction, and tell the webhooks that asked for its verb.

    ``verb`` is ``noun:act`` (``client:read``, ``hold:place``), ``row`` the table and id it is about, ``data``
    plain values without personal content. Actor and request come from the signed context in the database, never from
    the caller; of a program's request the event names the token.
    """
    table, row_id = row or ("", None)
    touched(client_id)
    with connection.cursor() as cursor:
        cursor.execute(
            APPEND_AND_TELL if is_told(verb) else APPEND,
            [verb, client_id, _said(data), table, row_id],
        )
        jobs = cursor.fetchone()[1] if is_told(verb) else None
    for job_id in jobs or ():
        transaction.on_commit(partial(announce, job_id), robust=True)


def record_looks(looks: Sequence[Look]) -> None:
    """Append one event for each look, all in one statement: a page of seven panels is one trip to the database."""
    for one in looks:
        touched(one.client_id)
    rows = [(f"{one.what}:read", one.client_id, _said(one.data)) for one in looks]
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(APPEND_LOOKS, columns)


def touched(client_id: int | None) -> None:
    """Remember, for the length of a program's request, that it is about this client."""
    told = gathered()
    if told is not None and client_id is not None:
        told.clients.add(client_id)


def _said(data: Mapping[str, object] | None) -> str:
    """Return what an event says beside its columns; of a program's request, the token too."""
    told = gathered()
    token = {} if told is None or told.token is None else {"token": told.token}
    return json.dumps({**(data or {}), **token}, default=str)
