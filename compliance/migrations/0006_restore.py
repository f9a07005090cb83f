"""A restore from a backup is declared by two officers of compliance."""

from django.db import migrations

from core.approvals import declare


class Migration(migrations.Migration):
    dependencies = [("compliance", "0005_erasure"), ("core", "0014_packages")]
    operations = [declare("ledger:restore", asks=("compliance",), decides=("compliance",))]
