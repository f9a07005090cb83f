"""Whose income a movement is, and what issuers made of one instrument in another."""

import django.db.models.deletion
from django.db import migrations, models

from core.walls import capture


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0009_closing"),
        ("portfolios", "0015_lots"),
    ]

    operations = [
        migrations.AddField(
            model_name="corporateaction",
            name="into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="portfolios.instrument",
                verbose_name="other instrument",
            ),
        ),
        migrations.AddField(
            model_name="transaction",
            name="instrument",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Whose interest, dividend, fee or trade it is.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="portfolios.instrument",
                verbose_name="instrument",
            ),
        ),
        migrations.AlterField(
            model_name="corporateaction",
            name="kind",
            field=models.CharField(
                choices=[
                    ("split", "Split or consolidation"),
                    ("bonus", "Bonus shares"),
                    ("spin_off", "Spin-off"),
                    ("merger", "Merger"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                condition=models.Q(("instrument__isnull", False)),
                fields=["instrument"],
                name="transaction_by_instrument",
            ),
        ),
        migrations.AddConstraint(
            model_name="corporateaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("into__isnull", False), ("kind__in", ("spin_off", "merger"))),
                    models.Q(("into__isnull", True), ("kind__in", ("split", "bonus"))),
                    _connector="OR",
                ),
                name="action_into_another",
            ),
        ),
        capture("portfolios_corporateaction", client=""),
        capture("portfolios_transaction", personal=("counterparty", "text")),
    ]
