"""A maturity may be split: a part is renewed, the rest is paid."""

from django.db import migrations, models
from django.db.models import Q

from core.walls import capture


class Migration(migrations.Migration):
    dependencies = [("reviews", "0004_evidence"), ("portfolios", "0010_part")]
    operations = [
        migrations.AlterField(
            "review",
            "decision",
            models.CharField(
                blank=True,
                choices=[
                    ("renew_all", "Renew principal and interest"),
                    ("renew_principal", "Renew principal, pay interest"),
                    ("split", "Renew a part, pay the rest"),
                    ("move", "Move to another product"),
                    ("pay_out", "Pay out"),
                    ("reviewed", "Reviewed"),
                    ("gone", "Not due any more"),
                ],
                max_length=20,
                verbose_name="decision",
            ),
        ),
        migrations.AddField(
            "review",
            "renew_amount",
            models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True, verbose_name="part to renew"),
        ),
        migrations.AddConstraint(
            "review",
            models.CheckConstraint(
                condition=Q(decision="split", renew_amount__gt=0) | ~Q(decision="split") & Q(renew_amount__isnull=True),
                name="review_split_renews_a_part",
            ),
        ),
        capture("reviews_review", personal=("note",)),
    ]
