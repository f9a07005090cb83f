"""A maturity may be renewed for another term than its contract's."""

from django.conf import settings
from django.db import migrations, models

from core.walls import capture


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0009_closing"),
        ("portfolios", "0013_renewal"),
        ("reviews", "0005_split"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="review",
            name="renew_months",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="term to renew for"),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("renew_months__isnull", True),
                    ("decision__in", ["renew_all", "renew_principal", "split"]),
                    _connector="OR",
                ),
                name="review_term_of_a_renewal",
            ),
        ),
        capture("reviews_review", personal=("note",)),
    ]
