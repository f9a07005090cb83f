"""Instruments, how much of them is held, what moved accounts, prices and rates: each in two times."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import ClientOwned, Versioned
from portfolios.models.accounts import Account, Institution, in_language
from portfolios.models.columns import AMOUNT, KEPT_ELSEWHERE, RATE, changes
from portfolios.rules.holdings import Position, Terms


class Instrument(models.Model):
    """Something with a price: a bond, a fund, a share, an insurance policy; or an index, which nobody holds."""

    class AssetClass(models.TextChoices):
        """Where it belongs in the allocation."""

        BOND = "bond", _("Bonds")
        FUND = "fund", _("Funds")
        EQUITY = "equity", _("Equities")
        INSURANCE = "insurance", _("Insurance")
        STRUCTURED = "structured_product", _("Structured products")
        REAL_ESTATE = "real_estate", _("Real estate")
        OPTION = "option", _("Options")
        FUTURE = "future", _("Futures")
        SWAP = "swap", _("Swaps")
        OTHER = "other", _("Other assets")
        INDEX = "index", pgettext_lazy("benchmark", "Index")

    reference = models.CharField(_("reference"), max_length=40, unique=True)
    isin = models.CharField(_("ISIN"), max_length=12, blank=True)
    name = models.CharField(_("name"), max_length=160)
    name_zh = models.CharField(_("Chinese name"), max_length=160, blank=True)
    asset_class = models.CharField(_("asset class"), max_length=20, choices=AssetClass)
    currency = models.CharField(_("currency"), max_length=3)
    issuer = models.ForeignKey(Institution, models.PROTECT, null=True, blank=True, related_name="instruments")
    country = models.CharField(_("country"), max_length=2, blank=True)
    sector = models.CharField(_("sector"), max_length=40, blank=True)
    risk_level = models.PositiveSmallIntegerField(_("risk level"), default=3, help_text="R1 to R5")
    multiplier = models.DecimalField(
        _("multiplier"), default=1, help_text="How many units a price is for: 0.01 where it is for a hundred.", **RATE
    )
    coupon = models.DecimalField(_("coupon"), null=True, blank=True, help_text="A year's, as a fraction.", **RATE)
    coupon_frequency = models.PositiveSmallIntegerField(_("coupons a year"), null=True, blank=True)
    matures_on = models.DateField(_("maturity"), null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(risk_level__range=(1, 5)), name="instrument_risk_level"),
            models.CheckConstraint(condition=Q(multiplier__gt=0), name="instrument_multiplier_positive"),
            models.CheckConstraint(
                condition=Q(coupon__isnull=True, coupon_frequency__isnull=True)
                | Q(coupon__gte=0, coupon_frequency__in=[1, 2, 4, 12], matures_on__isnull=False),
                name="instrument_coupon_whole",
            ),
        ]

    def __str__(self) -> str:
        """Return the name in the language that is active."""
        return in_language(self.name, self.name_zh)

    @property
    def terms(self) -> Terms:
        """Return what its worth depends on besides its price."""
        return Terms(self.asset_class, self.multiplier, self.coupon, self.coupon_frequency, self.matures_on)


class CorporateAction(Versioned):
    """From ``value_date`` on (除权日) there are ``factor`` units of an instrument for each one of before.

    Of a spin-off and a merger they are units of another instrument: beside what was held, and in its place. Without it
    a split would look like something the client brought, and the fall of the price like a loss.
    """

    class Kind(models.TextChoices):
        """What the issuer did."""

        SPLIT = "split", _("Split or consolidation")
        BONUS = "bonus", _("Bonus shares")
        SPIN_OFF = "spin_off", _("Spin-off")
        MERGER = "merger", _("Merger")

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="actions", verbose_name=_("instrument"))
    into = models.ForeignKey(
        Instrument, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("other instrument")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    factor = models.DecimalField(_("units for one"), **RATE)
    source = models.CharField(_("source"), max_length=60)

    class Meta:
        ordering = ["instrument", "value_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "value_date"], condition=Q(superseded_at__isnull=True), name="action_one_belief"
            ),
            models.CheckConstraint(condition=Q(factor__gt=0), name="action_factor_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=("spin_off", "merger"), into__isnull=False)
                | Q(kind__in=("split", "bonus"), into__isnull=True),
                name="action_into_another",
            ),
        ]


class Holding(ClientOwned, Versioned):
    """How much of an instrument an account held on a date, and at what cost."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="holdings", verbose_name=_("account"))
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="holdings", verbose_name=_("instrument"))
    reference = models.CharField(_("reference"), max_length=60)
    quantity = models.DecimalField(_("quantity"), **RATE)
    cost = models.DecimalField(_("cost"), **AMOUNT)

    class Meta:
        ordering = ["client", "reference", "-value_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "value_date"], condition=Q(superseded_at__isnull=True), name="holding_one_belief"
            )
        ]
        indexes = [
            models.Index(fields=["client", "reference", "-value_date"], name="holding_by_client"),
            *changes("holding"),
        ]

    @property
    def position(self) -> Position:
        """Return it as the rules take it."""
        return Position(self.reference, self.account_id, self.instrument_id, self.value_date, self.quantity)


