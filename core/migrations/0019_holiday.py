"""Business-day calendars of markets: read by everybody, kept by operations."""

from django.db import migrations, models

from core.walls import Reach, capture, wall


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0018_claim"),
    ]

    operations = [
        migrations.CreateModel(
            name="Holiday",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("market", models.CharField(max_length=2, verbose_name="market")),
                ("day", models.DateField(verbose_name="day")),
                (
                    "kind",
                    models.CharField(
                        choices=[("closed", "Banks closed"), ("working", "Banks work on a weekend")],
                        default="closed",
                        max_length=7,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("name_zh", models.CharField(blank=True, max_length=120, verbose_name="Chinese name")),
                ("provisional", models.BooleanField(default=False, verbose_name="provisional")),
                ("source", models.CharField(max_length=120, verbose_name="source")),
            ],
            options={
                "ordering": ["market", "day"],
                "indexes": [models.Index(fields=["day", "market"], name="holiday_by_day")],
                "constraints": [
                    models.UniqueConstraint(fields=("market", "day"), name="holiday_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("market__regex", "^[A-Z]{2}$")), name="holiday_of_a_market"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "working"), _negated=True), ("day__iso_week_day__gte", 6), _connector="OR"
                        ),
                        name="holiday_worked_on_weekend",
                    ),
                ],
            },
        ),
        wall("core_holiday", read=(Reach.SIGNED,), write=(Reach.OPERATIONS, Reach.SYSTEM)),
        capture("core_holiday", client=""),
    ]
