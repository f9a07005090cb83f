"""The walls of the portfolios room."""

from django.db import migrations

from core.walls import Reach, capture, wall

EVERY = (Reach.COMPLIANCE, Reach.SYSTEM)
AFFAIRS = (Reach.VISIBLE, *EVERY)
REFERENCE = ("portfolios_institution", "portfolios_instrument", "portfolios_price", "portfolios_fxrate")
FEED = (Reach.OPERATIONS, Reach.SYSTEM)


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0001_initial"), ("clients", "0002_walls")]
    operations = [
        *[wall(table, read=(Reach.SIGNED,), write=FEED) for table in REFERENCE],
        *[capture(table, client="") for table in REFERENCE],
        wall("portfolios_account", read=(Reach.OPERATIONS, *AFFAIRS), write=(Reach.SYSTEM,)),
        capture("portfolios_account", personal=("number",)),
        wall("portfolios_accountparty", read=(Reach.OPERATIONS, *AFFAIRS), write=(Reach.SYSTEM,)),
        capture("portfolios_accountparty"),
        wall("portfolios_deposit", read=AFFAIRS, write=(Reach.COVERED, Reach.SYSTEM), add=(Reach.SYSTEM,)),
        capture("portfolios_deposit"),
        wall("portfolios_maturity", read=AFFAIRS, write=(Reach.SYSTEM,)),
        capture("portfolios_maturity"),
        wall("portfolios_holding", read=AFFAIRS, write=(Reach.SYSTEM,)),
        capture("portfolios_holding"),
        wall("portfolios_transaction", read=AFFAIRS, write=(Reach.SYSTEM,)),
        capture("portfolios_transaction", personal=("counterparty", "text")),
        wall("portfolios_feedrun", read=FEED, write=FEED),
        capture("portfolios_feedrun", client="", skip=("content", "errors")),
    ]
