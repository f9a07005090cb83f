"""What a list of the product is: its rows, columns, filters, orders, acts and the file it becomes.

A list is declared once, in its app's ``lists`` room, and everything that is done with lists follows from that.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language

from core.models import User
from core.web.pages import Rows

if TYPE_CHECKING:
    from core.lists.asked import Asked

Words = str | Promise
Getter = Callable[[Any], Any]
Source = str | Getter
"""A dotted path from a row (``client.name``; a method at its end is called), or a function of the row."""
Fits = Callable[[models.QuerySet[Any], User], models.QuerySet[Any]]
"""Keeps of a list the rows that an act may be done to by a person."""
REGISTRY: "dict[str, Listing]" = {}


class Kind(StrEnum):
    """How a value is written."""

    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    MONEY = "money"
    NUMBER = "number"
    PERCENT = "percent"
    BADGE = "badge"


RIGHT = {Kind.MONEY, Kind.NUMBER, Kind.PERCENT}


@dataclass(frozen=True)
class Column:
    """One column of the page. ``sort`` is what an order by it goes by; without it, nobody can.

    ``currency`` belongs to money, ``tone`` to badges, ``sub`` is the small line below, ``template`` draws the whole
    cell from ``row``, ``look`` adds a class to a cell. ``fixed`` columns cannot be left out; others that are not
    ``shown`` wait to be chosen.
    """

    name: str
    label: Words
    value: Source = ""
    kind: Kind = Kind.TEXT
    sort: tuple[str, ...] = ()
    sub: Source = ""
    link: Callable[[Any, "Asked"], str] | None = None
    tone: Source = ""
    currency: Source = ""
    template: str = ""
    look: "Callable[[Any, Asked], str] | None" = None
    permission: str = ""
    sort_permission: str = ""
    fixed: bool = False
    shown: bool = True
    wide: bool = False


@dataclass(frozen=True)
class Field:
    """One column of the file: ``name`` heads it in CSV, ``label`` in XLSX. It goes with a column of the page, if any.

    ``feed``: the name and the values are those of the feed layout that the list can be loaded by again.
    """

    name: str
    label: Words
    value: Source
    kind: Kind = Kind.TEXT
    currency: Source = ""
    column: str = ""
    permission: str = ""
    feed: bool = True


@dataclass(frozen=True)
class Act:
    """Something done to many rows at once, after a page that names them.

    ``run(user=, rows=, values=, now=)`` does it through operations and says what was done. ``fits`` keeps of a list
    what it may be done to. ``form`` asks for what it needs to know.
    """

    name: str
    label: Words
    permission: str
    run: Callable[..., str]
    fits: Fits
    form: type[forms.Form] | None = None
    hint: Words = ""
    danger: bool = False


@dataclass(frozen=True)
class Package:
    """Another file that a list may become, beside those of every list: ``make(out, fields, title=)`` writes it."""

    form: str
    label: Words
    permission: str
    make: Callable[..., Any]


@dataclass(frozen=True)
class Empty:
    """What a list says when it has nothing: the icon, what is so, and the next step."""

    icon: str
    title: Words
    text: Words


def filters_of(form: type[forms.Form]) -> Callable[..., forms.Form]:
    """Let a plain form be a list's filters."""

    def made(data: Mapping[str, Any], asked: "Viewer") -> forms.Form:
        return form(data)

    return made


def without_filters(data: Mapping[str, Any], viewer: "Viewer") -> forms.Form:
    """Let nothing narrow a list."""
    return forms.Form(data)


@dataclass(frozen=True)
class Viewer:
    """Who looks at a list, when, within what (``{"client_id": 7}``), and whether for a file, which has more columns."""

    user: User
    now: dt.datetime
    within: Mapping[str, int] = field(default_factory=dict)
    file: bool = False
    known: Mapping[str, Any] = field(default_factory=dict)
    """What the door found out already, so that it is not asked twice."""

    @property
    def today(self) -> dt.date:
        """Return the business date."""
        return timezone.localdate(self.now)


@dataclass(frozen=True)
class Listing:
    """A list. ``rows`` scopes, narrows by what was chosen, and brings what the columns need in few queries.

    ``seen`` is what the trail calls a look at it (empty: nothing of a client is in it), ``client`` leads from a row to
    its client's id. ``named`` says in the confirmation of an act which row is meant. ``feed`` names the layout that
    its CSV file follows.
    """

    name: str
    title: Words
    url: str
    permission: str
    rows: "Callable[[Asked], Rows]"
    columns: tuple[Column, ...]
    sort: str
    empty: Empty
    filters: Callable[..., forms.Form] = without_filters
    seen: str = ""
    client: Source = ""
    named: Source = str
    kicker: Words = ""
    fields: tuple[Field, ...] = ()
    feed: str = ""
    packages: tuple[Package, ...] = ()
    acts: tuple[Act, ...] = ()
    within: tuple[str, ...] = ()
    about: "Callable[[Asked], Mapping[str, Any]] | None" = None
    prepare: "Callable[[Asked, Sequence[Any]], Sequence[Any]] | None" = None
    tone: Source = ""

    def column(self, name: str) -> Column | None:
        """Return a column by its name."""
        return next((column for column in self.columns if column.name == name), None)


def register(listing: Listing) -> Listing:
    """Make a list known by its name, so that saved views and jobs find it."""
    if REGISTRY.setdefault(listing.name, listing) is not listing:
        raise RuntimeError(f"two lists are called {listing.name}")
    return listing


def read(source: Source, row: Any) -> Any:
    """Return what a source says of a row; nothing lies behind nothing."""
    return getter(source)(row)


def getter(source: Source) -> Getter:
    """Return what reads a source of a row."""
    return source if callable(source) else _path(source)


@cache
def _path(path: str) -> Getter:
    names = path.split(".")
    choice = names[-1].removeprefix("get_").removesuffix("_display")
    if names[-1] == f"get_{choice}_display":
        return lambda row: in_words(_walk(names[:-1], row), choice)
    if len(names) == 1:
        return lambda row: None if row is None else _called(getattr(row, path))
    return lambda row: _called(_walk(names, row))


def _walk(names: Sequence[str], row: Any) -> Any:
    for name in names:
        if row is None:
            return None
        row = getattr(row, name)
    return row


def _called(found: Any) -> Any:
    return found() if callable(found) else found


def in_words(row: Any, name: str) -> str:
    """Return a choice in words, as Django's own method does, which asks the catalogue anew for each row."""
    if row is None:
        return ""
    value = getattr(row, name)
    model: Any = type(row)
    return str(_labels(model, name, get_language() or "").get(value, value))


@cache
def _labels(model: type[models.Model], name: str, language: str) -> dict[Any, str]:
    """Return every choice of a field in words of a language."""
    field: Any = model._meta.get_field(name)  # noqa: SLF001  (Django's own name for it)
    return {value: str(label) for value, label in field.flatchoices}
