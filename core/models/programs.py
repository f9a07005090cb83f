"""What programs hold of us: tokens, answers kept for them, webhooks and their calls."""

import datetime as dt
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from core.models.people import User

TOKEN_DAYS = 90


class Token(AbstractAuthToken):  # type: ignore[misc]  # Knox has no types
    """What a program shows instead of a password: it acts as its person. The database keeps only Knox's hash of it."""

    class Scope(models.TextChoices):
        """What a program may do with it."""

        READ = "read", _("Read")
        WRITE = "write", _("Read and write")

    digest = models.CharField(max_length=128, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    created = models.DateTimeField()
    expiry = models.DateTimeField(_("expires"))
    name = models.CharField(_("name"), max_length=60)
    scope = models.CharField(_("scope"), max_length=5, choices=Scope, default=Scope.READ)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects: models.Manager["Token"] = models.Manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=["read", "write"]), name="token_scope_known"),
            models.CheckConstraint(
                condition=Q(expiry__lte=models.F("created") + dt.timedelta(days=TOKEN_DAYS)), name="token_ends"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """What a write was answered, kept for a day under the caller's key: sent again, it has no second effect."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=32, help_text="Keyed digest of the request.")
    clients = ArrayField(models.BigIntegerField(), default=list, help_text="Whom the answer speaks of.")
    status = models.PositiveSmallIntegerField()
    seal_id = models.UUIDField(default=uuid.uuid4)
    sealed = models.BinaryField()
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="answer_once")]


class Webhook(models.Model):
    """An address outside that is called when something happens. Its secret is sealed and was shown once."""

    class State(models.TextChoices):
        """Whether it is called; what happens during a pause is told after it."""

        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        REMOVED = "removed", _("Removed")

    name = models.CharField(_("name"), max_length=60)
    url = models.CharField(_("address"), max_length=500)
    events = ArrayField(models.CharField(max_length=80), verbose_name=_("events"))
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    seal_id = models.UUIDField(default=uuid.uuid4, editable=False)
    secret = models.BinaryField(editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["active", "paused", "removed"]), name="webhook_state_known")
        ]

    def __str__(self) -> str:
        return self.name


class WebhookCall(models.Model):
    """One event on its way to one webhook. ``event`` is the same at every webhook and at every attempt."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="calls")
    event = models.UUIDField(default=uuid.uuid4)
    verb = models.CharField(max_length=80)
    at = models.DateTimeField()
    client_id = models.BigIntegerField(null=True)
    table_name = models.CharField(max_length=63, blank=True)
    row_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="The next attempt, while it waits.")
    tried_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True, help_text="The last answer.")
    reason = models.CharField(max_length=40, blank=True, help_text="Why the last attempt failed.")
    answer = models.CharField(max_length=200, blank=True, help_text="How the last answer began.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="webhookcall_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sent", "failed"]), name="webhookcall_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="webhookcall_log"),
            models.Index(fields=["due_at"], name="webhookcall_open", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.event} ({self.state})"
