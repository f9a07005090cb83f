"""What programs may ask of the clients room: clients, the contact log, what is owed, and the own profile."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clients import operations, queries
from clients.access import Permission
from clients.forms import EARLIEST, LATEST, PROMISES, TEXT_MOST
from clients.models import Client, ContactNote, ContactPoint, Coverage, IdentityDocument, Task
from clients.operations import Promised
from core import clock
from core.api import Door, Id, Strict, Versioned, many
from core.errors import Refused
from core.models import Language, Role, User
from core.web import Rule


class Day(serializers.DateField):
    """A date that a bank could mean."""

    def to_internal_value(self, data: Any) -> dt.date:
        """Refuse years no client lives in."""
        day: dt.date = super().to_internal_value(data)
        if not EARLIEST < day < LATEST:
            raise serializers.ValidationError(_("Give a date between 1900 and 2200."), code="date-range")
        return day


class Moment(serializers.DateTimeField):
    """An instant that a bank could mean; without an offset it is told in the bank's zone."""

    def to_internal_value(self, data: Any) -> dt.datetime:
        """Refuse years no client lives in."""
        moment: dt.datetime = super().to_internal_value(data)
        if not EARLIEST < moment.date() < LATEST:
            raise serializers.ValidationError(_("Give a date between 1900 and 2200."), code="date-range")
        return moment


class ClientFilters(Strict):
    """Filters of the list of clients."""

    q = serializers.CharField(
        max_length=100, required=False, help_text="A name, pinyin, alias, reference, household or last four digits."
    )
    tier = serializers.ChoiceField(choices=Client.Tier.choices, required=False)
    kind = serializers.ChoiceField(choices=Client.Kind.choices, required=False)


class ClientLine(serializers.ModelSerializer[Client]):
    """A client as lists show it."""

    household = serializers.CharField(source="household.name", allow_null=True)
    manager = serializers.CharField(source="manager_name", allow_null=True, help_text="The dedicated manager's name.")
    last_contact_at = serializers.SerializerMethodField()

    class Meta:
        model = Client
        fields = (
            "id",
            "reference",
            "name",
            "kind",
            "tier",
            "status",
            "household",
            "manager",
            "last_contact_at",
        )
        read_only_fields = fields

    def get_last_contact_at(self, client: Any) -> dt.datetime | None:
        """Tell when the client was last spoken to, to those who may read the log."""
        moment: dt.datetime | None = client.last_contact_at
        return moment if self.context["user"].has_perm(Permission.CONTACT_READ) else None


class Part(serializers.ModelSerializer[Coverage]):
    """Who looks after a client now, in which part."""

    manager = serializers.CharField(source="manager.username")
    name = serializers.CharField(source="manager.name")
    since = serializers.DateTimeField(source="valid.lower", allow_null=True)

    class Meta:
        model = Coverage
        fields = ("kind", "manager", "name", "since")
        read_only_fields = fields


class Point(serializers.ModelSerializer[ContactPoint]):
    """A way to reach a client, masked."""

    class Meta:
        model = ContactPoint
        fields = ("kind", "hint", "preferred")
        read_only_fields = fields


class Document(serializers.ModelSerializer[IdentityDocument]):
    """An identity document, its number masked."""

    class Meta:
        model = IdentityDocument
        fields = ("id", "kind", "country", "hint", "expires_on")
        read_only_fields = fields


class Member(serializers.ModelSerializer[Client]):
    """Somebody of the same household whom the reader may see too."""

    class Meta:
        model = Client
        fields = ("id", "name")
        read_only_fields = fields


class ClientWhole(serializers.Serializer[queries.ClientCard]):
    """Who a client is: coverage, contacts masked, documents, household."""

    id = serializers.IntegerField(source="client.pk")
    reference = serializers.CharField(source="client.reference")
    name = serializers.CharField(source="client.name")
    alias = serializers.CharField(source="client.alias", allow_blank=True)
    kind = serializers.ChoiceField(source="client.kind", choices=Client.Kind.choices)
    tier = serializers.ChoiceField(source="client.tier", choices=Client.Tier.choices)
    status = serializers.ChoiceField(source="client.status", choices=Client.Status.choices)
    household = serializers.CharField(source="client.household.name", allow_null=True)
    language = serializers.ChoiceField(source="client.language", choices=Language.choices)
    base_currency = serializers.CharField(source="client.base_currency")
    born_on = serializers.DateField(source="client.born_on", allow_null=True)
    domicile = serializers.CharField(source="client.domicile")
    preferences = serializers.CharField(source="client.preferences", allow_blank=True)
    avoid = serializers.CharField(source="client.avoid", allow_blank=True)
    consented_on = serializers.DateField(source="client.consented_on", allow_null=True)
    invented = serializers.ListField(source="client.invented", child=serializers.CharField())
    version = serializers.IntegerField(source="client.version")
    coverage = Part(many=True)
    contacts = Point(many=True)
    documents = Document(many=True)
    family = Member(many=True)


