"""The limits of deposit insurance schemes as dated parameters, and how many people own an account."""

import datetime as dt
from pathlib import Path

from django.db import migrations

ALWAYS = "1900-01-01"
RECALLED = "recalled, confirm before use"
LIMITS = [
    ("CN", 500_000, "2015-05-01", "存款保险条例, in force 2015-05-01"),
    ("US", 250_000, ALWAYS, "FDIC, per depositor, bank and ownership category"),
    ("EU", 100_000, ALWAYS, "directive 2014/49/EU (DGSD)"),
    ("GB", 85_000, ALWAYS, "FSCS, failures before 2025-12-01"),
    ("GB", 120_000, "2025-12-01", "PRA PS24/25, failures on or after 2025-12-01"),
    ("HK", 500_000, ALWAYS, "DPS, before 2024-10-01"),
    ("HK", 800_000, "2024-10-01", "Hong Kong Deposit Protection Board, from 2024-10-01"),
    ("SG", 75_000, ALWAYS, "SDIC, before 2024-04-01"),
    ("SG", 100_000, "2024-04-01", "SDIC, from 2024-04-01"),
    ("CH", 100_000, ALWAYS, "esisuisse"),
    ("JP", 10_000_000, ALWAYS, "DICJ; interest on the covered principal comes on top"),
    ("KR", 50_000_000, ALWAYS, "KDIC, before 2025-09-01"),
    ("KR", 100_000_000, "2025-09-01", "KDIC, from 2025-09-01"),
    ("TW", 3_000_000, ALWAYS, "CDIC"),
    ("IN", 500_000, ALWAYS, "DICGC"),
    ("TH", 1_000_000, ALWAYS, "DPA"),
    ("MY", 250_000, ALWAYS, f"PIDM; {RECALLED}"),
    ("AU", 250_000, ALWAYS, f"FCS; {RECALLED}"),
    ("CA", 100_000, ALWAYS, f"CDIC, per category; {RECALLED}"),
    ("NZ", 100_000, "2025-07-01", f"DCS; {RECALLED}"),
]


def add_limits(apps, schema_editor):
    """Add one row for each limit; a later one of the same place ends the earlier."""
    parameters = apps.get_model("core", "Parameter")
    for place, limit, day, source in LIMITS:
        begins = dt.date.fromisoformat(day)
        parameters.objects.create(
            jurisdiction=place, key="insurance.limit", value=limit, valid_from=begins, source=source
        )


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0007_movements"), ("core", "0017_columns"), ("clients", "0009_closing")]
    operations = [
        migrations.RunPython(add_limits, migrations.RunPython.noop),
        migrations.RunSQL((Path(__file__).parent / "_owners.sql").read_text(), migrations.RunSQL.noop),
    ]
