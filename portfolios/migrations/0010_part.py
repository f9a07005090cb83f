"""An instruction may renew a part of a deposit."""

from django.db import migrations, models
from django.db.models import F, Q

from core.walls import capture


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0009_notice"), ("core", "0019_holiday")]
    operations = [
        migrations.AlterField(
            "deposit",
            "instruction",
            models.CharField(
                choices=[
                    ("none", "Pay out"),
                    ("principal", "Renew principal"),
                    ("all", "Renew principal and interest"),
                    ("part", "Renew a part"),
                ],
                default="none",
                max_length=10,
                verbose_name="instruction",
            ),
        ),
        migrations.AddField(
            "deposit",
            "renew_amount",
            models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True, verbose_name="part to renew"),
        ),
        migrations.AddConstraint(
            "deposit",
            models.CheckConstraint(
                condition=Q(instruction="part", renew_amount__gt=0, renew_amount__lte=F("principal"))
                | ~Q(instruction="part") & Q(renew_amount__isnull=True),
                name="deposit_part_renewed",
            ),
        ),
        capture("portfolios_deposit"),
    ]
