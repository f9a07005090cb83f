"""A decision names the contact in which the client said so."""

import django.db.models.deletion
from django.db import migrations, models

from core.walls import capture


class Migration(migrations.Migration):
    dependencies = [("reviews", "0003_silent"), ("clients", "0009_closing")]
    operations = [
        migrations.AddField(
            "review",
            "evidence",
            models.ForeignKey(
                blank=True,
                help_text="The contact in which the client said so.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clients.contactnote",
                verbose_name="said in",
            ),
        ),
        migrations.AlterField(
            "review",
            "decision",
            models.CharField(
                blank=True,
                choices=[
                    ("renew_all", "Renew principal and interest"),
                    ("renew_principal", "Renew principal, pay interest"),
                    ("move", "Move to another product"),
                    ("pay_out", "Pay out"),
                    ("reviewed", "Reviewed"),
                    ("gone", "Not due any more"),
                ],
                max_length=20,
                verbose_name="decision",
            ),
        ),
        capture("reviews_review", personal=("note",)),
    ]
