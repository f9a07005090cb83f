"""Four eyes: requests, who asks and decides each kind, and the rule that no door goes round."""

import uuid
from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from core.approvals import declare
from core.walls import Reach, capture, wall

SQL = (Path(__file__).parent / "_approvals.sql").read_text()
PERSON = {"on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": settings.AUTH_USER_MODEL}
READERS = (Reach.OWN, Reach.TEAM, Reach.COMPLIANCE, Reach.SYSTEM)
DECIDERS = (Reach.OWN, Reach.TEAM, Reach.COMPLIANCE)
STATES = [("open", "Open"), ("approved", "Approved"), ("declined", "Declined"), ("withdrawn", "Withdrawn")]


class Migration(migrations.Migration):
    dependencies = [("core", "0009_sealing")]
    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("content", models.JSONField(help_text="What would be done: numbers of rows and plain values.")),
                ("digest", models.BinaryField(editable=False, help_text="SHA-256 of kind and content.")),
                ("reason", models.TextField(verbose_name="reason")),
                ("asked_by", models.ForeignKey(verbose_name="asked by", **PERSON)),
                ("asked_person", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("expires_at", models.DateTimeField(verbose_name="stands until")),
                ("state", models.CharField(choices=STATES, default="open", max_length=10, verbose_name="state")),
                ("decided_by", models.ForeignKey(null=True, verbose_name="decided by", **PERSON)),
                ("decided_person", models.UUIDField(editable=False, null=True)),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                (
                    "decided_digest",
                    models.BinaryField(editable=False, help_text="Of what the decider was shown.", null=True),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["asked_by", "-id"], name="approval_by_asker")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state__in=["open", "approved", "declined", "withdrawn"]),
                        name="approval_state_known",
                    ),
                    models.CheckConstraint(condition=~Q(reason=""), name="approval_has_reason"),
                    models.CheckConstraint(
                        condition=Q(state="open", decided_by__isnull=True, decided_person__isnull=True)
                        | Q(state="withdrawn", decided_person=F("asked_person"))
                        | Q(state__in=["approved", "declined"], decided_digest=F("digest"))
                        & ~Q(decided_person=F("asked_person")),
                        name="approval_by_another_person",
                    ),
                    models.CheckConstraint(
                        condition=Q(state="open") | Q(decided_by__isnull=False, decided_person__isnull=False),
                        name="approval_decided",
                    ),
                ],
            },
        ),
        wall("core_approval", column="asked_by_id", read=READERS, write=DECIDERS, add=(Reach.OWN,), internal=True),
        capture("core_approval", client="", personal=("reason", "note")),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
        declare("user:role", asks=("administrator",), decides=("administrator", "compliance")),
    ]
