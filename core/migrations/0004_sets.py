"""The trail by statement: capture costs little when many rows change at once."""

from pathlib import Path

from django.db import migrations

FOLDER = Path(__file__).parent
WHOLE = {
    "check": "",
    "path": "ARRAY[name]",
    "sides": "unnest(ARRAY[0])",
    "label": "name",
    "sealed": "data || seals",
}
SAME_ID = """IF EXISTS (SELECT FROM new_rows n WHERE NOT EXISTS (SELECT FROM old_rows o WHERE o.id = n.id)) THEN
        RAISE EXCEPTION 'an id does not change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;"""
CHANGED = """SELECT whole, (SELECT jsonb_object_agg(m.key, jsonb_build_array(before -> m.key, m.value))
                             FROM jsonb_each(whole) m WHERE before -> m.key IS DISTINCT FROM m.value) AS data
              FROM (SELECT to_jsonb(o) - skip AS before, to_jsonb(n) - skip AS whole
                    FROM new_rows n JOIN old_rows o ON o.id = n.id OFFSET 0) b WHERE before IS DISTINCT FROM whole"""
BOTH_SEALED = """(SELECT jsonb_object_agg(d.key, jsonb_build_array(
                  coalesce(seals -> (d.key || '.0'), d.value -> 0), coalesce(seals -> (d.key || '.1'), d.value -> 1)))
                  FROM jsonb_each(data) d)"""
KINDS = {
    "insert": {
        **WHOLE,
        "rows": "SELECT w AS whole, w AS data FROM (SELECT to_jsonb(n) - skip AS w FROM new_rows n OFFSET 0) x",
    },
    "delete": {
        **WHOLE,
        "rows": "SELECT w AS whole, w AS data FROM (SELECT to_jsonb(o) - skip AS w FROM old_rows o OFFSET 0) x",
    },
    "update": {
        "check": SAME_ID,
        "path": "ARRAY[name, side::text]",
        "sides": "unnest(ARRAY[0, 1])",
        "label": "name || '.' || side",
        "sealed": BOTH_SEALED,
        "rows": CHANGED,
    },
}


def capture(kind):
    """Return the function of one kind of statement, made or made anew."""
    text = (FOLDER / "_capture.sql").read_text()
    for name, value in {"kind": kind, **KINDS[kind]}.items():
        text = text.replace("{" + name + "}", value)
    return text


class Migration(migrations.Migration):
    dependencies = [("core", "0003_first_rows")]
    operations = [
        migrations.RunSQL((FOLDER / "_sets.sql").read_text(), migrations.RunSQL.noop),
        *(migrations.RunSQL(capture(kind), migrations.RunSQL.noop) for kind in KINDS),
        migrations.RunSQL((FOLDER / "_attach.sql").read_text(), migrations.RunSQL.noop),
    ]