class Clients(Door):
    """Clients whom the reader may see."""

    rules = {
        "list": Rule(Permission.CLIENT_LIST, sensitive=True),
        "retrieve": Rule(Permission.CLIENT_READ, sensitive=True),
    }
    filters = {"list": ClientFilters}
    answers = {"list": ClientLine, "retrieve": ClientWhole}
    versioned = frozenset({"retrieve"})
    order = ("sort_name", "id")
    lookup_url_kwarg = "client_id"

    def list(self, request: Request) -> Response:
        """List or find clients, by name."""
        rows = queries.clients(user=self.user)
        if "q" in self.chosen:
            rows = rows.filter(pk__in=queries.search(self.chosen["q"]))
        rows = rows.filter(**{name: value for name, value in self.chosen.items() if name != "q"})
        return self.pages(rows, what="list")

    def retrieve(self, request: Request, client_id: int) -> Response:
        """Show who a client is: coverage, contacts masked, documents, household."""
        card = queries.card(user=self.user, client_id=client_id)
        self.seen(client_id=client_id, what="client")
        return self.answer(card)


class PromiseIn(Strict):
    """Something said to be done by a date."""

    text = serializers.CharField(max_length=300)
    due_on = Day()


class ContactIn(Strict):
    """One contact with a client, as it is logged."""

    channel = serializers.ChoiceField(choices=ContactNote.Channel.choices)
    happened_at = Moment()
    text = serializers.CharField(max_length=TEXT_MOST)
    people = serializers.CharField(max_length=200, required=False, allow_blank=True)
    confidential = serializers.BooleanField(required=False, default=False)
    about = serializers.CharField(
        max_length=80, required=False, allow_blank=True, help_text="Reference of the holding it concerns."
    )
    promises = serializers.ListField(
        child=PromiseIn(), required=False, max_length=PROMISES, help_text="Each becomes a dated task."
    )


class Contact(serializers.ModelSerializer[ContactNote]):
    """One contact with a client."""

    author = serializers.CharField(source="author.username")

    class Meta:
        model = ContactNote
        fields = ("id", "client", "channel", "happened_at", "people", "text", "confidential", "about", "author")
        read_only_fields = fields


class Contacts(Door):
    """The contact log of a client."""

    rules = {
        "list": Rule(Permission.CONTACT_READ, sensitive=True),
        "create": Rule(Permission.CONTACT_LOG, methods=("POST",)),
    }
    takes = {"create": ContactIn}
    answers = {"list": Contact, "create": Contact}
    order = ("-happened_at", "-id")

    def list(self, request: Request, client_id: int) -> Response:
        """List a client's contacts, newest first."""
        client = queries.client(user=self.user, client_id=client_id, permission=Permission.CONTACT_READ)
        return self.pages(queries.notes(user=self.user, client_id=client.pk), what="contacts", client_id=client.pk)

    def create(self, request: Request, client_id: int) -> Response:
        """Log a contact; each promise becomes a dated task of the author."""
        client = queries.client(user=self.user, client_id=client_id, permission=Permission.CONTACT_LOG)
        return self.answer(log(user=self.user, client_id=client.pk, now=clock.now(), **self.given()))


def log(*, user: User, client_id: int, now: dt.datetime, **given: Any) -> ContactNote:
    """Log one contact as a body gives it.

    Raises:
        Client.DoesNotExist: the user does not cover the client.
        Refused: as the operation refuses, by the name the field has in a body.
    """
    promises = tuple(Promised(**promise) for promise in given.pop("promises", []))
    try:
        return operations.log_contact(user=user, client_id=client_id, promises=promises, now=now, **given)
    except Refused as refusal:
        field = "promises" if refusal.field == "promise_due_on" else refusal.field
        raise Refused(refusal.code, refusal.message, field=field) from refusal


class ContactItem(ContactIn):
    """One of many contacts, with the client it was with."""

    client = Id()


class ContactsIn(Strict):
    """Many contacts."""

    items = many(ContactItem)


class ContactsOut(serializers.Serializer[Any]):
    """The contacts that were logged, in the order given."""

    results = Contact(many=True)


class ManyContacts(Door):
    """Contacts with several clients at once."""

    rules = {"create": Rule(Permission.CONTACT_LOG, methods=("POST",))}
    takes = {"create": ContactsIn}
    answers = {"create": ContactsOut}
    bulks = frozenset({"create"})

    def create(self, request: Request) -> Response:
        """Log at most 500 contacts, all or none."""
        now = clock.now()
        return self.many(lambda item: log(user=self.user, client_id=item.pop("client"), now=now, **item))


class TaskFilters(Strict):
    """Filters of what is owed."""

    client = Id(required=False)


