"""A client's dedicated manager changes by an approved handover alone."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from core.approvals import declare

SQL = (Path(__file__).parent / "_handover.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("clients", "0006_search_plan"), ("core", "0010_approvals")]
    operations = [
        migrations.AddField(
            "coverage",
            "approval",
            models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.approval",
            ),
        ),
        declare("client:handover", asks=("manager", "lead"), decides=("lead", "compliance")),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
