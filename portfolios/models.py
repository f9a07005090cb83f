"""What clients hold and where: institutions, accounts, deposits, holdings, movements, prices, rates, bank files."""

import uuid
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.models import ClientOwned, User, Versioned

AMOUNT: dict[str, Any] = {"max_digits": 20, "decimal_places": 4}
RATE: dict[str, Any] = {"max_digits": 20, "decimal_places": 10}
KEPT_ELSEWHERE: dict[str, Any] = {"db_index": False, "db_constraint": False}
"""A foreign key whose index begins another and whose constraint is part of a wider one."""


class Institution(models.Model):
    """A licensed bank or an issuer. Insurance and limits count per licence, not per brand."""

    reference = models.CharField(_("reference"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    licence = models.CharField(_("licence"), max_length=40)
    country = models.CharField(_("country"), max_length=2)
    is_bank = models.BooleanField(_("bank"), default=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        """Return the name in the language that is active."""
        return self.name_zh if self.name_zh and (get_language() or "").startswith("zh") else self.name


class Account(ClientOwned):
    """An account of a client with an institution; ``client`` is the first owner."""

    class Kind(models.TextChoices):
        """What it holds."""

        CASH = "cash", _("Cash account")
        CUSTODY = "custody", _("Custody account")

    reference = models.CharField(_("reference"), max_length=40, unique=True)
    number = models.CharField(_("number"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CASH)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="accounts", verbose_name=_("institution"))
    currency = models.CharField(_("currency"), max_length=3)
    opened_on = models.DateField(_("opened"))
    closed_on = models.DateField(_("closed"), null=True, blank=True)

    class Meta:
        ordering = ["client", "reference"]
        constraints = [models.UniqueConstraint(fields=["id", "client"], name="account_of_client")]

    def __str__(self) -> str:
        return self.reference


class AccountParty(ClientOwned):
    """A further client who may operate an account: a joint owner or a disponent. ``client`` is that person."""

    class Capacity(models.TextChoices):
        """In which capacity."""

        OWNER = "owner", _("Owner")
        JOINT = "joint", _("Joint owner")
        DISPONENT = "disponent", _("Authorised to operate")

    account = models.ForeignKey(Account, models.PROTECT, related_name="parties")
    capacity = models.CharField(_("capacity"), max_length=10, choices=Capacity)

    class Meta:
        ordering = ["account", "capacity", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "client"], name="accountparty_once")]


class Deposit(ClientOwned, Versioned):
    """A deposit contract. ``value_date`` is the day interest begins (起息日)."""

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

    account = models.ForeignKey(Account, models.PROTECT, related_name="deposits", verbose_name=_("account"))
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="deposits", verbose_name=_("institution"))
    reference = models.CharField(_("contract"), max_length=40, unique=True)
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
    closed_on = models.DateField(_("closed"), null=True, blank=True)

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
        ]

    def __str__(self) -> str:
        return self.reference


class Maturity(ClientOwned):
    """One day on which one deposit falls due. Unique per deposit and date; reviews pull it."""

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="maturities")
    due_on = models.DateField(_("due"))

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [models.UniqueConstraint(fields=["deposit", "due_on"], name="maturity_once_per_date")]
        indexes = [models.Index(fields=["due_on", "id"], name="maturity_by_date")]


class Instrument(models.Model):
    """Something with a price: a bond, a fund, a share, an insurance policy."""

    class AssetClass(models.TextChoices):
        """Where it belongs in the allocation."""

        BOND = "bond", _("Bonds")
        FUND = "fund", _("Funds")
        EQUITY = "equity", _("Equities")
        INSURANCE = "insurance", _("Insurance")
        OTHER = "other", _("Other assets")

    reference = models.CharField(_("reference"), max_length=40, unique=True)
    isin = models.CharField(_("ISIN"), max_length=12, blank=True)
    name = models.CharField(_("name"), max_length=160)
    name_zh = models.CharField(_("Chinese name"), max_length=160, blank=True)
    asset_class = models.CharField(_("asset class"), max_length=10, choices=AssetClass)
    currency = models.CharField(_("currency"), max_length=3)
    issuer = models.ForeignKey(Institution, models.PROTECT, null=True, blank=True, related_name="instruments")
    country = models.CharField(_("country"), max_length=2, blank=True)
    sector = models.CharField(_("sector"), max_length=40, blank=True)
    risk_level = models.PositiveSmallIntegerField(_("risk level"), default=3, help_text="R1 to R5")

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.CheckConstraint(condition=Q(risk_level__range=(1, 5)), name="instrument_risk_level")]

    def __str__(self) -> str:
        return self.name


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
        indexes = [models.Index(fields=["client", "reference", "-value_date"], name="holding_by_client")]


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
        ]


