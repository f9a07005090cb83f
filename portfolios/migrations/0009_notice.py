"""The least sums of call deposits, to be taken out and to stay in, as dated parameters."""

import datetime as dt

from django.db import migrations

SOURCE = "通知存款管理办法, in force 1999-01-03; recalled, confirm before use"
LEAST = [
    ("notice_least.person", 50_000),
    ("notice_least.entity", 100_000),
    ("notice_opening.person", 50_000),
    ("notice_opening.entity", 500_000),
]


def add_least(apps, schema_editor):
    """Add rows for persons, and for companies and trusts."""
    parameters = apps.get_model("core", "Parameter")
    for name, value in LEAST:
        parameters.objects.create(
            jurisdiction="CN",
            key=f"deposit.{name}",
            value=value,
            valid_from=dt.date(1999, 1, 3),
            source=SOURCE,
        )


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0008_insurance"), ("core", "0019_holiday")]
    operations = [migrations.RunPython(add_least, migrations.RunPython.noop)]
