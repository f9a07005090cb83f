"""Work outside requests."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models.people import User


class Job(models.Model):
    """Work to be done outside a request, and the outbox of it: the row is written with the business change.

    A worker claims it for a lease, finishes it with the token of that claim; Celery only carries the id.
    """

    class State(models.TextChoices):
        """Where the work stands."""

        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    name = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict)
    key = models.CharField(max_length=120, null=True, unique=True, help_text="A second job of one key is not made.")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True)
    due_at = models.DateTimeField(help_text="Not before; while running, the end of the lease.")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="jobs")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["queued", "running", "done", "failed"]), name="job_state")
        ]
        indexes = [
            models.Index(fields=["due_at"], name="job_open_due", condition=Q(state__in=["queued", "running"])),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.arguments} ({self.state})"
