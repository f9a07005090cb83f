"""Clients as a bank's file tells them: set by set, each row compared with what is known."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.timezone import localdate

from clients import queries
from clients.models import Client, ContactPoint, Coverage, Household, IdentityDocument, SearchKey
from clients.rules import intake as rules
from clients.rules.intake import ClientRow, Counts, LineError, LinesRefused
from clients.rules.names import search_words, sort_name
from core import crypto
from core.models import Role, User

T = TypeVar("T")
BATCH = 2000
FIELDS = ("kind", "name", "alias", "tier", "status", "language", "base_currency", "born_on", "domicile")
ONCE = ("consented_on", "preferences", "avoid")
"""Taken for a new client only: afterwards the desk keeps them, and a nightly file must not undo a withdrawal."""
DERIVED = ("name", "pinyin", "initials", "alias", "reference", "household")
ACCOUNT_TAIL = 8


@dataclass
class _Change:
    """Everything one file changes, gathered before it is written."""

    clients: dict[str, Client]
    new: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    points: list[ContactPoint] = field(default_factory=list)
    no_longer_preferred: list[int] = field(default_factory=list)
    documents: list[IdentityDocument] = field(default_factory=list)
    renewed: list[IdentityDocument] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    phones: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def upsert_clients(*, rows: Sequence[ClientRow], now: dt.datetime) -> Counts:
    """Add the clients of a file and correct the known ones by their reference; empty cells change nothing.

    New ones get a statement secret and their coverage from ``now``.

    Raises:
        LinesRefused: a manager is unknown, or would change, or a relationship would end: both take four eyes.
    """
    change = _Change(_known_clients(rows))
    people = _people(rows)
    _refuse(rows, change, people, now)
    households, renamed = _households(rows)
    for row in rows:
        _merge(row, change, households, now)
    _write_clients(change, rows)
    _gather_contacts(rows, change)
    _gather_documents(rows, change)
    _gather_coverage(rows, change, people, now)
    _write_rest(change)
    _write_search_keys(change, renamed)
    changed = len(change.touched - change.new)
    return Counts(len(change.new), changed, len(rows) - len(change.new) - changed)


def account_tails(*, numbers: dict[int, set[str]]) -> None:
    """Let clients be found by the tails of their account numbers, given whole by client id."""
    wanted = {
        (client_id, digits[-ACCOUNT_TAIL:])
        for client_id, own in numbers.items()
        for number in own
        if len(digits := rules.normal_phone(number)) >= rules.TAIL
    }
    _replace_keys(set(numbers), ("account",), {(client_id, "account", tail) for client_id, tail in wanted})


def forget_keys(*, client_ids: set[int]) -> None:
    """Let clients be found by nothing, before they go."""
    for part in batches(client_ids):
        SearchKey.objects.filter(client__in=part).delete()


def renew_keys(*, client_ids: set[int]) -> None:
    """Derive again by which words and phones some clients are found; their accounts are the portfolios' to tell."""
    wanted: set[tuple[int, str, str]] = set()
    for part in batches(client_ids):
        for client in Client.objects.filter(pk__in=part).select_related("household"):
            wanted |= {(client.pk, kind, word) for kind, word in _words(client)}
        for point in ContactPoint.objects.filter(client__in=part, kind=ContactPoint.Kind.PHONE):
            phone = crypto.unseal(bytes(point.sealed), column=queries.CONTACT_COLUMN, row=point.seal_id)
            tail = rules.normal_phone(phone)[-rules.TAIL :]
            wanted.add((point.client_id, "phone4", crypto.blind("phone4", tail)))
    _replace_keys(client_ids, (*DERIVED, "phone4"), wanted)


