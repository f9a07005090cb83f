"""Maturities that nobody decided by the cut-off are left to their contracts, and say so."""

from django.db import migrations, models
from django.db.models import Q

from core.walls import capture


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_walls"), ("core", "0019_holiday")]
    operations = [
        migrations.AddField(
            "review",
            "silent",
            models.BooleanField(default=False, help_text="Nobody said by the cut-off; the contract's own word stands."),
        ),
        migrations.AddConstraint(
            "review",
            models.CheckConstraint(
                condition=Q(silent=False) | Q(kind="maturity") & ~Q(decision=""), name="review_silent_when_decided"
            ),
        ),
        capture("reviews_review", personal=("note",)),
    ]
