"""The trail, as the database writes it."""

from django.db import models

from core.models.people import User


class AuditEvent(models.Model):
    """One line of the trail: a row changed, or somebody did or saw something. Written by the database only.

    ``body`` is the canonical form (version 1: the text PostgreSQL gives a jsonb object) that ``digest`` hashes.
    """

    at = models.DateTimeField()
    verb = models.CharField(max_length=80)
    table_name = models.CharField(max_length=63)
    row_id = models.BigIntegerField(null=True)
    client_id = models.BigIntegerField(null=True)
    actor = models.ForeignKey(User, models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    behalf = models.ForeignKey(User, models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    request_id = models.UUIDField(null=True)
    xid = models.CharField(max_length=20)
    body = models.JSONField()
    digest = models.BinaryField()

    class Meta:
        managed = False
        ordering = ["-id"]


class AuditValue(models.Model):
    """The personal values behind an event's commitments, ``{path: [salt in hex, value]}``; erasing deletes the row."""

    event_id = models.BigIntegerField(primary_key=True)
    client_id = models.BigIntegerField(null=True)
    secrets = models.JSONField()

    class Meta:
        managed = False
