"""Clients of a book into rows: households, clients, who covers them, how they are reached, identified and found.

What is derived (sort names, hints, seals, search keys) is derived as for the clients of a bank's file; feeding the same
clients to ``upsert_clients`` changes nothing.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange, Jsonb

from clients import queries
from clients.models import Client, ContactPoint, Coverage, Household, IdentityDocument, SearchKey
from clients.rules import intake as rules
from clients.rules.intake import ClientRow
from clients.rules.names import search_words, sort_name
from config.book.dates import midnight
from config.book.desk import Life
from config.book.known import Frame, Ids
from config.book.loading import Loader, Values
from config.book.people import Profile
from core import crypto

SAID = ("kind", "name", "alias", "tier", "status", "language", "base_currency", "born_on", "domicile", "consented_on")
TEXTS = ("preferences", "avoid")
CONTACTS: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "email": (rules.normal_email, rules.email_hint),
    "phone": (rules.normal_phone, rules.tail_hint),
    "address": (rules.normal_text, rules.address_hint),
}
ACCOUNT_TAIL = 8
Key = tuple[int, str, str]


def write(lives: Sequence[Life], *, frame: Frame, ids: Ids, loader: Loader) -> None:
    """Write these clients and what hangs on them; their ids are in ``ids`` afterwards."""
    profiles = [life.profile for life in lives]
    _households(profiles, ids, loader)
    _clients(profiles, frame, ids, loader)
    loader.load(Coverage, ("client_id", "manager_id", "kind", "valid"), list(_coverage(profiles, frame, ids)))
    points = [point for profile in profiles for point in _contacts(profile.row, ids)]
    loader.load(
        ContactPoint,
        ("client_id", "kind", "seal_id", "sealed", "index", "hint", "preferred"),
        [row for row, _ in points],
    )
    _documents(profiles, ids, loader)
    keys = {key for life in lives for key in _keys(life, ids)} | {key for _, found in points for key in found}
    loader.load(SearchKey, ("client_id", "kind", "value"), sorted(keys))


def _households(profiles: Sequence[Profile], ids: Ids, loader: Loader) -> None:
    names = {
        profile.row.household: profile.row.household_name
        for profile in profiles
        if profile.row.household and profile.row.household not in ids.homes
    }
    ids.homes.update(zip(names, loader.ids(Household, len(names)), strict=True))
    rows = [(ids.homes[reference], reference, name or reference) for reference, name in names.items()]
    loader.load(Household, ("id", "reference", "name"), rows)


def _clients(profiles: Sequence[Profile], frame: Frame, ids: Ids, loader: Loader) -> None:
    references = [profile.reference for profile in profiles]
    ids.clients.update(zip(references, loader.ids(Client, len(profiles)), strict=True))
    names: tuple[str, ...] = ("id", "reference", *SAID, *TEXTS, "sort_name", "household_id")
    names += ("seal_id", "statement_secret", "invented", "created_at")
    loader.load(Client, names, [_client(profile.row, frame, ids) for profile in profiles])


def _client(row: ClientRow, frame: Frame, ids: Ids) -> tuple[Any, ...]:
    seal_id = uuid.uuid4()
    return (
        ids.clients[row.reference],
        row.reference,
        *(getattr(row, name) for name in SAID),
        *(getattr(row, name) for name in TEXTS),
        sort_name(row.name),
        ids.homes.get(row.household),
        seal_id,
        crypto.seal(crypto.new_secret(), column=queries.SECRET_COLUMN, row=seal_id),
        Jsonb(list(row.invented)),
        frame.now,
    )


def _coverage(profiles: Sequence[Profile], frame: Frame, ids: Ids) -> Iterator[tuple[Any, ...]]:
    """Yield who covers each client: manager and back-up since they joined or were handed over, the former before."""

    def since(day: dt.date) -> dt.datetime:
        return midnight(day.replace(day=1), frame.zone)

    for profile in profiles:
        client, row = ids.clients[profile.reference], profile.row
        now = DateTimeTZRange(since(profile.handed_over_on or profile.joined_on), None)
        yield client, ids.users[row.manager], Coverage.Kind.PRIMARY.value, now
        yield client, ids.users[row.backup], Coverage.Kind.BACKUP.value, now
        if profile.handed_over_on:
            before = DateTimeTZRange(since(profile.joined_on), since(profile.handed_over_on))
            yield client, ids.users[profile.former], Coverage.Kind.PRIMARY.value, before


def _contacts(row: ClientRow, ids: Ids) -> Iterator[tuple[tuple[Any, ...], list[Key]]]:
    """Yield the contact points of a client, sealed, each with the search keys that it gives."""
    client = ids.clients[row.reference]
    for kind, (normal, hint) in CONTACTS.items():
        if not (value := getattr(row, kind)):
            continue
        seal_id, plain = uuid.uuid4(), normal(value)
        sealed = crypto.seal(value, column=queries.CONTACT_COLUMN, row=seal_id)
        keys = [(client, "phone4", crypto.blind("phone4", plain[-rules.TAIL :]))] if kind == "phone" else []
        yield (client, kind, seal_id, sealed, crypto.blind(kind, plain), hint(value), True), keys


def _documents(profiles: Sequence[Profile], ids: Ids, loader: Loader) -> None:
    rows: Values = [_document(row, ids) for profile in profiles for row in (profile.row, profile.also) if row]
    names = ("client_id", "kind", "country", "seal_id", "sealed", "index", "hint", "expires_on")
    loader.load(IdentityDocument, names, rows)


def _document(row: ClientRow, ids: Ids) -> tuple[Any, ...]:
    seal_id, number = uuid.uuid4(), rules.normal_number(row.id_number)
    sealed = crypto.seal(row.id_number, column=queries.DOCUMENT_COLUMN, row=seal_id)
    index, hint = crypto.blind(row.id_kind, number), rules.tail_hint(number)
    return (ids.clients[row.reference], row.id_kind, row.id_country, seal_id, sealed, index, hint, row.id_expires_on)


def _keys(life: Life, ids: Ids) -> Iterator[Key]:
    """Yield the words by which a client is found, save the phone's."""
    row = life.profile.row
    client = ids.clients[row.reference]
    yield client, "reference", row.reference.lower()
    for kind, word in search_words(row.name):
        yield client, kind, word
    for _, word in search_words(row.alias) if row.alias else ():
        yield client, "alias", word
    for _, word in search_words(row.household_name) if row.household else ():
        yield client, "household", word
    for account in life.history.accounts:
        yield client, "account", rules.normal_phone(account.number)[-ACCOUNT_TAIL:]
