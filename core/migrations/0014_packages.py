"""A list may become other files than those of every list: a package of evidence is one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0013_parameters")]
    operations = [
        migrations.RemoveConstraint(model_name="export", name="export_form_known"),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(form__in=["csv", "xlsx", "zip"]), name="export_form_known"
            ),
        ),
    ]
