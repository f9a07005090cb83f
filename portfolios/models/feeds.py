"""Bank files, how they are read, and the days on which they leave an account that does not add up."""

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import ClientOwned, User
from portfolios.models.accounts import Account
from portfolios.models.columns import AMOUNT


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
