"""Reads of the clients room, each scoped to the person who asks."""

import datetime as dt
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models import BinaryField, Case, Func, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Concat, Now

from clients.access import GRANTS, Permission, Scope, covered_now, scope_of, scoped, visible
from clients.models import Client, ContactNote, ContactPoint, Coverage, IdentityDocument, Opening, Task
from clients.rules.names import is_han
from core import crypto
from core.models import Role, User

T = TypeVar("T")
SECRET_COLUMN = "clients_client.statement_secret"  # noqa: S105  (the name of a column)
CONTACT_COLUMN = "clients_contactpoint.value"
DOCUMENT_COLUMN = "clients_identitydocument.number"
SEARCH_MOST = 200
PURPOSES = Opening.Purpose.choices
OPENED = [one for one in Opening.Kind.choices if one[0] != Opening.Kind.SAMPLE]
REVIEW_WITHIN = dt.timedelta(days=1)
"""How soon after it began somebody says what came of an emergency."""
SHORT_WORD = 2


@dataclass(frozen=True)
class Recipient:
    """Where and how a client's statement goes. ``email`` and ``secret`` are clear text: never log or store them."""

    email: str
    hint: str
    name: str
    language: str
    secret: str
    consented: bool
    shared: bool


@dataclass(frozen=True)
class ClientCard:
    """What the head of the client page and the "who" panel show."""

    client: Client
    coverage: list[Coverage]
    contacts: list[ContactPoint]
    documents: list[IdentityDocument]
    family: list[Client]


@dataclass(frozen=True)
class Seer:
    """Who may see a client now, ``whole`` or names only, and why.

    ``why`` is a part of the coverage, ``team``, ``emergency``, ``sample`` or ``role``.
    """

    user: User
    why: str
    since: dt.datetime | None = None
    whole: bool = True


def client(
    *, user: User, client_id: int, permission: Permission = Permission.CLIENT_READ, lock: bool = False
) -> Client:
    """Return one client to whom ``user`` may do ``permission``.

    Raises:
        Client.DoesNotExist: missing or somebody else's, which look the same.
    """
    if lock:
        return _own(user, permission).select_for_update(of=("self",)).get(pk=client_id)
    key = ("client", user.pk, client_id, scope_of(user, permission))
    return _once(key, lambda: _own(user, permission).get(pk=client_id))


def _own(user: User, permission: Permission) -> models.QuerySet[Client]:
    return scoped(Client.objects.select_related("household"), user, permission, path="pk")


_FOUND: ContextVar[dict[Hashable, Any] | None] = ContextVar("found", default=None)
"""What was asked for while panels are gathered for one answer."""


@contextmanager
def asked_once() -> Iterator[None]:
    """Ask the database once who the client is and whether the person covers it, however many panels ask."""
    before = _FOUND.set({})
    try:
        yield
    finally:
        _FOUND.reset(before)


def _once(key: Hashable, find: Callable[[], T]) -> T:
    known = _FOUND.get()
    if known is None:
        return find()
    if key not in known:
        known[key] = find()
    found: T = known[key]
    return found


def clients(*, user: User) -> models.QuerySet[Client]:
    """Return the clients whose names ``user`` may list, each with its dedicated manager's name and last contact."""
    primary = Coverage.objects.filter(
        client=OuterRef("pk"), kind=Coverage.Kind.PRIMARY, valid__contains=Now()
    ).order_by()
    notes = ContactNote.objects.filter(client=OuterRef("pk")).order_by("-happened_at", "-id")
    rows = scoped(Client.objects.all(), user, Permission.CLIENT_LIST, path="pk").select_related("household")
    return rows.annotate(
        manager_name=Subquery(primary.values("manager__name")[:1]),
        last_contact_at=Subquery(notes.values("happened_at")[:1]),
    ).order_by("sort_name", "id")


