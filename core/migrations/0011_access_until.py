"""An account may have an end: at that minute its person can do nothing any more, by the database's clock."""

from pathlib import Path

from django.db import migrations, models

SQL = (Path(__file__).parent / "_access_until.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("core", "0010_approvals")]
    operations = [
        migrations.AddField(
            "user", "access_until", models.DateTimeField(blank=True, null=True, verbose_name="access until")
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
