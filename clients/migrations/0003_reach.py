"""Whom a person may see, answered in the time it takes to read that person's coverage."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "_reach.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("clients", "0002_walls")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
