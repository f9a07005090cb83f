"""The rows every installation starts with: the service account, and the house's periods as dated parameters."""

import datetime as dt
import uuid

from django.db import migrations

HOUSE = "house default"
ROWS = [
    ("maturity.window_days", 30, "days before a maturity in which its review opens"),
    ("maturity.cut_off_days", 2, "business days before a maturity by which the client's instruction must be known"),
    ("review.cycle_months.hnw", 12, "months between periodic reviews, high net worth"),
    ("review.cycle_months.private", 6, "months between periodic reviews, private banking"),
    ("review.cycle_months.ultra", 3, "months between periodic reviews, ultra"),
    ("document.alert_days", 90, "days before expiry in which an identity document is shown"),
    ("statement.maturities_days", 90, "days ahead for which a statement lists maturities"),
    ("price.stale_days", 5, "days after which a price is marked stale"),
]


def first_rows(apps, schema_editor):
    """Create the service account and the parameters."""
    apps.get_model("core", "User").objects.create(
        username="system",
        email="system@steward.invalid",
        name="Steward",
        role="system",
        password="!",  # noqa: S106  (no password fits)
        person=uuid.UUID(int=0),
    )
    parameters = apps.get_model("core", "Parameter")
    for key, value, meaning in ROWS:
        parameters.objects.create(key=key, value=value, valid_from=dt.date(1900, 1, 1), source=f"{HOUSE}: {meaning}")


class Migration(migrations.Migration):
    dependencies = [("core", "0002_trail")]
    operations = [migrations.RunPython(first_rows, migrations.RunPython.noop)]
