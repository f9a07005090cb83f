"""Say to the trail what a row change cannot: who saw, was refused, signed in, sent, decided."""

import json
from collections.abc import Mapping

from django.db import connection

APPEND = "SELECT steward_append(%s, %s, %s::jsonb, %s, %s)"


def record(
    verb: str,
    *,
    client_id: int | None = None,
    row: tuple[str, int] | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Append one event in the current transaction.

    ``verb`` is ``noun:act`` (``client:read``, ``hold:place``), ``row`` the table and id it is about, ``data``
    plain values without personal content. Actor and request come from the signed context in the database, never from
    the caller.
    """
    table, row_id = row or ("", None)
    with connection.cursor() as cursor:
        cursor.execute(APPEND, [verb, client_id, json.dumps(data or {}, default=str), table, row_id])
