"""What somebody asks of a list: the words of an address, each of them known, turned into typed values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from core.lists.declared import Column, Listing, Viewer
from core.models import User
from core.web.pages import Rows, known_only

PLACE = ("after", "before")
OWN = {"sort", "column", "view", *PLACE}
KEPT_MOST = 2000
Pairs = list[tuple[str, str]]


class Invalid(Exception):  # noqa: N818  (the answer to it is the form, not a fault)
    """A filter was given what it cannot mean; ``form`` says beside the field what is wrong."""

    def __init__(self, form: forms.Form) -> None:
        super().__init__(str(form.errors.as_data()))
        self.form = form


@dataclass(frozen=True)
class Asked:
    """One list as one person wants to see it; ``pairs`` are the words of the address that say so."""

    listing: Listing
    viewer: Viewer
    form: forms.Form
    pairs: Pairs
    sort: str
    columns: tuple[Column, ...]
    after: str = ""
    before: str = ""
    view: int | None = None

    @property
    def user(self) -> User:
        """Return who asks."""
        return self.viewer.user

    @property
    def chosen(self) -> dict[str, Any]:
        """Return the filters' values, typed."""
        return self.form.cleaned_data

    @property
    def within(self) -> Mapping[str, int]:
        """Return what the list is of."""
        return self.viewer.within

    @property
    def filtered(self) -> bool:
        """Say whether any filter narrows the list."""
        return any(name in self.form.fields for name, _value in self.pairs)

    @property
    def order(self) -> tuple[str, ...]:
        """Return the order by which pages are cut: the column's, then the row's own number."""
        return order(self.listing, self.sort)

    @cached_property
    def address(self) -> str:
        """Return where the list is, without what was asked of it."""
        return reverse(self.listing.url, kwargs=dict(self.within))

    def rows(self) -> Rows:
        """Return the rows that the person may see and asked for."""
        return self.listing.rows(self)

    def query(self, **changes: str | None) -> str:
        """Return the query string of this list with some words changed; None and empty leave one out."""
        kept = [(name, value) for name, value in self.pairs if name not in changes]
        return urlencode([*kept, *((name, value) for name, value in changes.items() if value)])

    def link(self, **changes: str | None) -> str:
        """Return the address of this list with some words changed."""
        query = self.query(**changes)
        return f"{self.address}?{query}" if query else self.address


@dataclass(frozen=True)
class PageOf:
    """The address of the page that a row leads to, from the number in its field ``of``; none without the permission."""

    url: str
    of: str = "pk"
    permission: str = ""

    def __call__(self, row: Any, asked: Asked) -> str:
        """Return the address of a row's page."""
        if self.permission and not asked.user.has_perm(self.permission):
            return ""
        return address(self.url, getattr(row, self.of))


def address(url: str, number: int, *leading: str) -> str:
    """Return the address of a page from its number, the last of its arguments after those that lead to it."""
    before, after = _around(url, *leading)
    return f"{before}{number}{after}"


@cache
def _around(url: str, *leading: str) -> tuple[str, str]:
    """Return what stands before and after the number in an address: resolving it for every row would be felt."""
    before, _number, after = reverse(url, args=[*leading, 0]).rpartition("0")
    return before, after


def order(listing: Listing, sort: str) -> tuple[str, ...]:
    """Return the order of a sort: its column's, each in its direction, and at the end a column no two rows share."""
    column = listing.column(sort.lstrip("-"))
    assert column is not None  # noqa: S101  (``ask`` and the declaration name known columns)
    keys = column.sort if column.sort[-1] in {"id", "pk"} else (*column.sort, "id")
    return tuple(f"-{key}" for key in keys) if sort.startswith("-") else keys


def open_columns(listing: Listing, user: User) -> list[Column]:
    """Return the columns that the person may see."""
    return [column for column in listing.columns if not column.permission or user.has_perm(column.permission)]


def ask(listing: Listing, given: QueryDict, viewer: Viewer) -> Asked:
    """Read an address.

    Raises:
        BadRequest: it says something nobody declared.
        Invalid: a filter's value means nothing.
    """
    form = listing.filters(given, viewer)
    known_only(given, {*form.fields, *OWN})
    columns = _columns(listing, given.getlist("column"), viewer.user)
    sort = _sort(listing, given.get("sort", ""), viewer.user)
    view = given.get("view", "")
    if (view and not view.isascii()) or (view and not view.isdecimal()) or len(view) > 18:  # noqa: PLR2004  (a bigint)
        raise BadRequest("view")
    if given.get("after") and given.get("before"):
        raise BadRequest("before")
    if not form.is_valid():
        raise Invalid(form)
    pairs = [(name, value) for name in form.fields for value in given.getlist(name) if value]
    pairs += [("sort", sort)] if sort != listing.sort else []
    pairs += [("column", column.name) for column in columns] if columns != _columns(listing, [], viewer.user) else []
    if sum(len(name) + len(value) for name, value in pairs) > KEPT_MOST:
        raise BadRequest("long")
    return Asked(
        listing,
        viewer,
        form,
        pairs,
        sort,
        columns,
        given.get("after", ""),
        given.get("before", ""),
        int(view) if view else None,
    )


def again(listing: Listing, pairs: Sequence[Sequence[str]], viewer: Viewer) -> Asked:
    """Read what was kept of an address, as strictly as the address itself.

    Raises:
        BadRequest: what it says is not known any more.
        Invalid: a filter's value means nothing any more.
    """
    given = QueryDict(mutable=True)
    for name, value in pairs:
        given.appendlist(name, value)
    return ask(listing, given, viewer)


def _columns(listing: Listing, names: list[str], user: User) -> tuple[Column, ...]:
    """Return the columns to show, in the order of the declaration."""
    open_to = open_columns(listing, user)
    if set(names) - {column.name for column in open_to}:
        raise BadRequest("column")
    wanted = set(names)
    return tuple(column for column in open_to if column.fixed or (column.name in wanted if wanted else column.shown))


def may_sort(column: Column, user: User) -> bool:
    """Say whether the person may order by a column."""
    return bool(column.sort) and (not column.sort_permission or user.has_perm(column.sort_permission))


def _sort(listing: Listing, sort: str, user: User) -> str:
    """Return the sort, which is a column's name, with ``-`` for falling; nothing else reaches the database."""
    if not sort:
        return listing.sort
    column = listing.column(sort.removeprefix("-"))
    if column is None or column not in open_columns(listing, user) or not may_sort(column, user):
        raise BadRequest("sort")
    return sort