def search(text: str) -> list[int]:
    """Return ids of clients that carry the words, among those the acting person may see.

    Words are a name, pinyin, alias, reference, household, account tail, or a phone's last four digits. One definer
    function searches inside the database's own wall; the acting person comes from the signed context.
    """
    words = text.strip().lower()
    if not words:
        return []
    pattern = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    begins = len(words) <= SHORT_WORD and (words.isascii() or is_han(words))  # no trigram stands for so little
    pattern = f"{pattern}%" if begins else f"%{pattern}%"
    patterns = [pattern]
    if words.isdecimal() and len(words) == 4:  # noqa: PLR2004  (the last four digits)
        patterns.append(crypto.blind("phone4", words))
    with connection.cursor() as cursor:
        cursor.execute("SELECT steward_search(%s, %s)", [patterns, SEARCH_MOST])
        return [row[0] for row in cursor.fetchall()]


def card(*, user: User, client_id: int) -> ClientCard:
    """Return who a client is, who looks after them and who belongs to the household, as far as ``user`` may know.

    Raises:
        Client.DoesNotExist: missing or somebody else's.
    """
    found = client(user=user, client_id=client_id)
    return ClientCard(
        client=found,
        coverage=list(current_coverage(client_id).select_related("manager")),
        contacts=list(ContactPoint.objects.filter(client=found)),
        documents=list(IdentityDocument.objects.filter(client=found)),
        family=family(user=user, found=found),
    )


def family(*, user: User, found: Client) -> list[Client]:
    """Return who else belongs to the client's household, as far as ``user`` may know."""
    if not found.household_id:
        return []
    rows = scoped(Client.objects.exclude(pk=found.pk), user, Permission.CLIENT_READ, path="pk")
    return list(rows.filter(household=found.household).order_by("sort_name", "id"))


def current_coverage(client_id: int) -> models.QuerySet[Coverage]:
    """Return who covers a client at this instant: dedicated manager, back-up, absence cover."""
    return Coverage.objects.filter(client_id=client_id, valid__contains=Now()).order_by("-kind", "id")


def who_sees(client_id: int) -> list[Seer]:
    """Return everybody who may see a client at this instant, by the same rules as ``visible``; each person once."""
    covering = list(current_coverage(client_id).filter(manager__is_active=True).select_related("manager"))
    found = [Seer(row.manager, row.kind, row.valid.lower) for row in covering]
    teams = {row.manager.team_id for row in covering if row.kind == Coverage.Kind.PRIMARY} - {None}
    people = User.objects.filter(is_active=True).exclude(role=Role.SYSTEM).order_by("role", "name", "pk")
    reads, lists = (_roles(one, Scope.ALL) for one in (Permission.CLIENT_READ, Permission.CLIENT_LIST))
    leads = people.filter(role__in=_roles(Permission.CLIENT_READ, Scope.TEAM), team__in=teams)
    found += [Seer(one, "team") for one in leads]
    opened = Opening.objects.filter(client=client_id, valid__contains=Now()).exclude(kind=Opening.Kind.PURPOSE)
    found += [Seer(row.person, row.kind, row.valid.lower) for row in opened.select_related("person").order_by("id")]
    found += [Seer(one, "role", whole=one.role in reads) for one in people.filter(role__in=reads | lists)]
    return list({seer.user.pk: seer for seer in reversed(found)}.values())[::-1]


def _roles(permission: Permission, scope: Scope) -> set[str]:
    """Return the roles that hold a permission for such clients."""
    return {str(role) for role, grants in GRANTS.items() if grants.get(permission) is scope}


def openings(*, user: User) -> models.QuerySet[Opening]:
    """Return the clients opened in an emergency and the purposes that compliance stated, newest first.

    ``state`` says how each stands: ``stands``, ``review`` (to be), ``late`` (not within a day), ``reviewed``, ``over``.
    """
    rows = scoped(Opening.objects.exclude(kind=Opening.Kind.SAMPLE), user, Permission.CLIENT_OPEN)
    state = Case(
        When(valid__contains=Now(), then=Value("stands")),
        When(~Q(kind=Opening.Kind.EMERGENCY), then=Value("over")),
        When(reviewed_at__isnull=False, then=Value("reviewed")),
        When(valid__startswith__lt=Now() - REVIEW_WITHIN, then=Value("late")),
        default=Value("review"),
    )
    rows = rows.annotate(state=state).select_related("client", "person", "opened_by", "reviewed_by")
    return rows.order_by("-id")


