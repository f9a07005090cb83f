"""The walls of the compliance room."""

from django.db import migrations

from core.walls import Reach, capture, wall

AFFAIRS = (Reach.VISIBLE, Reach.COMPLIANCE, Reach.SYSTEM)


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_initial"), ("clients", "0002_walls")]
    operations = [
        wall("compliance_hold", read=AFFAIRS, write=(Reach.COMPLIANCE,)),
        capture("compliance_hold"),
        wall("compliance_holdreason", read=(Reach.COMPLIANCE,), write=(Reach.COMPLIANCE,)),
        capture("compliance_holdreason", personal=("text",)),
    ]
