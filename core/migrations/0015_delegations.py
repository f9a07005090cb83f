"""A lead who is away lets another one decide."""

from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from core.walls import Reach, capture, wall

SQL = (Path(__file__).parent / "_delegations.sql").read_text()
PERSON = {"on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": settings.AUTH_USER_MODEL}


class Migration(migrations.Migration):
    dependencies = [("core", "0014_packages")]
    operations = [
        migrations.CreateModel(
            name="Delegation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lead", models.ForeignKey(verbose_name="lead", **PERSON)),
                ("deputy", models.ForeignKey(verbose_name="deputy", **PERSON)),
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="when")),
                ("reason", models.TextField(verbose_name="reason")),
                ("given_at", models.DateTimeField(verbose_name="given")),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(condition=~Q(lead=F("deputy")), name="delegation_to_somebody_else"),
                    models.CheckConstraint(
                        condition=Q(valid__isempty=False, valid__upper_inf=False, valid__lower_inf=False),
                        name="delegation_ends",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        name="delegation_one_at_once",
                        expressions=[("lead", "="), ("valid", "&&")],
                    ),
                ],
            },
        ),
        wall(
            "core_delegation",
            column="lead_id",
            read=(Reach.OWN, Reach.COMPLIANCE, Reach.SYSTEM),
            write=(Reach.OWN,),
            internal=True,
        ),
        capture("core_delegation", client="", personal=("reason",)),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
