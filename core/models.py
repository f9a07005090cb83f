"""Tables every room stands on: people, teams, the trail, jobs and parameters, and the row that belongs to a client."""

import datetime as dt
import uuid
from typing import Any

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

TOKEN_DAYS = 90


class Role(models.TextChoices):
    """What a person does at the desk; ``clients.access`` says what each may do."""

    MANAGER = "manager", _("Relationship manager")
    LEAD = "lead", _("Team lead")
    COMPLIANCE = "compliance", _("Compliance officer")
    OPERATIONS = "operations", _("Operations")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")
    SYSTEM = "system", _("System")


class Language(models.TextChoices):
    """Languages of screens, mails and statements."""

    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


class Team(models.Model):
    """A desk of managers under one lead."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Users(BaseUserManager["User"]):
    """Users by their natural key, the user name."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        """Create a person who may sign in; without a password nobody can."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # tokens: Knox has no types
    """A person of the bank. ``person`` is the human behind the account: four eyes compare persons, not accounts."""

    username = models.CharField(_("user name"), max_length=60, unique=True)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("team")
    )
    person = models.UUIDField(default=uuid.uuid4, editable=False)
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.ENGLISH)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = Users()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email", "name", "role"]

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known")]

    def __str__(self) -> str:
        return self.name

    def check_password(self, raw_password: str | None) -> bool:
        """Compare, without Django's upgrade of the stored hash: nobody acts yet while signing in, so nobody writes."""
        return check_password(raw_password, self.password)

    def has_perm(self, permission: str, obj: models.Model | None = None) -> bool:
        """Ask the authentication backends, so that rooms below ``clients`` need not import its grants.

        A page asks some forty times: the answer for a role is kept with the person while the object lives.
        """
        known: dict[tuple[str, bool, str], bool] = self.__dict__.setdefault("_granted", {})
        asked = (self.role, self.is_active, permission)
        if asked not in known:
            try:
                known[asked] = self.is_active and any(one.has_perm(self, permission, obj) for one in get_backends())
            except PermissionDenied:
                known[asked] = False
        return known[asked]


class ClientOwned(models.Model):
    """A row that belongs to one client: scoped in code, walled in the database, captured by the trail."""

    client = models.ForeignKey("clients.Client", models.PROTECT, related_name="+", verbose_name=_("client"))

    class Meta:
        abstract = True


class Versioned(models.Model):
    """A money row in two times: the business date it speaks of, and the span in which the bank believed it.

    A correction closes the old version (``superseded_at``) and adds a new one; nothing is overwritten.
    """

    value_date = models.DateField(_("value date"))
    known_at = models.DateTimeField(_("known at"))
    superseded_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class AuditEvent(models.Model):
    """One line of the trail: a row changed, or somebody did or saw something. Written by the database only.

    ``body`` is the canonical form (version 1: the text PostgreSQL gives a jsonb object) that ``digest`` hashes.
    """

    at = models.DateTimeField()
    verb = models.CharField(max_length=80)
    table_name = models.CharField(max_length=63)
    row_id = models.BigIntegerField(null=True)
    client_id = models.BigIntegerField(null=True)
    actor = models.ForeignKey(User, models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    behalf = models.ForeignKey(User, models.DO_NOTHING, null=True, related_name="+", db_constraint=False)
    request_id = models.UUIDField(null=True)
    xid = models.CharField(max_length=20)
    body = models.JSONField()
    digest = models.BinaryField()

    class Meta:
        managed = False
        ordering = ["-id"]


class AuditValue(models.Model):
    """The personal values behind an event's commitments, ``{path: [salt in hex, value]}``; erasing deletes the row."""

    event_id = models.BigIntegerField(primary_key=True)
    client_id = models.BigIntegerField(null=True)
    secrets = models.JSONField()

    class Meta:
        managed = False


class Parameters(models.Manager["Parameter"]):
    """Parameters by the date they govern."""

    def value(self, key: str, *, on: dt.date, jurisdiction: str = "*") -> Any:
        """Return the value of ``key`` that governs ``on``.

        Raises:
            Parameter.DoesNotExist: no row covers that date.
        """
        rows = self.filter(key=key, jurisdiction=jurisdiction, valid_from__lte=on)
        return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on)).latest("valid_from").value


