"""Four eyes: what one person asks for and another decides."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models.people import User


class Approval(models.Model):
    """Something asked for by one person and decided, once, by another; bound to the digest of what was asked.

    The database fills in who asked and when, until when it stands and the digest; nothing of that changes afterwards.
    """

    class State(models.TextChoices):
        """Where it stands. What was not decided in time stays open and cannot be decided any more."""

        OPEN = "open", pgettext_lazy("work", "Open")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    kind = models.CharField(_("kind"), max_length=40)
    content = models.JSONField(help_text="What would be done: numbers of rows and plain values.")
    digest = models.BinaryField(editable=False, help_text="SHA-256 of kind and content.")
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_person = models.UUIDField(default=uuid.uuid4, editable=False)
    asked_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("stands until"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_person = models.UUIDField(null=True, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_digest = models.BinaryField(null=True, editable=False, help_text="Of what the decider was shown.")
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["asked_by", "-id"], name="approval_by_asker")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "approved", "declined", "withdrawn"]), name="approval_state_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="approval_has_reason"),
            models.CheckConstraint(
                condition=Q(state="open", decided_by__isnull=True, decided_person__isnull=True)
                | Q(state="withdrawn", decided_person=F("asked_person"))
                | Q(state__in=["approved", "declined"], decided_digest=F("digest"))
                & ~Q(decided_person=F("asked_person")),
                name="approval_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(decided_by__isnull=False, decided_person__isnull=False),
                name="approval_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"


class Delegation(models.Model):
    """One lead decides for another's team for a while. What was handed on so is not handed on again.

    The database holds that: whoever has handed on the own decisions, or decides for somebody, is not in a second one of
    the other kind at that time, so there is neither a chain nor a ring.
    """

    lead = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("lead"))
    deputy = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("deputy"))
    valid = DateTimeRangeField(_("when"))
    reason = models.TextField(_("reason"))
    given_at = models.DateTimeField(_("given"))

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(lead=F("deputy")), name="delegation_to_somebody_else"),
            models.CheckConstraint(
                condition=Q(valid__isempty=False, valid__upper_inf=False, valid__lower_inf=False),
                name="delegation_ends",
            ),
            ExclusionConstraint(
                name="delegation_one_at_once",
                expressions=[("lead", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead} → {self.deputy}"
