"""A search that never reads all words, and one index of them by client instead of three.

Behind a wall PostgreSQL may not look at how often words occur; it takes every search for one that finds a twentieth of
them, and would rather read them all in order until it has enough.
"""

import django.db.models.deletion

from django.db import migrations, models

PLAN = """
    ALTER FUNCTION steward_search(text[], integer) SET enable_seqscan = off;
    ALTER FUNCTION steward_search(text[], integer) SET enable_indexscan = off;
    DROP INDEX searchkey_client"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0005_search")]
    operations = [
        migrations.RunSQL(PLAN, migrations.RunSQL.noop),
        migrations.AlterField(
            "searchkey",
            "client",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clients.client",
                verbose_name="client",
            ),
        ),
    ]
