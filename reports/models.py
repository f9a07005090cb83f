"""Statements frozen for a period, and their delivery."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import ClientOwned, Language


class Statement(ClientOwned):
    """What the bank said to a client of a period: values frozen with a digest, then one PDF, stored once."""

    period_start = models.DateField(_("from"))
    period_end = models.DateField(_("to"))
    version = models.PositiveSmallIntegerField(default=1)
    language = models.CharField(_("language"), max_length=10, choices=Language)
    snapshot = models.JSONField()
    digest = models.CharField(_("digest"), max_length=64)
    frozen_at = models.DateTimeField(_("frozen"))
    pdf_name = models.CharField(max_length=200, blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField(_("pages"), null=True)
    rendered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-period_end", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "period_start", "period_end", "version"], name="statement_once"),
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="statement_period"),
        ]


class Delivery(ClientOwned):
    """One statement on its way to one address, claimed for a lease by the sender."""

    class State(models.TextChoices):
        """How far it came. ``unknown``: the relay may have it, only a person may decide to send again."""

        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")
        SKIPPED = "skipped", _("Not sent")

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="deliveries")
    attempt = models.PositiveSmallIntegerField(
        _("attempt"), default=1, help_text="A new one when a person sends again."
    )
    message_id = models.UUIDField(default=uuid.uuid4, unique=True)
    hint = models.CharField(_("recipient"), max_length=40, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created"))
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["statement", "attempt"], name="delivery_once")]
