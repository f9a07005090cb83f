"""Deposit contracts, what they said before, what came to them or left, and the days on which they fall due."""

from collections.abc import Sequence

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import ClientOwned, Versioned
from portfolios.models.accounts import Account, Institution
from portfolios.models.columns import AMOUNT, RATE
from portfolios.rules.deposits import Change


class Contract(ClientOwned, Versioned):
    """What a deposit contract says. ``value_date`` is the day interest begins (起息日)."""

    class Kind(models.TextChoices):
        """The five kinds of deposit."""

        DEMAND = "demand", _("Demand deposit")
        TIME = "time", _("Time deposit")
        NOTICE = "notice", _("Call (notice) deposit")
        LARGE_CD = "large_cd", _("Large-denomination CD")
        STRUCTURED = "structured", _("Structured deposit")

    class Instruction(models.TextChoices):
        """What happens at maturity if nobody decides otherwise (转存)."""

        NONE = "none", _("Pay out")
        PRINCIPAL = "principal", _("Renew principal")
        ALL = "all", _("Renew principal and interest")
        PART = "part", _("Renew a part")

    class DayCount(models.TextChoices):
        """How days become a fraction of a year."""

        ACT_360 = "ACT/360", "ACT/360"
        ACT_365F = "ACT/365F", "ACT/365F"
        THIRTY_360 = "30/360", "30/360"

    account = models.ForeignKey(Account, models.PROTECT, related_name="%(class)ss", verbose_name=_("account"))
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="%(class)ss", verbose_name=_("institution")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    currency = models.CharField(_("currency"), max_length=3)
    principal = models.DecimalField(_("principal"), **AMOUNT)
    rate = models.DecimalField(_("rate"), **RATE)
    day_count = models.CharField(_("day count"), max_length=10, choices=DayCount, default=DayCount.ACT_360)
    term_months = models.PositiveSmallIntegerField(_("term in months"), null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField(_("notice in days"), null=True, blank=True)
    matures_on = models.DateField(_("maturity"), null=True, blank=True)
    instruction = models.CharField(_("instruction"), max_length=10, choices=Instruction, default=Instruction.NONE)
    renew_amount = models.DecimalField(_("part to renew"), null=True, blank=True, **AMOUNT)
    renew_months = models.PositiveSmallIntegerField(_("term to renew for"), null=True, blank=True)
    renew_rate = models.DecimalField(_("rate agreed for it"), null=True, blank=True, **RATE)
    closed_on = models.DateField(_("closed"), null=True, blank=True)

    class Meta:
        abstract = True


class Deposit(Contract):
    """A deposit contract as the bank believes it now; ``DepositTerms`` are what it said before.

    ``moved`` are the changes of its principal, in order, for whoever read them with it.
    """

    moved: Sequence[Change] = ()
    reference = models.CharField(_("contract"), max_length=40, unique=True)

    class Meta:
        ordering = ["matures_on", "id"]
        indexes = [
            models.Index(fields=["matures_on", "id"], name="deposit_maturing", condition=Q(closed_on__isnull=True)),
            models.Index(fields=["client", "matures_on"], name="deposit_by_client"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(principal__gte=0), name="deposit_principal_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=["demand", "notice"]) | Q(matures_on__gt=F("value_date")),
                name="deposit_term_matures",
            ),
            models.CheckConstraint(condition=~Q(kind="notice") | Q(notice_days__in=[1, 7]), name="deposit_notice_days"),
            models.CheckConstraint(
                condition=Q(instruction="part", renew_amount__gt=0, renew_amount__lte=F("principal"))
                | ~Q(instruction="part") & Q(renew_amount__isnull=True),
                name="deposit_part_renewed",
            ),
            models.CheckConstraint(
                condition=~Q(instruction="none") | Q(renew_months__isnull=True, renew_rate__isnull=True),
                name="deposit_paid_out_without_terms",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class DepositTerms(Contract):
    """What a contract said until it was corrected or instructed. The database writes these rows, and nobody else."""

    deposit = models.ForeignKey(
        Deposit,
        models.DO_NOTHING,
        related_name="terms",
        db_constraint=False,
        help_text="The database keeps and ends it.",
    )

    class Meta:
        ordering = ["deposit", "superseded_at", "id"]
        indexes = [models.Index(fields=["client", "superseded_at"], name="depositterms_by_client")]


class DepositChange(ClientOwned, Versioned):
    """From ``value_date`` on a contract lends ``amount`` more, or less as negative (部分提前支取).

    A contract's principal is the one after the last change; without them it was the same since its value date.
    """

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="changes", verbose_name=_("contract"))
    amount = models.DecimalField(_("amount"), **AMOUNT)

    class Meta:
        ordering = ["deposit", "value_date"]
        indexes = [models.Index(fields=["client", "value_date"], name="depositchange_by_client")]
        constraints = [
            models.UniqueConstraint(
                fields=["deposit", "value_date"],
                condition=Q(superseded_at__isnull=True),
                name="depositchange_one_belief",
            )
        ]


class Maturity(ClientOwned):
    """One day on which one deposit falls due. Unique per deposit and date; reviews pull it."""

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="maturities")
    due_on = models.DateField(_("due"))

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [models.UniqueConstraint(fields=["deposit", "due_on"], name="maturity_once_per_date")]
        indexes = [models.Index(fields=["due_on", "id"], name="maturity_by_date")]


class RateException(ClientOwned):
    """A rate above the board that two people agreed on for what a deposit's maturity is renewed for (利率例外).

    It says what they were shown: the rate that was listed and what the treasury pays. The latest of a term holds.
    """

    maturity = models.ForeignKey(Maturity, models.PROTECT, related_name="exceptions")
    term_months = models.PositiveSmallIntegerField(_("term in months"))
    rate = models.DecimalField(_("rate"), **RATE)
    listed_rate = models.DecimalField(_("listed rate"), **RATE)
    transfer_rate = models.DecimalField(_("transfer rate"), **RATE)
    approval = models.OneToOneField("core.Approval", models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(_("granted"))

    class Meta:
        ordering = ["maturity", "term_months", "-id"]
        indexes = [models.Index(fields=["client"], name="rateexception_by_client")]
        constraints = [
            models.CheckConstraint(condition=Q(rate__gt=F("listed_rate")), name="rateexception_above_the_board")
        ]