def batches(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Cut a long row of things into lists that one statement can carry."""
    source = iter(rows)
    while part := list(islice(source, size)):
        yield part


# --- what is known ----------------------------------------------------------------------------------------------------


def _known_clients(rows: Sequence[ClientRow]) -> dict[str, Client]:
    """Return known clients by reference, locked until the file is done."""
    found: dict[str, Client] = {}
    for part in batches(row.reference for row in rows):
        locked = Client.objects.select_for_update(of=("self",)).filter(reference__in=part).order_by("pk")
        found.update({client.reference: client for client in locked})
    return found


def _people(rows: Sequence[ClientRow]) -> dict[str, User]:
    names = {name for row in rows for name in (row.manager, row.backup) if name}
    able = User.objects.filter(is_active=True, role__in=[Role.MANAGER, Role.LEAD])
    return {user.username: user for part in batches(names) for user in able.filter(username__in=part)}


def _coverage(change: _Change) -> dict[tuple[int, str], list[Coverage]]:
    """Return every coverage row of the known clients by client and part."""
    found: dict[tuple[int, str], list[Coverage]] = {}
    for part in batches(client.pk for client in change.clients.values()):
        for row in Coverage.objects.filter(client__in=part).select_related("manager").order_by("pk"):
            found.setdefault((row.client_id, row.kind), []).append(row)
    return found


# --- who looks after them ---------------------------------------------------------------------------------------------


def _refuse(rows: Sequence[ClientRow], change: _Change, people: dict[str, User], now: dt.datetime) -> None:
    errors: list[LineError] = []
    known = _coverage(change)
    for row in rows:
        client = change.clients.get(row.reference)
        if client and row.status and row.status != client.status:
            errors.append(LineError(row.line, "status", "closing"))
        for part, name in (("manager", row.manager), ("backup", row.backup)):
            if name and name not in people:
                errors.append(LineError(row.line, part, "no-manager"))
            elif name and client and _would_hand_over(known.get((client.pk, _part(part)), []), name, now):
                errors.append(LineError(row.line, part, "handover"))
        if client is None and not row.manager:
            errors.append(LineError(row.line, "manager", "needs-manager"))
    if errors:
        raise LinesRefused(errors)


def _part(column: str) -> str:
    return Coverage.Kind.PRIMARY if column == "manager" else Coverage.Kind.BACKUP


def _would_hand_over(known: list[Coverage], name: str, now: dt.datetime) -> bool:
    """Say whether the part was ever given to anybody, and is not this person's now."""
    return bool(known) and not any(row.manager.username == name and _covers(row, now) for row in known)


def _covers(row: Coverage, now: dt.datetime) -> bool:
    return (row.valid.lower is None or row.valid.lower <= now) and (row.valid.upper is None or now < row.valid.upper)


def _gather_coverage(rows: Sequence[ClientRow], change: _Change, people: dict[str, User], now: dt.datetime) -> None:
    known = _coverage(change)
    for row in rows:
        client = change.clients[row.reference]
        for part, name in (("manager", row.manager), ("backup", row.backup)):
            if name and (client.pk, _part(part)) not in known:
                valid = DateTimeTZRange(now, None)
                change.coverage.append(Coverage(client=client, manager=people[name], kind=_part(part), valid=valid))
                change.touched.add(row.reference)


# --- the client -------------------------------------------------------------------------------------------------------


def _households(rows: Sequence[ClientRow]) -> tuple[dict[str, Household], list[int]]:
    """Return the households of the file by reference, made where missing, and the ids of those whose name changed."""
    names: dict[str, str] = {}
    for row in rows:
        if row.household:
            names[row.household] = row.household_name or names.get(row.household, "")
    known = {home.reference: home for part in batches(names) for home in Household.objects.filter(reference__in=part)}
    new = [Household(reference=key, name=name or key) for key, name in names.items() if key not in known]
    renamed = [home for key, home in known.items() if names[key] and home.name != names[key]]
    for home in renamed:
        home.name = names[home.reference]
    Household.objects.bulk_update(renamed, ["name"], batch_size=BATCH)
    Household.objects.bulk_create(new, batch_size=BATCH)
    return {**known, **{home.reference: home for home in new}}, [home.pk for home in renamed]


def _merge(row: ClientRow, change: _Change, households: dict[str, Household], now: dt.datetime) -> None:
    """Put the row's words into the known client, or begin a new one."""
    said = {name: value for name in FIELDS if (value := getattr(row, name)) not in ("", None)}
    said["sort_name"] = sort_name(row.name)
    if row.household:
        said["household_id"] = households[row.household].pk
    client = change.clients.get(row.reference)
    if client is None:
        once = {name: value for name in ONCE if (value := getattr(row, name)) not in ("", None)}
        client = Client(reference=row.reference, seal_id=uuid.uuid4(), invented=list(row.invented), **said, **once)
        client.statement_secret = crypto.seal(crypto.new_secret(), column=queries.SECRET_COLUMN, row=client.seal_id)
        change.clients[row.reference] = client
        change.new.add(row.reference)
        if client.status == Client.Status.CLOSED:
            client.closed_on = localdate(now)
    elif any(getattr(client, name) != value for name, value in said.items()):
        for name, value in said.items():
            setattr(client, name, value)
        client.version += 1
        change.touched.add(row.reference)


def _write_clients(change: _Change, rows: Sequence[ClientRow]) -> None:
    Client.objects.bulk_create([change.clients[key] for key in _ordered(rows, change.new)], batch_size=BATCH)
    changed = [change.clients[key] for key in _ordered(rows, change.touched)]
    Client.objects.bulk_update(changed, [*FIELDS, "sort_name", "household", "version"], batch_size=500)


def _ordered(rows: Sequence[ClientRow], keys: set[str]) -> list[str]:
    return [row.reference for row in rows if row.reference in keys]


# --- contacts and documents -------------------------------------------------------------------------------------------

CONTACTS = {
    "email": (rules.normal_email, rules.email_hint),
    "phone": (rules.normal_phone, rules.tail_hint),
    "address": (rules.normal_text, rules.address_hint),
}


def _gather_contacts(rows: Sequence[ClientRow], change: _Change) -> None:
    """Add contact points that are new; the newest one a bank tells is preferred, an old one is kept."""
    known: set[tuple[int, str, str]] = set()
    preferred: dict[tuple[int, str], int] = {}
    for part in batches(client.pk for key, client in change.clients.items() if key not in change.new):
        for point in ContactPoint.objects.filter(client__in=part).defer("sealed"):
            known.add((point.client_id, point.kind, point.index))
            if point.preferred:
                preferred[point.client_id, point.kind] = point.pk
    for row in rows:
        client = change.clients[row.reference]
        for kind, (normal, hint) in CONTACTS.items():
            value: str = getattr(row, kind)
            if not value or (client.pk, kind, index := crypto.blind(kind, normal(value))) in known:
                continue
            seal_id = uuid.uuid4()
            sealed = crypto.seal(value, column=queries.CONTACT_COLUMN, row=seal_id)
            point = ContactPoint(client=client, kind=kind, seal_id=seal_id, sealed=sealed, index=index, preferred=True)
            point.hint = hint(value)
            change.points.append(point)
            change.touched.add(row.reference)
            if (client.pk, kind) in preferred:
                change.no_longer_preferred.append(preferred[client.pk, kind])
            if kind == "phone":
                change.phones[row.reference] = crypto.blind("phone4", normal(value)[-rules.TAIL :])


def _gather_documents(rows: Sequence[ClientRow], change: _Change) -> None:
    """Add documents that are new and renew the expiry of known ones."""
    known: dict[tuple[int, str, str], IdentityDocument] = {}
    for part in batches(client.pk for key, client in change.clients.items() if key not in change.new):
        for document in IdentityDocument.objects.filter(client__in=part):
            known[document.client_id, document.kind, document.index] = document
    for row in rows:
        if not row.id_number:
            continue
        client, number = change.clients[row.reference], rules.normal_number(row.id_number)
        index = crypto.blind(row.id_kind, number)
        held = known.get((client.pk, row.id_kind, index))
        if held is None:
            change.documents.append(_new_document(client, row, number, index))
            change.touched.add(row.reference)
        elif row.id_expires_on and held.expires_on != row.id_expires_on:
            held.expires_on = row.id_expires_on
            change.renewed.append(held)
            change.touched.add(row.reference)


def _new_document(client: Client, row: ClientRow, number: str, index: str) -> IdentityDocument:
    seal_id = uuid.uuid4()
    return IdentityDocument(
        client=client,
        kind=row.id_kind,
        country=row.id_country,
        seal_id=seal_id,
        sealed=crypto.seal(row.id_number, column=queries.DOCUMENT_COLUMN, row=seal_id),
        index=index,
        hint=rules.tail_hint(number),
        expires_on=row.id_expires_on,
    )


def _write_rest(change: _Change) -> None:
    for part in batches(change.no_longer_preferred):
        ContactPoint.objects.filter(pk__in=part).update(preferred=False)
    ContactPoint.objects.bulk_create(change.points, batch_size=BATCH)
    IdentityDocument.objects.bulk_create(change.documents, batch_size=BATCH)
    IdentityDocument.objects.bulk_update(change.renewed, ["expires_on"], batch_size=500)
    Coverage.objects.bulk_create(change.coverage, batch_size=BATCH)


# --- how they are found -----------------------------------------------------------------------------------------------


def _write_search_keys(change: _Change, renamed: list[int]) -> None:
    """Derive the words of every client that changed, and of everybody in a household that was renamed."""
    homes = set(renamed)
    ids = {client.pk for key, client in change.clients.items() if key in change.new | change.touched}
    clients = Client.objects.filter(household__in=homes) if homes else Client.objects.none()
    ids |= set(clients.values_list("pk", flat=True))
    wanted: set[tuple[int, str, str]] = set()
    for part in batches(ids):
        for client in Client.objects.filter(pk__in=part).select_related("household"):
            wanted |= {(client.pk, kind, word) for kind, word in _words(client)}
    _replace_keys(ids, DERIVED, wanted)
    phones = ((change.clients[key].pk, value) for key, value in change.phones.items())
    keys = [SearchKey(client_id=client_id, kind="phone4", value=value) for client_id, value in phones]
    SearchKey.objects.bulk_create(keys, batch_size=BATCH, ignore_conflicts=True)


def _words(client: Client) -> set[tuple[str, str]]:
    words = search_words(client.name) | {("reference", client.reference.lower())}
    if client.alias:
        words |= {("alias", word) for _, word in search_words(client.alias)}
    if client.household:
        words |= {("household", word) for _, word in search_words(client.household.name)}
    return words


def _replace_keys(ids: set[int], kinds: tuple[str, ...], wanted: set[tuple[int, str, str]]) -> None:
    """Make the keys of these clients and kinds exactly ``wanted``; the set is used up."""
    stale: list[int] = []
    for part in batches(ids):
        for key in SearchKey.objects.filter(client__in=part, kind__in=kinds):
            entry = (key.client_id, key.kind, key.value)
            if entry in wanted:
                wanted.discard(entry)
            else:
                stale.append(key.pk)
    for gone in batches(stale):
        SearchKey.objects.filter(pk__in=gone).delete()
    keys = [SearchKey(client_id=client_id, kind=kind, value=value) for client_id, kind, value in sorted(wanted)]
    SearchKey.objects.bulk_create(keys, batch_size=BATCH)