def opened_to(*, user: User, client_id: int) -> Opening | None:
    """Return by what emergency a client is open to the person now."""
    rows = Opening.objects.filter(client=client_id, person=user, valid__contains=Now())
    return rows.filter(kind=Opening.Kind.EMERGENCY).select_related("opened_by").first()


def drawn(origin: str) -> models.QuerySet[Opening]:
    """Return the clients that an audit drew, by name."""
    return Opening.objects.filter(origin=origin).select_related("client").order_by("client__sort_name", "client_id")


def ranked(*, seed: str, drawn_at: dt.datetime) -> models.QuerySet[Client]:
    """Return the clients there were at an instant in the order that a seed gives them: by SHA-256 of seed and number.

    Whoever has the seed and the bank's client numbers gets the same order.
    """
    text = Concat(Value(f"{seed}:"), "reference")
    place = Func(text, template="sha256(convert_to(%(expressions)s, 'UTF8'))", output_field=BinaryField())
    return Client.objects.filter(created_at__lte=drawn_at).annotate(place=place).order_by("place")


def primary_manager(client_id: int) -> User | None:
    """Return the client's dedicated manager now, None while nobody is."""
    row = current_coverage(client_id).filter(kind=Coverage.Kind.PRIMARY).select_related("manager").first()
    return row.manager if row else None


def primary_managers(client_ids: list[int]) -> dict[int, int]:
    """Return each client's dedicated manager now, by their numbers; a client without one is left out."""
    rows = Coverage.objects.filter(client__in=client_ids, kind=Coverage.Kind.PRIMARY, valid__contains=Now())
    return dict(rows.order_by().values_list("client_id", "manager_id"))


def managers() -> models.QuerySet[User]:
    """Return the managers at the desk, who may be a client's dedicated manager."""
    return User.objects.filter(role=Role.MANAGER, is_active=True).select_related("team").order_by("name", "pk")


def desk() -> models.QuerySet[User]:
    """Return the managers and leads at the desk."""
    people = User.objects.filter(role__in=[Role.MANAGER, Role.LEAD], is_active=True)
    return people.select_related("team").order_by("name", "pk")


def called(words: str) -> list[User]:
    """Return who at the desk is meant by a user name, or by a full name, at most two; ``Name · user name`` is both."""
    words = words.rsplit(" · ", 1)[-1].strip()
    return list(desk().filter(username=words) or desk().filter(name__iexact=words)[:2])


def offered(words: str) -> models.QuerySet[User]:
    """Return a handful of people at the desk whose name or user name holds ``words``."""
    return desk().filter(Q(name__icontains=words) | Q(username__icontains=words))[:8]


def names_of(user_ids: list[int]) -> dict[int, str]:
    """Return people's names by their numbers."""
    return dict(User.objects.filter(pk__in=user_ids).order_by().values_list("pk", "name"))


def notes(*, user: User, client_id: int) -> models.QuerySet[ContactNote]:
    """Return the contact log, newest first; a lead reads confidential notes only of clients also covered."""
    rows = scoped(ContactNote.objects.filter(client_id=client_id), user, Permission.CONTACT_READ)
    if scope_of(user, Permission.CONTACT_READ) is Scope.TEAM:
        covered = scoped(ContactNote.objects.all(), user, Permission.CONTACT_LOG).values("pk")
        rows = rows.filter(Q(confidential=False) | Q(pk__in=covered))
    return rows.select_related("author").order_by("-happened_at", "-id")


def open_tasks(*, user: User, client_id: int | None = None) -> models.QuerySet[Task]:
    """Return what is still owed: of one client, or of everybody the user covers, soonest first."""
    rows = scoped(Task.objects.filter(done_at__isnull=True), user, Permission.CONTACT_READ)
    if client_id is not None:
        rows = rows.filter(client_id=client_id)
    if scope_of(user, Permission.CONTACT_READ) is Scope.TEAM:
        hidden = Q(note__confidential=True) & ~Q(client_id__in=visible(user, Permission.CONTACT_LOG))
        rows = rows.exclude(hidden)
    return rows.select_related("client", "owner").order_by("due_on", "id")


