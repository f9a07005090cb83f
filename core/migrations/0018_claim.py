"""The context is checked in one statement, and an event's frame and salts cost less."""

from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent


class Migration(migrations.Migration):
    dependencies = [("core", "0017_columns")]
    operations = [
        migrations.RunSQL((HERE / "_claim.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((HERE / "_columns.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL("DROP FUNCTION steward_claims();", migrations.RunSQL.noop),
    ]
