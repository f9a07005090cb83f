"""Every kind of holding: contract sizes, coupons, futures and swaps, and what issuers did to the number of units."""

import django.db.models.deletion
from django.db import migrations, models

from core.walls import Reach, capture, wall


class Migration(migrations.Migration):
    dependencies = [
        ("portfolios", "0013_renewal"),
    ]

    operations = [
        migrations.CreateModel(
            name="CorporateAction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value_date", models.DateField(verbose_name="value date")),
                ("known_at", models.DateTimeField(verbose_name="known at")),
                ("superseded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("split", "Split or consolidation"), ("bonus", "Bonus shares")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("factor", models.DecimalField(decimal_places=10, max_digits=20, verbose_name="units for one")),
                ("source", models.CharField(max_length=60, verbose_name="source")),
            ],
            options={
                "ordering": ["instrument", "value_date"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="price",
            name="price_not_negative",
        ),
        migrations.AddField(
            model_name="instrument",
            name="coupon",
            field=models.DecimalField(
                blank=True,
                decimal_places=10,
                help_text="A year's, as a fraction.",
                max_digits=20,
                null=True,
                verbose_name="coupon",
            ),
        ),
        migrations.AddField(
            model_name="instrument",
            name="coupon_frequency",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="coupons a year"),
        ),
        migrations.AddField(
            model_name="instrument",
            name="matures_on",
            field=models.DateField(blank=True, null=True, verbose_name="maturity"),
        ),
        migrations.AddField(
            model_name="instrument",
            name="multiplier",
            field=models.DecimalField(
                decimal_places=10,
                default=1,
                help_text="How many units a price is for: 0.01 where it is for a hundred.",
                max_digits=20,
                verbose_name="multiplier",
            ),
        ),
        migrations.AlterField(
            model_name="instrument",
            name="asset_class",
            field=models.CharField(
                choices=[
                    ("bond", "Bonds"),
                    ("fund", "Funds"),
                    ("equity", "Equities"),
                    ("insurance", "Insurance"),
                    ("structured_product", "Structured products"),
                    ("real_estate", "Real estate"),
                    ("option", "Options"),
                    ("future", "Futures"),
                    ("swap", "Swaps"),
                    ("other", "Other assets"),
                    ("index", "Index"),
                ],
                max_length=20,
                verbose_name="asset class",
            ),
        ),
        migrations.AlterField(
            model_name="transaction",
            name="kind",
            field=models.CharField(
                choices=[
                    ("cash", "Cash"),
                    ("transfer", "Transfer"),
                    ("card", "Card"),
                    ("interest", "Interest"),
                    ("dividend", "Dividend"),
                    ("fee", "Fee"),
                    ("trade", "Purchase or sale"),
                    ("deposit", "Deposit placed or repaid"),
                    ("other", "Other"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.CheckConstraint(
                condition=models.Q(("multiplier__gt", 0)), name="instrument_multiplier_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="instrument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("coupon__isnull", True), ("coupon_frequency__isnull", True)),
                    models.Q(
                        ("coupon__gte", 0), ("coupon_frequency__in", [1, 2, 4, 12]), ("matures_on__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="instrument_coupon_whole",
            ),
        ),
        migrations.AddField(
            model_name="corporateaction",
            name="instrument",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="actions",
                to="portfolios.instrument",
                verbose_name="instrument",
            ),
        ),
        migrations.AddConstraint(
            model_name="corporateaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at__isnull", True)),
                fields=("instrument", "value_date"),
                name="action_one_belief",
            ),
        ),
        migrations.AddConstraint(
            model_name="corporateaction",
            constraint=models.CheckConstraint(condition=models.Q(("factor__gt", 0)), name="action_factor_positive"),
        ),
        capture("portfolios_instrument", client=""),
        wall("portfolios_corporateaction", read=(Reach.SIGNED,), write=(Reach.OPERATIONS, Reach.SYSTEM)),
        capture("portfolios_corporateaction", client=""),
    ]
