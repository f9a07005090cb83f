"""Pages of a list by position: each row once, whatever the order, forwards and backwards, while rows come and go.

A token holds the values of the row at the edge of a page, not its number, so nothing shifts when rows are added or
deleted before it. Empty values stand last, in either direction of the order.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import itemgetter
from typing import Any, NamedTuple

from django.core.exceptions import BadRequest, EmptyResultSet, FieldDoesNotExist, ValidationError
from django.db import connection, models
from django.db.models import F, Q

PAGE_SIZE = 50
COUNT_MOST = 1000
"""Beyond this many rows a list says "1,000+" and does not count on."""
Value = str | None
Rows = models.QuerySet[Any] | Sequence[Any]
"""What a list is cut out of: a query, or rows that were computed, each with an ``id``; those are one page."""


@dataclass(frozen=True)
class Page:
    """One page of a list, with the tokens of its neighbours: ``next`` for ``after``, ``previous`` for ``before``."""

    rows: list[Any]
    next: str
    first: bool
    previous: str = ""

    @property
    def whole(self) -> bool:
        """Say whether the page is the whole list."""
        return self.first and not self.next


class Count(NamedTuple):
    """How many rows a list has, counted as far as a reader cares; ``more``: there are more than that."""

    number: int
    more: bool


class Key(NamedTuple):
    """One column of an order."""

    path: str
    descending: bool
    nullable: bool


def known_only(given: Mapping[str, object], allowed: set[str]) -> None:
    """Refuse parameters nobody declared: a mistyped filter must not show every client.

    Raises:
        BadRequest: answered 400.
    """
    if set(given) - allowed:
        raise BadRequest(", ".join(sorted(set(given) - allowed)))


def size_of(rows: Rows) -> int:
    """Return how many rows there are, however many that is."""
    return len(rows) if isinstance(rows, Sequence) else rows.order_by().values("pk").count()


def counted(rows: Rows, most: int = COUNT_MOST) -> Count:
    """Count ``rows`` up to ``most``."""
    if isinstance(rows, Sequence):
        return Count(min(len(rows), most), len(rows) > most)
    try:
        found, values = rows.order_by().values("pk")[: most + 1].query.sql_with_params()
    except EmptyResultSet:
        return Count(0, more=False)
    with connection.cursor() as cursor:  # the library would compose the whole query a second time
        cursor.execute(f"SELECT count(*) FROM ({found}) counted", values)  # noqa: S608  (composed by the library)
        number = cursor.fetchone()[0]
    return Count(min(number, most), number > most)


def page(rows: Rows, *, order: tuple[str, ...], after: str = "", before: str = "", size: int = PAGE_SIZE) -> Page:
    """Cut one page out of ``rows``, ordered by ``order`` (plain or with ``-``; the last one unique and never empty).

    ``after`` and ``before`` are the tokens of the pages beside it, both empty for the first. A page that would begin
    before the list does is the first one, whole. A token that was not made here raises BadRequest.
    """
    if isinstance(rows, Sequence):
        if after or before:
            raise BadRequest("after")
        return Page(_arranged(rows, order), next="", first=True)
    keys = [_key(rows, name) for name in order]
    if before:
        found = _cut(rows, keys, before, size, back=True)
        if len(found) > size:
            shown = found[size - 1 :: -1]
            return Page(shown, _token(shown[-1], keys), first=False, previous=_token(shown[0], keys))
    found = _cut(rows, keys, "" if before else after, size)
    shown = found[:size]
    first = not after
    return Page(
        shown,
        next=_token(shown[-1], keys) if len(found) > size else "",
        first=first,
        previous=_token(shown[0], keys) if shown and not first else "",
    )


def _arranged(rows: Sequence[Any], order: tuple[str, ...]) -> list[Any]:
    """Order computed rows as the database orders its own: empty values stand last."""
    found = list(rows)
    for name in reversed(order):
        path = name.lstrip("-").split("__")
        told = [(reduce(getattr, path, row), row) for row in found]
        filled = sorted((one for one in told if one[0] is not None), key=itemgetter(0), reverse=name.startswith("-"))
        found = [row for _value, row in [*filled, *(one for one in told if one[0] is None)]]
    return found


def _cut(rows: models.QuerySet[Any], keys: list[Key], token: str, size: int, *, back: bool = False) -> list[Any]:
    """Return up to one row more than a page beyond the token, read backwards where ``back``."""
    values = _read_token(token, len(keys)) if token else []
    first = keys[0]
    to_the_end = not back and (first.descending if not values else values[0] is not None)
    if not (first.nullable and to_the_end):
        return list(_ordered(rows, keys, values, back=back)[: size + 1])
    # Empty values stand at the end and are read apart: to the others an index leads straight.
    filled = rows.filter(**{f"{first.path}__isnull": False})
    found = list(_ordered(filled, [first._replace(nullable=False), *keys[1:]], values, back=back)[: size + 1])
    empty = _ordered(rows.filter(**{f"{first.path}__isnull": True}), keys, [], back=back)
    return [*found, *empty[: size + 1 - len(found)]]


def _ordered(rows: models.QuerySet[Any], keys: list[Key], values: list[Value], *, back: bool) -> models.QuerySet[Any]:
    """Order rows and keep those beyond a place, where one is given."""
    rows = rows.order_by(*(_sorted(key, back=back) for key in keys))
    if not values:
        return rows
    try:
        return rows.filter(_beyond(keys, values, back=back))
    except (ValueError, ValidationError) as error:
        raise BadRequest("after") from error


def _key(rows: models.QuerySet[Any], name: str) -> Key:
    path = name.lstrip("-")
    return Key(path, name.startswith("-"), _may_be_empty(rows, path))


def _may_be_empty(rows: models.QuerySet[Any], path: str) -> bool:
    """Say whether a column may be empty: by its fields, and always where it is computed."""
    if path in rows.query.annotations:
        return True
    options, empty = rows.model._meta, False  # noqa: SLF001  (Django's own name for it)
    for name in path.split("__"):
        try:
            field: Any = options.pk if name == "pk" else options.get_field(name)
        except FieldDoesNotExist:
            return True
        empty = empty or field.null
        options = field.related_model._meta if field.is_relation else options  # noqa: SLF001
    return empty


def _sorted(key: Key, *, back: bool) -> Any:
    """Return the term of the order; only a column that may be empty says where empty values stand."""
    descending = key.descending is not back
    if not key.nullable:
        return F(key.path).desc() if descending else F(key.path).asc()
    last = None if back else True
    return (
        F(key.path).desc(nulls_last=last, nulls_first=not last or None)
        if descending
        else F(key.path).asc(nulls_last=last, nulls_first=not last or None)
    )


def _beyond(keys: list[Key], values: list[Value], *, back: bool) -> Q:
    """Return the condition ``(a, b) > (x, y)`` spelled out, each column in its own direction.

    The first column's bound stands alone in front, for the index.
    """
    condition, equal = Q(), Q()
    for key, value in zip(keys, values, strict=True):
        if value is None and not key.nullable:
            raise ValueError(key.path)
        condition |= equal & _past(key, value, back=back)
        equal &= Q(**{f"{key.path}__isnull": True}) if value is None else Q(**{key.path: value})
    first, value = keys[0], values[0]
    if value is None or (first.nullable and not back):
        return condition
    return Q(**{f"{first.path}__{_side(first, back=back)}e": value}) & condition


def _past(key: Key, value: Value, *, back: bool) -> Q:
    """Return the condition that one column lies beyond ``value``; empty values lie beyond all others."""
    if value is None:
        return Q(**{f"{key.path}__isnull": False}) if back else Q(pk__in=[])
    beyond = Q(**{f"{key.path}__{_side(key, back=back)}": value})
    return beyond | Q(**{f"{key.path}__isnull": True}) if key.nullable and not back else beyond


def _side(key: Key, *, back: bool) -> str:
    return "lt" if key.descending is not back else "gt"


def _value(row: Any, path: str) -> Value:
    for name in path.split("__"):
        row = getattr(row, name, None) if row is not None else None
    if row is None:
        return None
    return row.isoformat() if hasattr(row, "isoformat") else str(row)


def _token(row: Any, keys: list[Key]) -> str:
    values = [_value(row, key.path) for key in keys]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _read_token(token: str, length: int) -> list[Value]:
    try:
        values = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, RecursionError) as error:
        raise BadRequest("after") from error
    if not isinstance(values, list) or len(values) != length or not all(map(_is_plain, values)):
        raise BadRequest("after")
    return values


def _is_plain(value: object) -> bool:
    """Say whether PostgreSQL can hold this as text: no null byte, no half of a surrogate pair."""
    if value is None:
        return True
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
