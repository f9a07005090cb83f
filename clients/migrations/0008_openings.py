"""Clients opened for a while: in an emergency, for a purpose of compliance, as the sample of an audit."""

from pathlib import Path

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.fields import RangeOperators
from django.db import migrations, models
from django.db.models import F, Q

from core.walls import Reach, capture, wall

SQL = (Path(__file__).parent / "_openings.sql").read_text()
PROTECTED = {"on_delete": django.db.models.deletion.PROTECT}
PERSON = {**PROTECTED, "to": settings.AUTH_USER_MODEL}
KINDS = [
    ("emergency", "Opened in an emergency"),
    ("purpose", "Purpose of compliance"),
    ("sample", "Sample of an audit"),
]
PURPOSES = [
    ("alert", "Alert or unusual flow"),
    ("file", "Review of the file"),
    ("complaint", "Complaint"),
    ("authority", "Question of an authority"),
    ("control", "Control of an act or a statement"),
]


class Migration(migrations.Migration):
    dependencies = [("clients", "0007_handover"), ("core", "0011_access_until")]
    operations = [
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "client",
                    models.ForeignKey(related_name="+", to="clients.client", verbose_name="client", **PROTECTED),
                ),
                ("person", models.ForeignKey(related_name="openings", verbose_name="opened to", **PERSON)),
                ("kind", models.CharField(choices=KINDS, max_length=10, verbose_name="kind")),
                (
                    "purpose",
                    models.CharField(blank=True, choices=PURPOSES, max_length=10, verbose_name="purpose"),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("opened_by", models.ForeignKey(related_name="+", verbose_name="opened by", **PERSON)),
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="valid")),
                ("origin", models.CharField(blank=True, max_length=40)),
                (
                    "reviewed_by",
                    models.ForeignKey(null=True, related_name="+", verbose_name="reviewed by", **PERSON),
                ),
                ("reviewed_at", models.DateTimeField(null=True, verbose_name="reviewed")),
                ("finding", models.TextField(blank=True, verbose_name="finding")),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["person", "client"], name="opening_by_person"),
                    models.Index(condition=~Q(origin=""), fields=["origin", "client"], name="opening_by_origin"),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        name="opening_one_at_once",
                        expressions=[
                            ("client", RangeOperators.EQUAL),
                            ("person", RangeOperators.EQUAL),
                            ("kind", RangeOperators.EQUAL),
                            ("origin", RangeOperators.EQUAL),
                            ("valid", RangeOperators.OVERLAPS),
                        ],
                    ),
                    models.CheckConstraint(condition=Q(valid__isempty=False), name="opening_not_empty"),
                    models.CheckConstraint(
                        condition=Q(kind="emergency", purpose="", origin="")
                        | Q(kind="purpose", origin="", person=F("opened_by")) & ~Q(purpose="")
                        | Q(kind="sample", purpose="") & ~Q(origin=""),
                        name="opening_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, finding="")
                        | Q(kind="emergency", reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(finding=""),
                        name="opening_reviewed_by_somebody",
                    ),
                ],
            },
        ),
        wall(
            "clients_opening",
            read=(Reach.COMPLIANCE, Reach.SYSTEM),
            add=(Reach.COMPLIANCE,),
            write=(Reach.COMPLIANCE,),
            internal=True,
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
        capture("clients_opening", personal=("reason", "finding")),
    ]
