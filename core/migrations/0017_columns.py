"""The trail by table: the capture functions are written from each table's columns, and an event is built once."""

from pathlib import Path

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0016_planned_once")]
    operations = [
        migrations.RunSQL((Path(__file__).parent / "_columns.sql").read_text(), migrations.RunSQL.noop),
    ]