class TaskLine(serializers.ModelSerializer[Task]):
    """Something owed to a client by a date."""

    client_name = serializers.CharField(source="client.name")
    owner = serializers.CharField(source="owner.username")

    class Meta:
        model = Task
        fields = ("id", "client", "client_name", "kind", "text", "due_on", "owner", "note", "done_at", "version")
        read_only_fields = fields


class DoneIn(Versioned):
    """What is done; the version matters only to callers who give one."""


class DoneItem(Strict):
    """One of many tasks that are done."""

    id = Id()
    version = serializers.IntegerField(min_value=1, required=False)


class MoveIn(Versioned):
    """The day something is promised for now."""

    due_on = Day()


class MoveItem(Strict):
    """One of many tasks that move."""

    id = Id()
    due_on = Day()
    version = serializers.IntegerField(min_value=1)


class ManyDoneIn(Strict):
    """Many tasks that are done."""

    items = many(DoneItem)


class ManyMoveIn(Strict):
    """Many tasks that move."""

    items = many(MoveItem)


class TasksOut(serializers.Serializer[Any]):
    """The tasks as they are now, in the order given."""

    results = TaskLine(many=True)


class Tasks(Door):
    """What is owed to clients."""

    rules = {
        "list": Rule(Permission.CONTACT_READ, sensitive=True),
        "done": Rule(Permission.TASK_DO, methods=("POST",)),
        "move": Rule(Permission.TASK_DO, methods=("POST",)),
        "many_done": Rule(Permission.TASK_DO, methods=("POST",)),
        "many_moved": Rule(Permission.TASK_DO, methods=("POST",)),
    }
    filters = {"list": TaskFilters}
    takes = {"done": DoneIn, "move": MoveIn, "many_done": ManyDoneIn, "many_moved": ManyMoveIn}
    answers = {"list": TaskLine, "done": TaskLine, "move": TaskLine, "many_done": TasksOut, "many_moved": TasksOut}
    conflicts = frozenset({"done", "move", "many_done", "many_moved"})
    versioned = frozenset({"done", "move"})
    bulks = frozenset({"many_done", "many_moved"})
    order = ("due_on", "id")
    lookup_url_kwarg = "task_id"

    def list(self, request: Request) -> Response:
        """List what is still owed, of one client or of all the reader may see, soonest first."""
        client_id: int | None = self.chosen.get("client")
        if client_id is not None:
            queries.client(user=self.user, client_id=client_id, permission=Permission.CONTACT_READ)
        return self.pages(queries.open_tasks(user=self.user, client_id=client_id), what="tasks", client_id=client_id)

    @action(detail=True, methods=["post"])
    def done(self, request: Request, task_id: int) -> Response:
        """Mark what was owed as done; doing it twice changes nothing."""
        given = self.given(version_needed=False)
        return self.answer(operations.complete_task(user=self.user, task_id=task_id, now=clock.now(), **given))

    @action(detail=True, methods=["post"])
    def move(self, request: Request, task_id: int) -> Response:
        """Promise something for another day; refused with 409 where somebody changed what was read."""
        return self.answer(operations.move_task(user=self.user, task_id=task_id, now=clock.now(), **self.given()))

    @action(detail=False, methods=["post"], url_path="done")
    def many_done(self, request: Request) -> Response:
        """Mark at most 500 things as done, all or none."""
        now = clock.now()
        return self.many(lambda item: operations.complete_task(user=self.user, task_id=item.pop("id"), now=now, **item))

    @action(detail=False, methods=["post"], url_path="move")
    def many_moved(self, request: Request) -> Response:
        """Promise at most 500 things for other days, all or none."""
        now = clock.now()
        return self.many(lambda item: operations.move_task(user=self.user, task_id=item.pop("id"), now=now, **item))


class ProfileIn(Strict):
    """What a person may change of the own account."""

    language = serializers.ChoiceField(choices=Language.choices)


class Profile(serializers.ModelSerializer[User]):
    """The signed-in person."""

    role = serializers.ChoiceField(choices=Role.choices)
    team = serializers.CharField(source="team.name", allow_null=True)

    class Meta:
        model = User
        fields = ("id", "username", "name", "email", "role", "team", "language")
        read_only_fields = fields


class Me(Door):
    """The own profile."""

    rules = {
        "retrieve": Rule(Permission.HOME),
        "partial_update": Rule(Permission.PROFILE, methods=("PATCH",)),
    }
    takes = {"partial_update": ProfileIn}
    answers = {"retrieve": Profile, "partial_update": Profile}

    def retrieve(self, request: Request) -> Response:
        """Show the own profile."""
        return self.answer(self.user)

    def partial_update(self, request: Request) -> Response:
        """Change the language of the own screens and mails."""
        self.user.language = self.given()["language"]
        self.user.save(update_fields=["language"])
        return self.answer(self.user)
