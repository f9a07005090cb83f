"""The trail by what was done, other than rows that changed, and by for whom: both are few among many millions."""

from django.db import migrations

MADE = """
CREATE INDEX auditevent_verb ON core_auditevent (verb, id DESC) WHERE NOT (verb LIKE 'row:%');
CREATE INDEX auditevent_behalf ON core_auditevent (behalf_id, id DESC) WHERE behalf_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0006_programs")]
    operations = [migrations.RunSQL(MADE, "DROP INDEX auditevent_verb; DROP INDEX auditevent_behalf;")]