class Price(Versioned):
    """The price of an instrument on a date, with its source."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="prices")
    price = models.DecimalField(_("price"), **RATE)
    source = models.CharField(_("source"), max_length=60)

    class Meta:
        ordering = ["instrument", "-value_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "value_date"], condition=Q(superseded_at__isnull=True), name="price_one_belief"
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="price_not_negative"),
        ]


class FxRate(Versioned):
    """How much of ``quote`` one unit of ``base`` is worth on a date."""

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    rate = models.DecimalField(_("rate"), **RATE)
    source = models.CharField(_("source"), max_length=60)

    class Meta:
        ordering = ["base", "quote", "-value_date"]
        constraints = [
            models.UniqueConstraint(
                fields=["base", "quote", "value_date"],
                condition=Q(superseded_at__isnull=True),
                name="fxrate_one_belief",
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="fxrate_positive"),
        ]


class FeedMapping(models.Model):
    """How an extract of another shape is read, in a version that never changes; the newest of a name is in use."""

    name = models.SlugField(_("name"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"))
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    saved_at = models.DateTimeField(_("saved"))

    class Meta:
        ordering = ["name", "-version"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="feedmapping_version_once")]

    def __str__(self) -> str:
        return self.name


class FeedRun(models.Model):
    """One bank file, applied whole or not at all. Its bytes lie sealed in a file and go when they are not needed."""

    class Kind(models.TextChoices):
        """Which layout."""

        CLIENTS = "clients", _("Clients")
        ACCOUNTS = "accounts", _("Accounts")
        HOLDINGS = "holdings", _("Deposits and holdings")
        TRANSACTIONS = "transactions", _("Transactions")
        PRICES = "prices", _("Prices and rates")
        MAPPED = "mapped", _("By mapping")

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", _("Waiting")
        APPLIED = "applied", _("Applied")
        REFUSED = "refused", _("Refused")
        PREVIEWED = "previewed", _("Dry run")
        DISCARDED = "discarded", _("Discarded")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    class Strategy(models.TextChoices):
        """What it may do."""

        BOTH = "both", _("Create and update")
        CREATE = "create", _("Only create what is new")
        UPDATE = "update", _("Only update what is known")

    class Source(models.TextChoices):
        """How it came."""

        PAGE = "page", _("Page")
        API = "api", _("API")
        FOLDER = "folder", _("Watched folder")
        COMMAND = "command", _("Command")

    kind = models.CharField(_("layout"), max_length=15, choices=Kind)
    mapping = models.ForeignKey(FeedMapping, models.PROTECT, null=True, related_name="runs", verbose_name=_("mapping"))
    strategy = models.CharField(_("strategy"), max_length=6, choices=Strategy, default=Strategy.BOTH)
    dry_run = models.BooleanField(_("dry run"), default=False)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True, help_text="Empty: detected.")
    separator = models.CharField(_("separator"), max_length=1, blank=True, help_text="Empty: detected.")
    source = models.CharField(_("source"), max_length=7, choices=Source, default=Source.PAGE)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    seal_id = models.UUIDField(default=uuid.uuid4, editable=False)
    stored = models.CharField(max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    created = models.PositiveIntegerField(_("created"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    skipped = models.PositiveIntegerField(_("left out"), default=0)
    errors = models.JSONField(_("errors"), default=list, help_text="Lines of {line, field, message}.")
    preview = models.JSONField(default=list, help_text="What a dry run would do: its first rows by fate.")
    xid = models.CharField(max_length=20, blank=True, help_text="The transaction that applied it, as the trail says.")
    first_event = models.BigIntegerField(null=True, help_text="The trail's events of it lie after this one,")
    last_event = models.BigIntegerField(null=True, help_text="and not after this one.")
    job_id = models.BigIntegerField(null=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="feed_runs", verbose_name=_("by"))
    uploaded_at = models.DateTimeField(_("received"))
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "mapping", "strategy", "sha256"],
                condition=Q(state__in=["waiting", "applied", "undoing"], dry_run=False),
                nulls_distinct=False,
                name="feedrun_file_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="mapped", mapping__isnull=False) | ~Q(kind="mapped") & Q(mapping__isnull=True),
                name="feedrun_mapped_by_mapping",
            ),
        ]


class Break(ClientOwned):
    """A day on which an account's movements do not lead to the balance the bank wrote, until somebody has closed it."""

    class Kind(models.TextChoices):
        """Why the day may not add up."""

        ROUNDED = "rounded", _("Rounding")
        CUT = "cut", _("Day cut short")
        UNEXPLAINED = "unexplained", _("Unexplained")

    class State(models.TextChoices):
        """Where it stands; an explained one stays known and quiet while the day says the same."""

        OPEN = "open", pgettext_lazy("work", "Open")
        EXPLAINED = "explained", _("Explained")
        RESOLVED = "resolved", _("Resolved")

    account = models.ForeignKey(Account, models.PROTECT, related_name="breaks", verbose_name=_("account"))
    day = models.DateField(_("day"))
    expected = models.DecimalField(_("expected"), **AMOUNT)
    found = models.DecimalField(_("found"), **AMOUNT)
    currency = models.CharField(_("currency"), max_length=3)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    run = models.ForeignKey(FeedRun, models.PROTECT, related_name="breaks", verbose_name=_("file"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="breaks")
    note = models.TextField(_("note"), max_length=1000, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], condition=~Q(state="resolved"), name="break_once_a_day"),
            models.CheckConstraint(condition=~Q(state="explained") | ~Q(note=""), name="break_explained_in_words"),
            models.CheckConstraint(
                condition=Q(state="resolved", closed_at__isnull=False, closed_by__isnull=False)
                | Q(closed_at__isnull=True, closed_by__isnull=True) & ~Q(state="resolved"),
                name="break_closed_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["client", "account"], name="break_of_client", condition=~Q(state="resolved"))]

    @property
    def difference(self) -> Decimal:
        """Return how far the bank's balance is from what was due."""
        return self.found - self.expected
