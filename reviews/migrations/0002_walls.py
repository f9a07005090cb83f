"""The wall of the reviews room."""

from django.db import migrations

from core.walls import Reach, capture, wall

AFFAIRS = (Reach.VISIBLE, Reach.COMPLIANCE, Reach.SYSTEM)


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial"), ("clients", "0002_walls")]
    operations = [
        wall("reviews_review", read=AFFAIRS, write=(Reach.COVERED, Reach.SYSTEM), add=(Reach.SYSTEM,)),
        capture("reviews_review", personal=("note",)),
    ]
