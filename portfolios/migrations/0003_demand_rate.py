"""The demand rate that overdue deposits earn, as the large state banks listed it, by the day it began."""

import datetime as dt

from django.db import migrations

LISTED = [
    ("2015-10-24", "0.0030"),
    ("2022-09-15", "0.0025"),
    ("2023-06-08", "0.0020"),
    ("2024-07-25", "0.0015"),
    ("2024-10-18", "0.0010"),
    ("2025-05-20", "0.0005"),
]


def add_rates(apps, schema_editor):
    """Add one row for each listing, each valid until the next."""
    parameters = apps.get_model("core", "Parameter")
    ends = [day for day, _rate in LISTED[1:]] + [None]
    for (day, rate), end in zip(LISTED, ends, strict=True):
        parameters.objects.create(
            jurisdiction="CN",
            key="deposit.demand_rate",
            value=rate,
            valid_from=dt.date.fromisoformat(day),
            valid_to=end and dt.date.fromisoformat(end),
            source="demand rate (活期存款挂牌利率) listed by large state banks; recalled, confirm before use",
        )


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0002_walls"), ("core", "0003_first_rows")]
    operations = [migrations.RunPython(add_rates, migrations.RunPython.noop)]
