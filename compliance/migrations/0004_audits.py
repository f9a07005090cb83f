"""Audits: drawn by a seed, open to one auditor until a minute."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import migrations, models
from django.db.models import F, Q

import compliance.models
from core.walls import Reach, capture, wall

SQL = (Path(__file__).parent / "_audits.sql").read_text()
PERSON = {"on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": settings.AUTH_USER_MODEL}


class Migration(migrations.Migration):
    dependencies = [("clients", "0008_openings"), ("compliance", "0003_ledger")]
    operations = [
        migrations.CreateModel(
            name="Audit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("auditor", models.ForeignKey(verbose_name="auditor", **PERSON)),
                ("seed", models.CharField(max_length=64, verbose_name="seed")),
                ("size", models.PositiveIntegerField(verbose_name="clients")),
                ("population", models.PositiveIntegerField(verbose_name="out of")),
                ("drawn_by", models.ForeignKey(verbose_name="drawn by", **PERSON)),
                ("drawn_at", models.DateTimeField(verbose_name="drawn")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(condition=Q(size__gt=0, size__lte=F("population")), name="audit_size"),
                    models.CheckConstraint(condition=~Q(seed="") & ~Q(title=""), name="audit_named"),
                    models.CheckConstraint(condition=Q(ends_at__gt=F("drawn_at")), name="audit_span"),
                    ExclusionConstraint(
                        name="audit_one_at_once",
                        expressions=[
                            ("auditor", RangeOperators.EQUAL),
                            (compliance.models.TsTzRange("drawn_at", "ends_at"), RangeOperators.OVERLAPS),
                        ],
                    ),
                ],
            },
        ),
        wall(
            "compliance_audit",
            read=(Reach.COMPLIANCE, Reach.SYSTEM),
            add=(Reach.COMPLIANCE,),
            write=(Reach.COMPLIANCE,),
            internal=True,
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
        capture("compliance_audit", client=""),
    ]
