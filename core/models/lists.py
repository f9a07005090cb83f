"""What people keep of lists: saved views, files."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models.people import Language, User


class SavedView(models.Model):
    """What a person asks of a list, kept under a name: the words of the address, as pairs."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    listing = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=60)
    query = models.JSONField(default=list)
    is_default = models.BooleanField(_("opens with the list"), default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "listing", "name"], name="savedview_once"),
            models.UniqueConstraint(
                fields=["user", "listing"], condition=Q(is_default=True), name="savedview_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Export(models.Model):
    """A list that a person asked for as a file. The file lies sealed beside the database, for a day."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Deleted after a day")

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    listing = models.CharField(max_length=40)
    within = models.JSONField(default=dict)
    query = models.JSONField(default=list)
    form = models.CharField(_("form"), max_length=4)
    language = models.CharField(max_length=10, choices=Language, default=Language.ENGLISH)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=40, blank=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    clients = ArrayField(models.BigIntegerField(), default=list, help_text="Whom the file speaks of, where that ends.")
    seal_id = models.UUIDField(default=uuid.uuid4, editable=False)
    stored = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    job_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(_("asked"))
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(_("kept until"), null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "-id"], name="export_by_user")]
        constraints = [
            models.CheckConstraint(condition=Q(form__in=["csv", "xlsx", "zip"]), name="export_form_known"),
            models.CheckConstraint(
                condition=~Q(state="done") | (~Q(stored="") & Q(expires_at__isnull=False)), name="export_done_stored"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing} {self.form} ({self.state})"
