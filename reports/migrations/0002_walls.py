"""The walls of the reports room."""

from django.db import migrations

from core.walls import Reach, capture, wall

AFFAIRS = (Reach.VISIBLE, Reach.COMPLIANCE, Reach.SYSTEM)


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial"), ("clients", "0002_walls")]
    operations = [
        wall("reports_statement", read=AFFAIRS, write=(Reach.SYSTEM,)),
        capture("reports_statement", skip=("snapshot",)),
        wall("reports_delivery", read=AFFAIRS, write=(Reach.COVERED, Reach.SYSTEM)),
        capture("reports_delivery", personal=("hint",)),
    ]
