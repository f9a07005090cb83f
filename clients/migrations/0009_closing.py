"""A relationship ends on a day, by four eyes."""

from django.db import migrations, models
from django.db.models import Q

from core.approvals import declare
from core.walls import capture

ENDED = "UPDATE clients_client SET closed_on = current_date WHERE status = 'closed'"
ANEW = "".join(
    f"DROP TRIGGER steward_capture_{kind} ON clients_contactnote;" for kind in ("insert", "update", "delete")
)


class Migration(migrations.Migration):
    dependencies = [("clients", "0008_openings"), ("core", "0012_erasing")]
    operations = [
        migrations.AddField(
            model_name="client",
            name="closed_on",
            field=models.DateField(blank=True, null=True, verbose_name="relationship ended"),
        ),
        migrations.RunSQL(ENDED, migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="client",
            constraint=models.CheckConstraint(
                condition=Q(status="active", closed_on__isnull=True) | Q(status="closed", closed_on__isnull=False),
                name="client_closed_on_a_day",
            ),
        ),
        migrations.RunSQL(ANEW, migrations.RunSQL.noop),
        capture("clients_contactnote", personal=("text", "people", "about")),
        declare("client:close", asks=("manager", "lead"), decides=("lead", "compliance")),
        declare("client:erase", asks=("compliance",), decides=("compliance",)),
    ]
