"""Search that takes the same time however many clients there are."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "_search.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("clients", "0004_task_version")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
