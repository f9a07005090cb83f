"""The columns and the index of Steward's contact note, each model with another trail or none."""

from django.db import models
from simple_history.models import HistoricalRecords

from core.models import User


class Columns(models.Model):
    """What a contact note holds."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10)
    people = models.CharField(max_length=200, blank=True)
    confidential = models.BooleanField(default=False)
    text = models.TextField()
    about = models.CharField(max_length=80, blank=True)
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    happened_at = models.DateTimeField()

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["client", "-happened_at", "-id"])]


class PlainNote(Columns):
    """Nobody watches."""


class AuditedNote(Columns):
    """django-auditlog watches."""


class HistoricNote(Columns):
    """django-simple-history watches."""

    history = HistoricalRecords()
