"""A month of the trail is retired after its time, by two officers; the ledger keeps its leaves."""

import datetime as dt
from pathlib import Path

from django.db import migrations

from core.approvals import declare

SQL = (Path(__file__).parent / "_retiring.sql").read_text()
YEARS = 10
SOURCE = "反洗钱法 (2024), art. 34: ten years for what shows who knew and did what; SEC 17a-4 asks for six"


def retention(apps, schema_editor):
    """Say how long the trail is kept."""
    apps.get_model("core", "Parameter").objects.create(
        key="retention.trail_years", value=YEARS, valid_from=dt.date(1900, 1, 1), source=SOURCE
    )


class Migration(migrations.Migration):
    dependencies = [("compliance", "0006_restore"), ("core", "0015_delegations"), ("clients", "0009_closing")]
    operations = [
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
        declare("trail:retire", asks=("compliance",), decides=("compliance",)),
        migrations.RunPython(retention, migrations.RunPython.noop),
    ]
