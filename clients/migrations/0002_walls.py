"""The walls of the clients room: whom a person may see, and what of it goes to the trail."""

from pathlib import Path

from django.db import migrations

from core.walls import Reach, capture, wall

SQL = (Path(__file__).parent / "_access.sql").read_text()
EVERY = (Reach.COMPLIANCE, Reach.SYSTEM)
NAMES = (Reach.VISIBLE, Reach.OPERATIONS, *EVERY)
AFFAIRS = (Reach.VISIBLE, *EVERY)
COVERING = (Reach.COVERED, Reach.SYSTEM)


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial"), ("core", "0002_trail")]
    operations = [
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
        wall("clients_client", column="id", read=NAMES, write=COVERING, add=(Reach.SYSTEM,), internal=True),
        capture(
            "clients_client",
            client="id",
            personal=("name", "sort_name", "alias", "preferences", "avoid", "born_on", "statement_secret"),
        ),
        wall("clients_household", column="id", read=(Reach.HOUSEHOLD, *EVERY), write=(Reach.SYSTEM,)),
        capture("clients_household", client="", personal=("name",)),
        wall("clients_searchkey", read=NAMES, write=COVERING, internal=True),
        wall("clients_coverage", read=NAMES, write=(Reach.SYSTEM,), internal=True),
        capture("clients_coverage"),
        wall("clients_contactpoint", read=AFFAIRS, write=COVERING),
        capture("clients_contactpoint", personal=("hint", "sealed", "index")),
        wall("clients_identitydocument", read=AFFAIRS, write=COVERING),
        capture("clients_identitydocument", personal=("hint", "sealed", "index")),
        wall("clients_contactnote", read=AFFAIRS, write=COVERING),
        capture("clients_contactnote", personal=("text", "people")),
        wall("clients_task", read=AFFAIRS, write=COVERING),
        capture("clients_task", personal=("text",)),
    ]
