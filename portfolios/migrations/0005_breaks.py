"""Days that do not add up, as items with an owner."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from core.walls import Reach, capture, wall

READ = (Reach.OPERATIONS, Reach.VISIBLE, Reach.COMPLIANCE, Reach.SYSTEM)
WRITE = (Reach.OPERATIONS, Reach.SYSTEM)
AMOUNT = {"max_digits": 20, "decimal_places": 4}
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("portfolios", "0003_demand_rate"),
        ("clients", "0002_walls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Break",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("expected", models.DecimalField(verbose_name="expected", **AMOUNT)),
                ("found", models.DecimalField(verbose_name="found", **AMOUNT)),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "kind",
                    models.CharField(
                        choices=[("rounded", "Rounding"), ("cut", "Day cut short"), ("unexplained", "Unexplained")],
                        max_length=15,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("explained", "Explained"), ("resolved", "Resolved")],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=1000, verbose_name="note")),
                ("opened_at", models.DateTimeField(verbose_name="opened")),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="breaks", to="portfolios.account", verbose_name="account"
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(on_delete=PROTECT, related_name="+", to="clients.client", verbose_name="client"),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=PROTECT, related_name="breaks", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="breaks", to="portfolios.feedrun", verbose_name="file"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["client", "account"], name="break_of_client", condition=~Q(state="resolved"))
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "day"), condition=~Q(state="resolved"), name="break_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="explained") | ~Q(note=""), name="break_explained_in_words"
                    ),
                    models.CheckConstraint(
                        condition=Q(state="resolved", closed_at__isnull=False, closed_by__isnull=False)
                        | Q(closed_at__isnull=True, closed_by__isnull=True) & ~Q(state="resolved"),
                        name="break_closed_by_somebody",
                    ),
                ],
            },
        ),
        wall("portfolios_break", read=READ, write=WRITE, add=(Reach.SYSTEM,)),
        capture("portfolios_break", personal=("note",)),
    ]
