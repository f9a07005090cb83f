"""What compliance rules on a client."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import ClientOwned, User


class Hold(ClientOwned):
    """A stop on decisions for a client, placed and lifted by compliance. Managers see that it stands, never why.

    A legal hold stops nothing but erasure, and only compliance knows of it.
    """

    class Kind(models.TextChoices):
        """What waits until it is lifted."""

        STOP = "stop", _("Stop on decisions")
        LEGAL = "legal", _("Legal hold")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.STOP)
    placed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("placed by"))
    placed_at = models.DateTimeField(_("placed"))
    lifted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lifted by")
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    class Meta:
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kind"], condition=Q(lifted_at__isnull=True), name="hold_one_open"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="hold_lifted_by_somebody",
            ),
        ]


class HoldReason(ClientOwned):
    """Why a hold was placed or lifted: for compliance alone, so in a table of its own with its own wall."""

    hold = models.ForeignKey(Hold, models.PROTECT, related_name="reasons")
    text = models.TextField(_("reason"))

    class Meta:
        ordering = ["id"]


class Leaf(models.Model):
    """Which event stands at which place of the ledger. Written by the sealer only, like the next two."""

    place = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField()

    class Meta:
        managed = False
        ordering = ["place"]


class Checkpoint(models.Model):
    """What the ledger signed: ``size`` events under this root. ``note`` is the text that a stranger checks."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    signed_at = models.DateTimeField()
    below = models.CharField(max_length=20)
    note = models.TextField()

    class Meta:
        managed = False
        ordering = ["-size"]

    @property
    def short_root(self) -> str:
        """Return the beginning of the root, as statements and mails print it."""
        return bytes(self.root).hex()[:16]


class Anchor(models.Model):
    """Who outside the database took note of a checkpoint: a witness with its cosignature, or the folder."""

    size = models.BigIntegerField()
    keeper = models.TextField()
    anchored_at = models.DateTimeField()
    said = models.TextField()

    class Meta:
        managed = False
        ordering = ["-id"]


class Fingerprint(models.Model):
    """What guards the trail, line by line, as it was signed at a release; the newest one counts."""

    signed_at = models.DateTimeField()
    lines = models.TextField()
    note = models.TextField()

    class Meta:
        managed = False
        ordering = ["-id"]


class TsTzRange(models.Func):
    """The span between two instants."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Audit(models.Model):
    """A look from outside: clients drawn by a seed out of all there were, open to one auditor until a minute.

    Client numbers are ordered by SHA-256 of ``seed:number``; the first ``size`` are the sample. Anybody with the seed
    and the numbers draws the same.
    """

    title = models.CharField(_("title"), max_length=120)
    auditor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("auditor"))
    seed = models.CharField(_("seed"), max_length=64)
    size = models.PositiveIntegerField(_("clients"))
    population = models.PositiveIntegerField(_("out of"))
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("drawn by"))
    drawn_at = models.DateTimeField(_("drawn"))
    ends_at = models.DateTimeField(_("ends"))

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=F("population")), name="audit_size"),
            models.CheckConstraint(condition=~Q(seed="") & ~Q(title=""), name="audit_named"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("drawn_at")), name="audit_span"),
            ExclusionConstraint(
                name="audit_one_at_once",
                expressions=[
                    ("auditor", RangeOperators.EQUAL),
                    (TsTzRange("drawn_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def origin(self) -> str:
        """Return what the openings of its sample name."""
        return f"audit:{self.pk}"
