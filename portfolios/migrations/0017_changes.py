"""What came to a deposit contract or left it before its end."""

import django.db.models.deletion
from django.db import migrations, models

from core.walls import Reach, capture, wall


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0009_closing"),
        ("portfolios", "0016_income"),
    ]

    operations = [
        migrations.CreateModel(
            name="DepositChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value_date", models.DateField(verbose_name="value date")),
                ("known_at", models.DateTimeField(verbose_name="known at")),
                ("superseded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20, verbose_name="amount")),
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
                    "deposit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="portfolios.deposit",
                        verbose_name="contract",
                    ),
                ),
            ],
            options={
                "ordering": ["deposit", "value_date"],
                "indexes": [models.Index(fields=["client", "value_date"], name="depositchange_by_client")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=("deposit", "value_date"),
                        name="depositchange_one_belief",
                    )
                ],
            },
        ),
        wall("portfolios_depositchange", read=(Reach.VISIBLE, Reach.COMPLIANCE, Reach.SYSTEM), write=(Reach.SYSTEM,)),
        capture("portfolios_depositchange"),
    ]
