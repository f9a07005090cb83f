"""Each row against the last that the trail says of it: finds what was changed while no trigger looked.

Hashes cannot find that: nobody told the trail. Personal values are compared by their commitments; what was erased is
left out, because nothing is known of it any more.
"""

from collections.abc import Iterator

from django.db import connection

ROWS = 5_000
CAPTURED = """
    SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
    WHERE tgname IN ('steward_capture_insert', 'steward_capture_update', 'steward_capture_delete') ORDER BY 1"""
LAST = """
    SELECT greatest((SELECT coalesce(max(id), 0) FROM {table}),
                    (SELECT coalesce(max(row_id), 0) FROM core_auditevent WHERE table_name = %s))"""
COMPARE = """
    WITH told AS MATERIALIZED (
        SELECT id, row_id, verb, body -> 'data' AS data FROM core_auditevent
        WHERE table_name = %(table)s AND row_id > %(after)s AND row_id <= %(until)s AND verb LIKE 'row:%%'
    ), last AS (
        SELECT DISTINCT ON (row_id) row_id, verb FROM told ORDER BY row_id, id DESC
    ), said AS (
        SELECT DISTINCT ON (t.row_id, d.key) t.row_id, t.id AS event, d.key,
               CASE t.verb WHEN 'row:update' THEN d.value -> 1 ELSE d.value END AS value,
               CASE t.verb WHEN 'row:update' THEN d.key || '.1' ELSE d.key END AS path
        FROM told t, jsonb_each(t.data) d WHERE t.verb <> 'row:delete' ORDER BY t.row_id, d.key, t.id DESC
    ), kept AS MATERIALIZED (
        SELECT x.id AS row_id, to_jsonb(x) AS data FROM {table} x WHERE x.id > %(after)s AND x.id <= %(until)s
    )
    SELECT row_id, CASE WHEN k.data IS NULL THEN 'was removed' WHEN l.verb IS NULL THEN 'was added'
                        ELSE 'stands again' END || ' without the trail'
    FROM kept k FULL JOIN last l USING (row_id)
    WHERE k.data IS NULL AND l.verb <> 'row:delete' OR l.verb IS NULL OR k.data IS NOT NULL AND l.verb = 'row:delete'
    UNION ALL
    SELECT s.row_id, s.key || ' is not what the trail said last'
    FROM said s JOIN kept k USING (row_id) LEFT JOIN core_auditvalue v ON v.event_id = s.event
    WHERE k.data ? s.key AND CASE
        WHEN jsonb_typeof(s.value) = 'object' AND s.value ? 'sha256' THEN v.secrets ? s.path AND s.value ->> 'sha256'
            IS DISTINCT FROM encode(sha256(decode(v.secrets -> s.path ->> 0, 'hex')
                                           || convert_to(k.data ->> s.key, 'UTF8')), 'hex')
        ELSE k.data -> s.key IS DISTINCT FROM s.value END
    ORDER BY 1"""


def reconcile() -> Iterator[str]:
    """Yield every row that is not what the trail says: changed, removed or added without it."""
    with connection.cursor() as cursor:
        cursor.execute(CAPTURED)
        tables = [row[0] for row in cursor.fetchall()]
        for table in tables:
            cursor.execute(LAST.format(table=table), [table])
            last = cursor.fetchone()[0]
            for after in range(0, last, ROWS):
                cursor.execute(COMPARE.format(table=table), {"table": table, "after": after, "until": after + ROWS})
                yield from (f"{table} {row}: {words}" for row, words in cursor.fetchall())
