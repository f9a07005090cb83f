"""The capture functions plan their statement once for a session: planning was more than half of a single save's event."""

from django.db import migrations

SQL = "".join(
    f"ALTER FUNCTION steward_capture_{kind}() SET plan_cache_mode = force_generic_plan;"
    for kind in ("insert", "update", "delete")
)


class Migration(migrations.Migration):
    dependencies = [("core", "0015_delegations")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
