"""Clients and what the desk knows of them: household, coverage, contacts, documents, the contact log, promises."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import Approval, ClientOwned, Language, User


class Household(models.Model):
    """A family or circle of clients. It is a view over separate owners, never a merge."""

    reference = models.CharField(_("reference"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Client(models.Model):
    """A depositor: a person, a company or a trust."""

    class Kind(models.TextChoices):
        """What the client is in law."""

        PERSON = "person", _("Person")
        COMPANY = "company", _("Company")
        TRUST = "trust", _("Trust")

    class Tier(models.TextChoices):
        """The service level, by wealth kept with the bank."""

        HNW = "hnw", _("High net worth")
        PRIVATE = "private", _("Private banking")
        ULTRA = "ultra", _("Ultra")

    class Status(models.TextChoices):
        """Whether the relationship lives."""

        ACTIVE = "active", _("Active")
        CLOSED = "closed", _("Closed")

    reference = models.CharField(_("reference"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=200)
    sort_name = models.CharField(max_length=400, help_text="The name in pinyin or lower case, for order.")
    alias = models.CharField(_("alias"), max_length=200, blank=True)
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("household")
    )
    tier = models.CharField(_("tier"), max_length=10, choices=Tier, default=Tier.HNW)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.CHINESE)
    base_currency = models.CharField(_("base currency"), max_length=3, default="CNY")
    born_on = models.DateField(_("born or founded on"), null=True, blank=True)
    domicile = models.CharField(_("domicile"), max_length=2, default="CN")
    preferences = models.TextField(_("preferences"), blank=True)
    avoid = models.TextField(_("do not raise"), blank=True)
    closed_on = models.DateField(_("relationship ended"), null=True, blank=True)
    consented_on = models.DateField(_("consent to statements by e-mail"), null=True, blank=True)
    seal_id = models.UUIDField(default=uuid.uuid4, editable=False)
    statement_secret = models.BinaryField(null=True, editable=False)
    invented = models.JSONField(default=list, help_text="Fields that the source did not have and a loader invented.")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["sort_name", "id"]
        indexes = [models.Index(fields=["sort_name", "id"], name="client_by_name")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["person", "company", "trust"]), name="client_kind_known"),
            models.CheckConstraint(condition=Q(status__in=["active", "closed"]), name="client_status_known"),
            models.CheckConstraint(condition=~Q(name=""), name="client_has_name"),
            models.CheckConstraint(
                condition=Q(status="active", closed_on__isnull=True) | Q(status="closed", closed_on__isnull=False),
                name="client_closed_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SearchKey(ClientOwned):
    """A word by which a client is found: name, pinyin, alias, reference, account tail. Derived, never the truth."""

    client = models.ForeignKey("Client", models.PROTECT, related_name="+", db_index=False, verbose_name=_("client"))
    kind = models.CharField(max_length=12)
    value = models.CharField(max_length=400)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "kind", "value"], name="searchkey_once")]


class Coverage(ClientOwned):
    """Who looks after a client, from when to when. Access begins and ends with it, by the database's clock."""

    class Kind(models.TextChoices):
        """In what part."""

        PRIMARY = "primary", _("Dedicated manager")
        BACKUP = "backup", _("Back-up")
        ABSENCE = "absence", _("Absence cover")

    manager = models.ForeignKey(User, models.PROTECT, related_name="coverages", verbose_name=_("manager"))
    kind = models.CharField(_("part"), max_length=10, choices=Kind)
    valid = DateTimeRangeField(_("valid"))
    approval = models.ForeignKey(Approval, models.PROTECT, null=True, blank=True, related_name="+", editable=False)

    class Meta:
        ordering = ["client", "kind", "-id"]
        constraints = [
            ExclusionConstraint(
                name="coverage_one_primary_at_once",
                expressions=[("client", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
                condition=Q(kind="primary"),
            ),
            ExclusionConstraint(
                name="coverage_one_part_at_once",
                expressions=[
                    ("client", RangeOperators.EQUAL),
                    ("manager", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="coverage_not_empty"),
        ]
        indexes = [models.Index(fields=["manager", "client"], name="coverage_by_manager")]


class Opening(ClientOwned):
    """A client opened to a person for a while and for a stated reason; it ends by itself, and every look is marked.

    ``emergency``: compliance opens one client to somebody who does not cover it, for an hour at most. ``purpose``: why
    an officer of compliance looks. ``sample``: an audit drew the client for its auditor; ``origin`` names the audit.
    """

    class Kind(models.TextChoices):
        """Of what sort."""

        EMERGENCY = "emergency", _("Opened in an emergency")
        PURPOSE = "purpose", _("Purpose of compliance")
        SAMPLE = "sample", _("Sample of an audit")

    class Purpose(models.TextChoices):
        """Why compliance looks."""

        ALERT = "alert", _("Alert or unusual flow")
        FILE = "file", _("Review of the file")
        COMPLAINT = "complaint", _("Complaint")
        AUTHORITY = "authority", _("Question of an authority")
        CONTROL = "control", _("Control of an act or a statement")

    person = models.ForeignKey(User, models.PROTECT, related_name="openings", verbose_name=_("opened to"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("opened by"))
    valid = DateTimeRangeField(_("valid"))
    origin = models.CharField(max_length=40, blank=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("reviewed by"))
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)
    finding = models.TextField(_("finding"), blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "client"], name="opening_by_person"),
            models.Index(fields=["origin", "client"], name="opening_by_origin", condition=~Q(origin="")),
        ]
        constraints = [
            ExclusionConstraint(
                name="opening_one_at_once",
                expressions=[
                    ("client", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("origin", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="opening_not_empty"),
            models.CheckConstraint(
                condition=Q(kind="emergency", purpose="", origin="")
                | Q(kind="purpose", origin="", person=F("opened_by")) & ~Q(purpose="")
                | Q(kind="sample", purpose="") & ~Q(origin=""),
                name="opening_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, finding="")
                | Q(kind="emergency", reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(finding=""),
                name="opening_reviewed_by_somebody",
            ),
        ]


class ContactPoint(ClientOwned):
    """A phone, e-mail or address, sealed; found by its whole value or a phone's last four digits only."""

    class Kind(models.TextChoices):
        """Which channel it belongs to."""

        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        ADDRESS = "address", _("Address")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    seal_id = models.UUIDField(default=uuid.uuid4, editable=False)
    sealed = models.BinaryField()
    index = models.CharField(max_length=32, db_index=True)
    hint = models.CharField(_("hint"), max_length=40, help_text="What lists show: the value masked.")
    preferred = models.BooleanField(_("preferred"), default=False)

    class Meta:
        ordering = ["client", "kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "kind", "index"], name="contactpoint_once"),
            models.UniqueConstraint(
                fields=["client", "kind"], condition=Q(preferred=True), name="contactpoint_one_preferred"
            ),
        ]


class IdentityDocument(ClientOwned):
    """A document that proves identity, its number sealed."""

    class Kind(models.TextChoices):
        """Which document."""

        RESIDENT_ID = "resident_id", _("Resident identity card")
        PASSPORT = "passport", _("Passport")
        USCC = "uscc", _("Unified social credit code")
        TRUST_DEED = "trust_deed", _("Trust deed")
        OTHER = "other", _("Other document")

    kind = models.CharField(_("document"), max_length=12, choices=Kind)
    country = models.CharField(_("country"), max_length=2)
    seal_id = models.UUIDField(default=uuid.uuid4, editable=False)
    sealed = models.BinaryField()
    index = models.CharField(max_length=32, db_index=True)
    hint = models.CharField(_("number"), max_length=40)
    expires_on = models.DateField(_("expires"), null=True, blank=True)

    class Meta:
        ordering = ["client", "kind", "id"]
        constraints = [models.UniqueConstraint(fields=["client", "kind", "index"], name="identitydocument_once")]


class ContactNote(ClientOwned):
    """One contact with a client: who, how, what was said."""

    class Channel(models.TextChoices):
        """How."""

        CALL = "call", _("Call")
        MEETING = "meeting", _("Meeting")
        MESSAGE = "message", _("Message")
        EMAIL = "email", _("E-mail")

    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    people = models.CharField(_("people"), max_length=200, blank=True)
    confidential = models.BooleanField(_("confidential"), default=False)
    text = models.TextField(_("what was said"))
    about = models.CharField(_("about"), max_length=80, blank=True, help_text="Reference of the holding it concerns.")
    author = models.ForeignKey(User, models.PROTECT, related_name="contact_notes")
    happened_at = models.DateTimeField(_("when"))

    class Meta:
        ordering = ["-happened_at", "-id"]
        indexes = [models.Index(fields=["client", "-happened_at", "-id"], name="contactnote_by_client")]


class Task(ClientOwned):
    """Something owed to a client by a date: a promise from a contact, or an exception somebody must settle."""

    class Kind(models.TextChoices):
        """Where it comes from."""

        PROMISE = "promise", _("Promise")
        DELIVERY = "delivery", _("Statement not delivered")
        DOCUMENT = "document", _("Document")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PROMISE)
    text = models.CharField(_("what"), max_length=300)
    due_on = models.DateField(_("due"))
    owner = models.ForeignKey(User, models.PROTECT, related_name="tasks", verbose_name=_("owner"))
    note = models.ForeignKey(ContactNote, models.PROTECT, null=True, blank=True, related_name="promises")
    origin = models.CharField(max_length=80, null=True, unique=True, help_text="What made it, so that it is made once.")
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["client", "due_on", "id"], name="task_open", condition=Q(done_at__isnull=True))]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(done_by__isnull=False), name="task_done_by_somebody"
            ),
        ]