class Lot(ClientOwned, Versioned):
    """What was left of one purchase on a date (批次), and what that part cost in the instrument's currency."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="lots", verbose_name=_("account"))
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="lots", verbose_name=_("instrument"))
    reference = models.CharField(_("reference"), max_length=60)
    acquired_on = models.DateField(_("bought"))
    quantity = models.DecimalField(_("quantity"), **RATE)
    cost = models.DecimalField(_("cost"), **AMOUNT)

    class Meta:
        ordering = ["client", "reference", "-value_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "value_date"], condition=Q(superseded_at__isnull=True), name="lot_one_belief"
            )
        ]
        indexes = [models.Index(fields=["client", "reference", "-value_date"], name="lot_by_client")]


class Transaction(ClientOwned, Versioned):
    """A movement on an account; ``amount`` is signed, credits positive.

    One key of two columns (``movement_account``) holds account and client, so that a movement is its account's owner's;
    the indexes that begin with either serve the keys too.
    """

    class Kind(models.TextChoices):
        """What moved it."""

        CASH = "cash", _("Cash")
        TRANSFER = "transfer", _("Transfer")
        CARD = "card", _("Card")
        INTEREST = "interest", _("Interest")
        DIVIDEND = "dividend", _("Dividend")
        FEE = "fee", _("Fee")
        TRADE = "trade", _("Purchase or sale")
        DEPOSIT = "deposit", _("Deposit placed or repaid")
        OTHER = "other", _("Other")

    client = models.ForeignKey(
        "clients.Client", models.PROTECT, related_name="+", verbose_name=_("client"), **KEPT_ELSEWHERE
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="transactions", verbose_name=_("account"), **KEPT_ELSEWHERE
    )
    reference = models.CharField(_("reference"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    amount = models.DecimalField(_("amount"), **AMOUNT)
    currency = models.CharField(_("currency"), max_length=3)
    balance = models.DecimalField(_("balance after"), null=True, blank=True, **AMOUNT)
    counterparty = models.CharField(_("counterparty"), max_length=200, blank=True)
    text = models.CharField(_("text"), max_length=300, blank=True)
    instrument = models.ForeignKey(
        Instrument,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("instrument"),
        help_text=_("Whose interest, dividend, fee or trade it is."),
    )

    class Meta:
        ordering = ["-value_date", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reference"], condition=Q(superseded_at__isnull=True), name="transaction_one_belief"
            )
        ]
        indexes = [
            models.Index(fields=["client", "-value_date", "-id"], name="transaction_by_client"),
            models.Index(fields=["account", "value_date", "id"], name="transaction_by_account"),
            models.Index(
                fields=["instrument"], condition=Q(instrument__isnull=False), name="transaction_by_instrument"
            ),
            *changes("transaction"),
        ]


class Price(Versioned):
    """The price of an instrument on a date, with its source."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="prices")
    price = models.DecimalField(_("price"), **RATE)
    source = models.CharField(_("source"), max_length=60)
    estimated = models.BooleanField(_("estimated"), default=False)

    class Meta:
        ordering = ["instrument", "-value_date"]
        indexes = changes("price")
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "value_date"], condition=Q(superseded_at__isnull=True), name="price_one_belief"
            ),
        ]


class FxRate(Versioned):
    """How much of ``quote`` one unit of ``base`` is worth on a date."""

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    rate = models.DecimalField(_("rate"), **RATE)
    source = models.CharField(_("source"), max_length=60)

    class Meta:
        ordering = ["base", "quote", "-value_date"]
        indexes = changes("fxrate")
        constraints = [
            models.UniqueConstraint(
                fields=["base", "quote", "value_date"],
                condition=Q(superseded_at__isnull=True),
                name="fxrate_one_belief",
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="fxrate_positive"),
        ]
