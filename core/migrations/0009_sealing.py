"""What the sealer may see of the trail: numbers, transactions and digests. The index finds what is not sealed yet."""

from django.db import migrations

SQL = """
    CREATE INDEX auditevent_xid ON core_auditevent (xid);
    GRANT SELECT (id, at, xid, digest) ON core_auditevent TO steward_sealer;
    CREATE POLICY read_sealing ON core_auditevent FOR SELECT TO steward_sealer USING (true)"""


class Migration(migrations.Migration):
    dependencies = [("core", "0008_capture")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
