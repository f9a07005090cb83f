"""The ledger over the trail."""

from pathlib import Path

from django.db import migrations, models

SQL = (Path(__file__).parent / "_ledger.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("compliance", "0002_walls"), ("core", "0009_sealing")]
    operations = [
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
        migrations.RunSQL(
            "CREATE POLICY insert_check ON core_job FOR INSERT TO steward_app WITH CHECK ("
            " requested_by_id = (SELECT steward_actor()) AND (SELECT steward_role()) = 'compliance'"
            " AND name = 'compliance.check_ledger'"
            " AND state = 'queued' AND attempts = 0 AND token IS NULL AND finished_at IS NULL)",
            migrations.RunSQL.noop,
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("place", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_id", models.BigIntegerField()),
            ],
            options={"ordering": ["place"], "managed": False},
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("signed_at", models.DateTimeField()),
                ("below", models.CharField(max_length=20)),
                ("note", models.TextField()),
            ],
            options={"ordering": ["-size"], "managed": False},
        ),
        migrations.CreateModel(
            name="Anchor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.BigIntegerField()),
                ("keeper", models.TextField()),
                ("anchored_at", models.DateTimeField()),
                ("said", models.TextField()),
            ],
            options={"ordering": ["-id"], "managed": False},
        ),
        migrations.CreateModel(
            name="Fingerprint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signed_at", models.DateTimeField()),
                ("lines", models.TextField()),
                ("note", models.TextField()),
            ],
            options={"ordering": ["-id"], "managed": False},
        ),
    ]
