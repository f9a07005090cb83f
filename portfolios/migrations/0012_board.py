"""The rate board: what banks list for deposits."""

import django.db.models.deletion
from django.db import migrations, models

from core.walls import Reach, capture, wall


class Migration(migrations.Migration):
    dependencies = [
        ("portfolios", "0011_valuations"),
    ]

    operations = [
        migrations.CreateModel(
            name="ListedRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value_date", models.DateField(verbose_name="value date")),
                ("known_at", models.DateTimeField(verbose_name="known at")),
                ("superseded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("demand", "Demand deposit"),
                            ("time", "Time deposit"),
                            ("notice", "Call (notice) deposit"),
                            ("large_cd", "Large-denomination CD"),
                            ("structured", "Structured deposit"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("term_months", models.PositiveSmallIntegerField(default=0, verbose_name="term in months")),
                ("notice_days", models.PositiveSmallIntegerField(default=0, verbose_name="notice in days")),
                (
                    "amount_from",
                    models.DecimalField(decimal_places=4, default=0, max_digits=20, verbose_name="from the amount"),
                ),
                (
                    "rate",
                    models.DecimalField(blank=True, decimal_places=10, max_digits=20, null=True, verbose_name="rate"),
                ),
                (
                    "transfer_rate",
                    models.DecimalField(
                        blank=True, decimal_places=10, max_digits=20, null=True, verbose_name="transfer rate"
                    ),
                ),
                ("source", models.CharField(max_length=60, verbose_name="source")),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="listed_rates",
                        to="portfolios.institution",
                        verbose_name="institution",
                    ),
                ),
            ],
            options={
                "ordering": ["institution", "currency", "kind", "term_months", "amount_from", "-value_date"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=(
                            "institution",
                            "kind",
                            "currency",
                            "term_months",
                            "notice_days",
                            "amount_from",
                            "value_date",
                        ),
                        name="listedrate_one_belief",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "demand"), ("notice_days", 0), ("term_months", 0)),
                            models.Q(("kind", "notice"), ("notice_days__in", [1, 7]), ("term_months", 0)),
                            models.Q(
                                ("kind__in", ["time", "large_cd", "structured"]),
                                ("notice_days", 0),
                                ("term_months__gt", 0),
                            ),
                            _connector="OR",
                        ),
                        name="listedrate_term_of_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_from__gte", 0)), name="listedrate_from_positive"
                    ),
                ],
            },
        ),
        wall("portfolios_listedrate", read=(Reach.SIGNED,), write=(Reach.OPERATIONS, Reach.SYSTEM)),
        capture("portfolios_listedrate", client=""),
    ]
