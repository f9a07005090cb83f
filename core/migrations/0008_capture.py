"""What ``_capture.sql`` says now, for databases that were made before: each row's secrets beside it, without a join."""

from importlib import import_module

from django.db import migrations

sets = import_module("core.migrations.0004_sets")


class Migration(migrations.Migration):
    dependencies = [("core", "0007_trail_filters")]
    operations = [migrations.RunSQL(sets.capture(kind), migrations.RunSQL.noop) for kind in sets.KINDS]
