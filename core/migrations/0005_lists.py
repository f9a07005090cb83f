"""Views of lists that people saved, and lists they asked for as files."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.walls import Reach, capture, wall

ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
PERSON = models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)
OWN = (Reach.OWN, Reach.SYSTEM)


class Migration(migrations.Migration):
    dependencies = [("core", "0004_sets")]
    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", ID),
                ("listing", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.JSONField(default=list)),
                ("is_default", models.BooleanField(default=False, verbose_name="opens with the list")),
                ("created_at", models.DateTimeField()),
                ("user", PERSON),
            ],
            options={
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "listing", "name"), name="savedview_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("user", "listing"),
                        name="savedview_one_default",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", ID),
                ("listing", models.CharField(max_length=40)),
                ("within", models.JSONField(default=dict)),
                ("query", models.JSONField(default=list)),
                ("form", models.CharField(max_length=4, verbose_name="form")),
                (
                    "language",
                    models.CharField(choices=[("en", "English"), ("zh-hans", "简体中文")], default="en", max_length=10),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("expired", "Deleted after a day"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="rows")),
                (
                    "clients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        help_text="Whom the file speaks of, where that ends.",
                        size=None,
                    ),
                ),
                ("seal_id", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("stored", models.CharField(blank=True, max_length=200)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("job_id", models.BigIntegerField(null=True)),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
                ("finished_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True, verbose_name="kept until")),
                ("user", PERSON.clone()),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["user", "-id"], name="export_by_user")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("form__in", ["csv", "xlsx"])), name="export_form_known"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            models.Q(models.Q(("stored", ""), _negated=True), ("expires_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="export_done_stored",
                    ),
                ],
            },
        ),
        wall("core_savedview", column="user_id", read=OWN, write=OWN),
        capture("core_savedview", client="", personal=("name", "query")),
        wall("core_export", column="user_id", read=OWN, write=OWN),
        capture("core_export", client="", personal=("query",), skip=("clients",)),
        migrations.RunSQL(
            "CREATE POLICY insert_export ON core_job FOR INSERT TO steward_app WITH CHECK ("
            "requested_by_id = (SELECT steward_actor()) AND name = 'lists.export'"
            " AND state = 'queued' AND attempts = 0 AND token IS NULL AND finished_at IS NULL)",
            migrations.RunSQL.noop,
        ),
    ]
