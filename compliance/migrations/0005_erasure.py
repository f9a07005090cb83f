"""Legal holds, the end of a relationship, and the erasure of a client: what the database holds of them."""

from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

SQL = (Path(__file__).parent / "_erasure.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [("compliance", "0004_audits"), ("clients", "0009_closing")]
    operations = [
        migrations.AddField(
            model_name="hold",
            name="kind",
            field=models.CharField(
                choices=[("stop", "Stop on decisions"), ("legal", "Legal hold")],
                default="stop",
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.RemoveConstraint(model_name="hold", name="hold_one_open"),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                fields=["client", "kind"], condition=Q(lifted_at__isnull=True), name="hold_one_open"
            ),
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
