"""A million movements a night: one key for account and client instead of two, and no index twice."""

import django.db.models.deletion

from django.db import migrations, models

KEY = """
    ALTER TABLE portfolios_transaction ADD CONSTRAINT movement_account FOREIGN KEY (account_id, client_id)
    REFERENCES portfolios_account (id, client_id) DEFERRABLE INITIALLY IMMEDIATE"""


def key(name, to, **more):
    """Return a foreign key whose index and constraint are part of others."""
    found = models.ForeignKey(
        to=to,
        on_delete=django.db.models.deletion.PROTECT,
        db_index=False,
        db_constraint=False,
        verbose_name=name,
        **more,
    )
    return migrations.AlterField("transaction", name, found)


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0006_feeds"), ("clients", "0005_search")]
    operations = [
        migrations.AddConstraint("account", models.UniqueConstraint(fields=("id", "client"), name="account_of_client")),
        key("client", "clients.client", related_name="+"),
        key("account", "portfolios.account", related_name="transactions"),
        migrations.RunSQL(KEY, "ALTER TABLE portfolios_transaction DROP CONSTRAINT movement_account"),
    ]
