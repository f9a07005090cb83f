"""Figures of law and house change by four eyes."""

from pathlib import Path

from django.db import migrations

from core.approvals import declare

SQL = (Path(__file__).parent / "_parameters.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("core", "0012_erasing")]
    operations = [
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
        declare("parameter:change", asks=("compliance", "operations"), decides=("compliance",)),
    ]
