"""What is left of single purchases."""

import django.db.models.deletion
from django.db import migrations, models

from core.walls import Reach, capture, wall


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0009_closing"),
        ("portfolios", "0014_holdings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value_date", models.DateField(verbose_name="value date")),
                ("known_at", models.DateTimeField(verbose_name="known at")),
                ("superseded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("reference", models.CharField(max_length=60, verbose_name="reference")),
                ("acquired_on", models.DateField(verbose_name="bought")),
                ("quantity", models.DecimalField(decimal_places=10, max_digits=20, verbose_name="quantity")),
                ("cost", models.DecimalField(decimal_places=4, max_digits=20, verbose_name="cost")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lots",
                        to="portfolios.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lots",
                        to="portfolios.instrument",
                        verbose_name="instrument",
                    ),
                ),
            ],
            options={
                "ordering": ["client", "reference", "-value_date"],
                "indexes": [models.Index(fields=["client", "reference", "-value_date"], name="lot_by_client")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=("reference", "value_date"),
                        name="lot_one_belief",
                    )
                ],
            },
        ),
        wall("portfolios_lot", read=(Reach.VISIBLE, Reach.COMPLIANCE, Reach.SYSTEM), write=(Reach.SYSTEM,)),
        capture("portfolios_lot"),
    ]