def expiring_documents(*, user: User, until: dt.date) -> models.QuerySet[IdentityDocument]:
    """Return identity documents of the user's clients that expire on or before ``until``, soonest first."""
    rows = scoped(IdentityDocument.objects.filter(expires_on__lte=until), user, Permission.CLIENT_READ)
    return rows.filter(client__status=Client.Status.ACTIVE).select_related("client").order_by("expires_on", "id")


def statement_recipient(client_id: int) -> Recipient | None:
    """Return where a client's statement goes, None without an e-mail or a secret. For the delivery job only."""
    found = Client.objects.get(pk=client_id)
    points = ContactPoint.objects.filter(client=found, kind=ContactPoint.Kind.EMAIL)
    point = points.order_by("-preferred", "id").first()
    if point is None or found.statement_secret is None:
        return None
    others = ContactPoint.objects.filter(kind=ContactPoint.Kind.EMAIL, index=point.index).exclude(client=found)
    return Recipient(
        email=crypto.unseal(point.sealed, column=CONTACT_COLUMN, row=point.seal_id),
        hint=point.hint,
        name=found.name,
        language=found.language,
        secret=crypto.unseal(found.statement_secret, column=SECRET_COLUMN, row=found.seal_id),
        consented=found.consented_on is not None and found.status == Client.Status.ACTIVE,
        shared=others.exists(),
    )


def active_clients() -> models.QuerySet[Client]:
    """Return every active client, for jobs of the service account."""
    return Client.objects.filter(status=Client.Status.ACTIVE).order_by("pk")


def names(ids: set[int]) -> dict[int, str]:
    """Return the names of clients among those the acting person may see."""
    return dict(Client.objects.filter(pk__in=ids).values_list("pk", "name"))


def covered(*, user: User) -> models.QuerySet[Client]:
    """Return the clients for whom ``user`` may log a contact, by name."""
    return scoped(Client.objects.all(), user, Permission.CONTACT_LOG, path="pk").order_by("sort_name", "id")


def covers(*, user: User, client_id: int) -> bool:
    """Say whether ``user`` covers the client now, and so may write."""
    rows = Coverage.objects.filter(client_id=client_id)
    return _once(("covers", user.pk, client_id), lambda: rows.filter(covered_now(user)).exists())


def references(wanted: set[str]) -> dict[str, int]:
    """Return the ids of clients by the bank's references, for jobs of the service account."""
    return dict(Client.objects.filter(reference__in=wanted).values_list("reference", "pk"))


def with_people(rows: models.QuerySet[Client]) -> models.QuerySet[Client]:
    """Add the user names of the dedicated manager and the back-up, as a bank's file gives them."""
    now = Coverage.objects.filter(client=OuterRef("pk"), valid__contains=Now())
    primary, backup = now.filter(kind=Coverage.Kind.PRIMARY), now.filter(kind=Coverage.Kind.BACKUP)
    return rows.annotate(
        manager_username=Subquery(primary.values("manager__username")[:1]),
        backup_username=Subquery(backup.order_by("id").values("manager__username")[:1]),
    )


def tasks(*, user: User, state: str = "", until: dt.date | None = None, mine: bool = False) -> models.QuerySet[Task]:
    """Return what is or was owed to the user's clients: open, ``done`` or ``all``; due on or before ``until``."""
    rows = scoped(Task.objects.all(), user, Permission.CONTACT_READ)
    if scope_of(user, Permission.CONTACT_READ) is Scope.TEAM:
        rows = rows.exclude(Q(note__confidential=True) & ~Q(client_id__in=visible(user, Permission.CONTACT_LOG)))
    if state != "all":
        rows = rows.filter(done_at__isnull=state != "done")
    if until is not None:
        rows = rows.filter(due_on__lte=until)
    if mine:
        rows = rows.filter(owner=user)
    return rows.select_related("client", "owner")
