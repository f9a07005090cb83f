"""Tasks are counted by version, so that two people who move one see each other."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0003_reach")]
    operations = [
        migrations.AddField(model_name="task", name="version", field=models.PositiveIntegerField(default=1)),
    ]
