"""Each row against the last that the trail says of it: finds what was changed while no trigger looked.

Hashes cannot find that: nobody told the trail. Personal values are compared by their commitments; what was erased is
left out, because nothing is known of it any more. The comparison itself is ``steward_compare`` in the database.
"""

from collections.abc import Iterator

from django.db import connection

CAPTURED = """
    SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
    WHERE tgname IN ('steward_capture_insert', 'steward_capture_update', 'steward_capture_delete') ORDER BY 1"""
COMPARE = "SELECT row_id, words FROM steward_compare(%s::regclass, %s)"


def reconcile(most: int) -> Iterator[str]:
    """Yield rows that are not what the trail says, of each table ``most``: changed, removed or added without it."""
    with connection.cursor() as cursor:
        cursor.execute(CAPTURED)
        for (table,) in cursor.fetchall():
            cursor.execute(COMPARE, [table, most])
            yield from (f"{table} {row}: {words}" for row, words in cursor.fetchall())
