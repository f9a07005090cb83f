"""Reviews: one for each maturity, one for each cycle, decided by the client's own manager."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.models import ClientOwned, User


class Review(ClientOwned):
    """Something a manager must decide for a client by a date."""

    class Kind(models.TextChoices):
        """What called for it."""

        MATURITY = "maturity", _("Maturity")
        PERIODIC = "periodic", _("Periodic review")

    class Decision(models.TextChoices):
        """What the client wants done; ``reviewed`` closes a periodic review, ``gone`` what the bank ended or moved."""

        RENEW_ALL = "renew_all", _("Renew principal and interest")
        RENEW_PRINCIPAL = "renew_principal", _("Renew principal, pay interest")
        SPLIT = "split", _("Renew a part, pay the rest")
        MOVE = "move", _("Move to another product")
        PAY_OUT = "pay_out", _("Pay out")
        REVIEWED = "reviewed", _("Reviewed")
        GONE = "gone", _("Not due any more")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    maturity = models.OneToOneField("portfolios.Maturity", models.PROTECT, null=True, blank=True, related_name="review")
    period = models.CharField(max_length=10, blank=True, help_text="The cycle it belongs to, such as 2026-Q4.")
    due_on = models.DateField(_("due"))
    opened_at = models.DateTimeField(_("opened"))
    decision = models.CharField(_("decision"), max_length=20, choices=Decision, blank=True)
    note = models.TextField(_("note"), blank=True)
    renew_amount = models.DecimalField(_("part to renew"), max_digits=20, decimal_places=4, null=True, blank=True)
    renew_months = models.PositiveSmallIntegerField(_("term to renew for"), null=True, blank=True)
    evidence = models.ForeignKey(
        "clients.ContactNote",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("said in"),
        help_text="The contact in which the client said so.",
    )
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    silent = models.BooleanField(default=False, help_text="Nobody said by the cut-off; the contract's own word stands.")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "period"], condition=Q(kind="periodic"), name="review_once_per_cycle"
            ),
            models.CheckConstraint(
                condition=Q(kind="maturity", maturity__isnull=False, period="")
                | (Q(kind="periodic", maturity__isnull=True) & ~Q(period="")),
                name="review_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="review_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(decision="split", renew_amount__gt=0) | ~Q(decision="split") & Q(renew_amount__isnull=True),
                name="review_split_renews_a_part",
            ),
            models.CheckConstraint(
                condition=Q(renew_months__isnull=True) | Q(decision__in=["renew_all", "renew_principal", "split"]),
                name="review_term_of_a_renewal",
            ),
            models.CheckConstraint(
                condition=Q(silent=False) | Q(kind="maturity") & ~Q(decision=""), name="review_silent_when_decided"
            ),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], name="review_open", condition=Q(decision="")),
            models.Index(fields=["client", "-due_on"], name="review_by_client"),
        ]

    @property
    def decider(self) -> str:
        """Return who decided, in words; empty while it waits."""
        if self.decision == self.Decision.GONE:
            return gettext("the bank ended or moved it")
        if self.silent:
            return gettext("nobody said; the contract decides")
        return self.decided_by.name if self.decided_by else ""
