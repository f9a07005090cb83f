"""The rate board: what banks list for deposits, from day to day."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Versioned
from portfolios.models.accounts import Institution
from portfolios.models.columns import AMOUNT, RATE
from portfolios.models.deposits import Contract

TERMS = ("kind", "currency", "term_months", "notice_days", "amount_from")
"""What tells the rates of one bank apart."""


class ListedRate(Versioned):
    """What a bank lists for a kind of deposit (挂牌利率) from ``value_date`` on, until the bank lists another.

    ``amount_from`` is the least sum that earns it (a tier), ``rate`` is empty where the bank lists it no more.
    ``transfer_rate`` is what the bank's treasury pays the desk for such money (内部资金转移价): the rest is margin.
    Without a term ``term_months`` is 0, without notice ``notice_days``.
    """

    Kind = Contract.Kind
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="listed_rates", verbose_name=_("institution")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Contract.Kind)
    currency = models.CharField(_("currency"), max_length=3)
    term_months = models.PositiveSmallIntegerField(_("term in months"), default=0)
    notice_days = models.PositiveSmallIntegerField(_("notice in days"), default=0)
    amount_from = models.DecimalField(_("from the amount"), default=0, **AMOUNT)
    rate = models.DecimalField(_("rate"), null=True, blank=True, **RATE)
    transfer_rate = models.DecimalField(_("transfer rate"), null=True, blank=True, **RATE)
    source = models.CharField(_("source"), max_length=60)

    KEY = ("institution_id", *TERMS)

    class Meta:
        ordering = ["institution", "currency", "kind", "term_months", "amount_from", "-value_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", *TERMS, "value_date"],
                condition=Q(superseded_at__isnull=True),
                name="listedrate_one_belief",
            ),
            models.CheckConstraint(
                condition=Q(kind="demand", term_months=0, notice_days=0)
                | Q(kind="notice", term_months=0, notice_days__in=[1, 7])
                | Q(kind__in=["time", "large_cd", "structured"], term_months__gt=0, notice_days=0),
                name="listedrate_term_of_kind",
            ),
            models.CheckConstraint(condition=Q(amount_from__gte=0), name="listedrate_from_positive"),
        ]
