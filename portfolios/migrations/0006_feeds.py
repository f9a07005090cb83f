"""Bank files of any shape: mappings, strategies, dry runs, undo; their bytes lie sealed in files."""

import django.db.models.deletion
import uuid

from django.conf import settings
from django.db import migrations, models

from core.walls import Reach, capture, wall

FEED = (Reach.OPERATIONS, Reach.SYSTEM)


class Migration(migrations.Migration):
    dependencies = [
        ("portfolios", "0005_breaks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FeedMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.SlugField(max_length=40, verbose_name="name")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("text", models.TextField(verbose_name="text")),
                ("saved_at", models.DateTimeField(verbose_name="saved")),
            ],
            options={
                "ordering": ["name", "-version"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="feedrun",
            name="feedrun_file_once",
        ),
        migrations.RemoveField(
            model_name="feedrun",
            name="content",
        ),
        migrations.AddField(
            model_name="feedrun",
            name="dry_run",
            field=models.BooleanField(default=False, verbose_name="dry run"),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="encoding",
            field=models.CharField(blank=True, help_text="Empty: detected.", max_length=20, verbose_name="encoding"),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="first_event",
            field=models.BigIntegerField(help_text="The trail's events of it lie after this one,", null=True),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="last_event",
            field=models.BigIntegerField(help_text="and not after this one.", null=True),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="preview",
            field=models.JSONField(default=list, help_text="What a dry run would do: its first rows by fate."),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="seal_id",
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="separator",
            field=models.CharField(blank=True, help_text="Empty: detected.", max_length=1, verbose_name="separator"),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="size",
            field=models.PositiveBigIntegerField(default=0, verbose_name="size"),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="skipped",
            field=models.PositiveIntegerField(default=0, verbose_name="left out"),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="source",
            field=models.CharField(
                choices=[("page", "Page"), ("api", "API"), ("folder", "Watched folder"), ("command", "Command")],
                default="page",
                max_length=7,
                verbose_name="source",
            ),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="stored",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="strategy",
            field=models.CharField(
                choices=[
                    ("both", "Create and update"),
                    ("create", "Only create what is new"),
                    ("update", "Only update what is known"),
                ],
                default="both",
                max_length=6,
                verbose_name="strategy",
            ),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="undone_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="undone_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="xid",
            field=models.CharField(
                blank=True, help_text="The transaction that applied it, as the trail says.", max_length=20
            ),
        ),
        migrations.AlterField(
            model_name="feedrun",
            name="kind",
            field=models.CharField(
                choices=[
                    ("clients", "Clients"),
                    ("accounts", "Accounts"),
                    ("holdings", "Deposits and holdings"),
                    ("transactions", "Transactions"),
                    ("prices", "Prices and rates"),
                    ("mapped", "By mapping"),
                ],
                max_length=15,
                verbose_name="layout",
            ),
        ),
        migrations.AlterField(
            model_name="feedrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("applied", "Applied"),
                    ("refused", "Refused"),
                    ("previewed", "Dry run"),
                    ("discarded", "Discarded"),
                    ("undoing", "Being undone"),
                    ("undone", "Undone"),
                ],
                default="waiting",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="feedmapping",
            name="saved_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="feedrun",
            name="mapping",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="portfolios.feedmapping",
                verbose_name="mapping",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("dry_run", False), ("state__in", ["waiting", "applied", "undoing"])),
                fields=("kind", "mapping", "strategy", "sha256"),
                name="feedrun_file_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="feedrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "mapped"), ("mapping__isnull", False)),
                    models.Q(models.Q(("kind", "mapped"), _negated=True), ("mapping__isnull", True)),
                    _connector="OR",
                ),
                name="feedrun_mapped_by_mapping",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedmapping",
            constraint=models.UniqueConstraint(fields=("name", "version"), name="feedmapping_version_once"),
        ),
        wall("portfolios_feedmapping", read=FEED, write=FEED),
        capture("portfolios_feedmapping", client=""),
        migrations.RunSQL(
            "DROP TRIGGER steward_capture_insert ON portfolios_feedrun;"
            "DROP TRIGGER steward_capture_update ON portfolios_feedrun;"
            "DROP TRIGGER steward_capture_delete ON portfolios_feedrun;",
            migrations.RunSQL.noop,
        ),
        capture("portfolios_feedrun", client="", skip=("errors", "preview")),
        migrations.RunSQL(
            "CREATE POLICY insert_feed ON core_job FOR INSERT TO steward_app WITH CHECK ("
            "requested_by_id = (SELECT steward_actor())"
            " AND name IN ('portfolios.apply_large_feed', 'portfolios.undo_feed')"
            " AND state = 'queued' AND attempts = 0 AND token IS NULL AND finished_at IS NULL)",
            migrations.RunSQL.noop,
        ),
    ]
