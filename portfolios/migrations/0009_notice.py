"""The least sums that call deposits pay their own rate on, as dated parameters."""

import datetime as dt

from django.db import migrations

SOURCE = "通知存款管理办法, in force 1999-01-03; recalled, confirm before use"
LEAST = [("person", 50_000), ("entity", 100_000)]


def add_least(apps, schema_editor):
    """Add one row for persons and one for companies and trusts."""
    parameters = apps.get_model("core", "Parameter")
    for whose, value in LEAST:
        parameters.objects.create(
            jurisdiction="CN",
            key=f"deposit.notice_least.{whose}",
            value=value,
            valid_from=dt.date(1999, 1, 3),
            source=SOURCE,
        )


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0008_insurance"), ("core", "0019_holiday")]
    operations = [migrations.RunPython(add_least, migrations.RunPython.noop)]
