"""What each client was worth at the end of a day, and how returns are linked to it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import ClientOwned, Versioned
from portfolios.models.columns import AMOUNT


class Valuation(ClientOwned, Versioned):
    """A client's worth at the end of ``value_date`` in the client's currency, as it was computed at ``known_at``.

    Derived: a correction of what it is computed from closes the row and adds another. ``flow`` and ``fees`` are of the
    time since the valued day before; the indices link returns from the first valued day on, after and before fees, and
    are missing where something had no price or rate.
    """

    client = models.ForeignKey(
        "clients.Client", models.PROTECT, related_name="+", verbose_name=_("client"), db_index=False
    )
    currency = models.CharField(_("currency"), max_length=3)
    cash = models.DecimalField(_("cash"), **AMOUNT)
    deposits = models.DecimalField(_("deposits"), **AMOUNT)
    holdings = models.DecimalField(_("holdings"), **AMOUNT)
    flow = models.DecimalField(_("net inflow"), **AMOUNT)
    fees = models.DecimalField(_("fees"), **AMOUNT)
    net_index = models.FloatField(null=True)
    gross_index = models.FloatField(null=True)
    missing = models.PositiveIntegerField(_("without price or rate"))
    stale = models.PositiveIntegerField(_("with an old price"))
    balances = models.JSONField(help_text="Of the cash accounts, in ten thousandths: where the next day goes on.")

    class Meta:
        ordering = ["client", "value_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "value_date"], condition=Q(superseded_at__isnull=True), name="valuation_one_belief"
            )
        ]
        indexes = [
            models.Index(
                fields=["client", "value_date"],
                condition=Q(superseded_at__isnull=False),
                name="valuation_believed_once",
            )
        ]
