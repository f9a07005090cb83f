"""A client can be erased by four eyes: what says that it happens now, and words of requests that go with the client."""

import datetime as dt
from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent / "_erasing.sql").read_text()
YEARS = 10
SOURCE = "反洗钱法 (2024), art. 34: ten years after the business relationship has ended"


def retention(apps, schema_editor):
    """Say how long what is known of a client is kept."""
    apps.get_model("core", "Parameter").objects.create(
        key="retention.client_years", value=YEARS, valid_from=dt.date(1900, 1, 1), source=SOURCE
    )


class Migration(migrations.Migration):
    dependencies = [("core", "0011_access_until")]
    operations = [
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
        migrations.RunPython(retention, migrations.RunPython.noop),
    ]