class Parameter(models.Model):
    """An effective-dated figure of law or house: limits, thresholds, rates. The row valid on a date governs it."""

    jurisdiction = models.CharField(max_length=10, default="*")
    key = models.CharField(max_length=80)
    value = models.JSONField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300)

    objects = Parameters()

    class Meta:
        ordering = ["key", "jurisdiction", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "key", "valid_from"], name="parameter_once_per_date"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")), name="parameter_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} {self.key} {self.valid_from}"


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


class Token(AbstractAuthToken):  # type: ignore[misc]  # Knox has no types
    """What a program shows instead of a password: it acts as its person. The database keeps only Knox's hash of it."""

    class Scope(models.TextChoices):
        """What a program may do with it."""

        READ = "read", _("Read")
        WRITE = "write", _("Read and write")

    digest = models.CharField(max_length=128, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    created = models.DateTimeField()
    expiry = models.DateTimeField(_("expires"))
    name = models.CharField(_("name"), max_length=60)
    scope = models.CharField(_("scope"), max_length=5, choices=Scope, default=Scope.READ)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects: models.Manager["Token"] = models.Manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=["read", "write"]), name="token_scope_known"),
            models.CheckConstraint(
                condition=Q(expiry__lte=models.F("created") + dt.timedelta(days=TOKEN_DAYS)), name="token_ends"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """What a write was answered, kept for a day under the caller's key: sent again, it has no second effect."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    digest = models.CharField(max_length=32, help_text="Keyed digest of the request.")
    clients = ArrayField(models.BigIntegerField(), default=list, help_text="Whom the answer speaks of.")
    status = models.PositiveSmallIntegerField()
    seal_id = models.UUIDField(default=uuid.uuid4)
    sealed = models.BinaryField()
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="answer_once")]


class Webhook(models.Model):
    """An address outside that is called when something happens. Its secret is sealed and was shown once."""

    class State(models.TextChoices):
        """Whether it is called; what happens during a pause is told after it."""

        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        REMOVED = "removed", _("Removed")

    name = models.CharField(_("name"), max_length=60)
    url = models.CharField(_("address"), max_length=500)
    events = ArrayField(models.CharField(max_length=80), verbose_name=_("events"))
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    seal_id = models.UUIDField(default=uuid.uuid4, editable=False)
    secret = models.BinaryField(editable=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["active", "paused", "removed"]), name="webhook_state_known")
        ]

    def __str__(self) -> str:
        return self.name


class WebhookCall(models.Model):
    """One event on its way to one webhook. ``event`` is the same at every webhook and at every attempt."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="calls")
    event = models.UUIDField(default=uuid.uuid4)
    verb = models.CharField(max_length=80)
    at = models.DateTimeField()
    client_id = models.BigIntegerField(null=True)
    table_name = models.CharField(max_length=63, blank=True)
    row_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="The next attempt, while it waits.")
    tried_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True, help_text="The last answer.")
    reason = models.CharField(max_length=40, blank=True, help_text="Why the last attempt failed.")
    answer = models.CharField(max_length=200, blank=True, help_text="How the last answer began.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="webhookcall_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sent", "failed"]), name="webhookcall_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="webhookcall_log"),
            models.Index(fields=["due_at"], name="webhookcall_open", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.event} ({self.state})"


class SavedView(models.Model):
    """What a person asks of a list, kept under a name: the words of the address, as pairs."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    listing = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=60)
    query = models.JSONField(default=list)
    is_default = models.BooleanField(_("opens with the list"), default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "listing", "name"], name="savedview_once"),
            models.UniqueConstraint(
                fields=["user", "listing"], condition=Q(is_default=True), name="savedview_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Export(models.Model):
    """A list that a person asked for as a file. The file lies sealed beside the database, for a day."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Deleted after a day")

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    listing = models.CharField(max_length=40)
    within = models.JSONField(default=dict)
    query = models.JSONField(default=list)
    form = models.CharField(_("form"), max_length=4)
    language = models.CharField(max_length=10, choices=Language, default=Language.ENGLISH)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=40, blank=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    clients = ArrayField(models.BigIntegerField(), default=list, help_text="Whom the file speaks of, where that ends.")
    seal_id = models.UUIDField(default=uuid.uuid4, editable=False)
    stored = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    job_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(_("asked"))
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(_("kept until"), null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "-id"], name="export_by_user")]
        constraints = [
            models.CheckConstraint(condition=Q(form__in=["csv", "xlsx"]), name="export_form_known"),
            models.CheckConstraint(
                condition=~Q(state="done") | (~Q(stored="") & Q(expires_at__isnull=False)), name="export_done_stored"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing} {self.form} ({self.state})"
