"""Context, trail and walls of the core tables."""

from pathlib import Path

from django.conf import settings
from django.db import migrations

from core.walls import Reach, capture, wall

SQL = (Path(__file__).parent / "_trail.sql").read_text()


def store_key(apps, schema_editor):
    """Give the definer functions the key that signs contexts."""
    schema_editor.execute("INSERT INTO steward_key (key) VALUES (%s)", [settings.CONTEXT_KEY])


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
        migrations.RunPython(store_key, migrations.RunPython.noop),
        migrations.RunSQL(
            "SELECT steward_partition((date_trunc('month', now()) + n * interval '1 month')::date) FROM generate_series(0, 2) n",
            migrations.RunSQL.noop,
        ),
        wall("core_parameter", read=(Reach.SIGNED,), write=(Reach.SYSTEM,)),
        capture("core_parameter", client=""),
        wall(
            "core_job",
            column="requested_by_id",
            read=(Reach.OWN, Reach.OPERATIONS, Reach.SYSTEM),
            add=(Reach.OWN, Reach.SYSTEM),
            write=(Reach.SYSTEM,),
        ),
        migrations.RunSQL(
            "ALTER POLICY insert_own ON core_job WITH CHECK (requested_by_id = (SELECT steward_actor())"
            " AND name IN ('portfolios.apply_feed', 'reports.render', 'reports.deliver')"
            " AND state = 'queued' AND attempts = 0 AND token IS NULL AND finished_at IS NULL)",
            migrations.RunSQL.noop,
        ),
        wall(
            "core_user",
            column="id",
            read=(Reach.ANYBODY,),
            add=(Reach.ADMINISTRATOR, Reach.SYSTEM),
            write=(Reach.OWN, Reach.ADMINISTRATOR, Reach.SYSTEM),
            internal=True,
        ),
        wall("core_team", read=(Reach.ANYBODY,), write=(Reach.ADMINISTRATOR, Reach.SYSTEM), internal=True),
        capture("core_user", client="", personal=("email", "name"), skip=("password", "last_login")),
        capture("core_team", client=""),
    ]
