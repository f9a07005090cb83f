"""What programs hold of us: tokens, answers kept for repeated requests, webhooks and their calls."""

import datetime as dt
import uuid
from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.walls import Reach, capture, wall

SQL = (Path(__file__).parent / "_programs.sql").read_text()
ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
PERSON = {"on_delete": django.db.models.deletion.PROTECT, "to": settings.AUTH_USER_MODEL}
OFFICE = (Reach.ADMINISTRATOR, Reach.SYSTEM)


class Migration(migrations.Migration):
    dependencies = [("core", "0005_lists")]
    operations = [
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", ID),
                ("token_key", models.CharField(db_index=True, max_length=25)),
                ("digest", models.CharField(editable=False, max_length=128, unique=True)),
                ("created", models.DateTimeField()),
                ("expiry", models.DateTimeField(verbose_name="expires")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "scope",
                    models.CharField(
                        choices=[("read", "Read"), ("write", "Read and write")],
                        default="read",
                        max_length=5,
                        verbose_name="scope",
                    ),
                ),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("user", models.ForeignKey(related_name="tokens", **PERSON)),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["read", "write"])), name="token_scope_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(expiry__lte=models.F("created") + dt.timedelta(days=90)),
                        name="token_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", ID),
                ("key", models.CharField(max_length=64)),
                ("digest", models.CharField(help_text="Keyed digest of the request.", max_length=32)),
                (
                    "clients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        help_text="Whom the answer speaks of.",
                        size=None,
                    ),
                ),
                ("status", models.PositiveSmallIntegerField()),
                ("seal_id", models.UUIDField(default=uuid.uuid4)),
                ("sealed", models.BinaryField()),
                ("made_at", models.DateTimeField(db_index=True)),
                ("user", models.ForeignKey(related_name="+", **PERSON)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("user", "key"), name="answer_once")]},
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", ID),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("url", models.CharField(max_length=500, verbose_name="address")),
                (
                    "events",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), size=None, verbose_name="events"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused"), ("removed", "Removed")],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("seal_id", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("secret", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("created_by", models.ForeignKey(related_name="+", **PERSON)),
            ],
            options={
                "ordering": ["name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["active", "paused", "removed"])), name="webhook_state_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookCall",
            fields=[
                ("id", ID),
                ("event", models.UUIDField(default=uuid.uuid4)),
                ("verb", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                ("client_id", models.BigIntegerField(null=True)),
                ("table_name", models.CharField(blank=True, max_length=63)),
                ("row_id", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("sent", "Sent"), ("failed", "Failed")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(help_text="The next attempt, while it waits.")),
                ("tried_at", models.DateTimeField(null=True)),
                ("status", models.PositiveSmallIntegerField(help_text="The last answer.", null=True)),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why the last attempt failed.", max_length=40),
                ),
                ("answer", models.CharField(blank=True, help_text="How the last answer began.", max_length=200)),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="calls", to="core.webhook"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("webhook", "event"), name="webhookcall_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "sent", "failed"])), name="webhookcall_state_known"
                    ),
                ],
                "indexes": [
                    models.Index(fields=["webhook", "-id"], name="webhookcall_log"),
                    models.Index(condition=models.Q(("state", "waiting")), fields=["due_at"], name="webhookcall_open"),
                ],
            },
        ),
        wall("core_token", column="user_id", read=(Reach.ANYBODY,), write=(Reach.OWN,)),
        capture("core_token", client="", skip=("digest", "token_key", "last_used_at")),
        wall("core_answer", column="user_id", read=(Reach.OWN, Reach.SYSTEM), write=(Reach.OWN, Reach.SYSTEM)),
        wall("core_webhook", read=OFFICE, write=OFFICE, internal=True),
        capture("core_webhook", client="", skip=("secret",)),
        wall("core_webhookcall", read=OFFICE, add=OFFICE, write=(Reach.SYSTEM,), internal=True),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
