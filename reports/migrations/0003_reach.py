"""One policy a table and kind of statement: what a page asks of the wall is asked once."""

from django.db import migrations

TABLES = [
    "core_job",
    "clients_client",
    "clients_searchkey",
    "clients_coverage",
    "clients_contactpoint",
    "clients_identitydocument",
    "clients_contactnote",
    "clients_task",
    "clients_household",
    "portfolios_account",
    "portfolios_accountparty",
    "portfolios_deposit",
    "portfolios_maturity",
    "portfolios_holding",
    "portfolios_transaction",
    "portfolios_feedrun",
    "compliance_hold",
    "compliance_holdreason",
    "reviews_review",
    "reports_statement",
    "reports_delivery",
]
HOUSEHOLD = """
    ALTER POLICY select_household ON clients_household
        USING (id = ANY ((SELECT steward_households())::bigint[]));
    CREATE POLICY select_operations ON clients_household FOR SELECT TO steward_app
        USING ((SELECT steward_role()) = 'operations');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_walls"),
        ("reviews", "0002_walls"),
        ("compliance", "0002_walls"),
        ("portfolios", "0002_walls"),
        ("clients", "0003_reach"),
    ]
    operations = [
        migrations.RunSQL(HOUSEHOLD, migrations.RunSQL.noop),
        *(migrations.RunSQL(f"SELECT steward_merge('{table}')", migrations.RunSQL.noop) for table in TABLES),
    ]
