"""A list as a page: its rows drawn, its orders, views, filters and acts beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.lists.asked import Asked, Pairs, may_sort, open_columns
from core.lists.cells import Piece, css_of, escaped, pieces
from core.lists.declared import RIGHT, Act, Column, Listing, Package, read
from core.lists.exports import PERMISSION
from core.models import SavedView
from core.web.pages import Count, Page, counted, page


class Head(NamedTuple):
    """One cell of the head: where a click on it leads, and in which direction the list is ordered by it now."""

    column: Column
    label: str
    css: str
    link: str
    direction: str


class Choice(NamedTuple):
    """Something to choose: a column or an order, and whether it is chosen."""

    value: str
    label: str
    chosen: bool
    fixed: bool = False


class Tab(NamedTuple):
    """One saved view beside the list."""

    view: SavedView | None
    label: str
    link: str
    current: bool


@dataclass(frozen=True)
class Shown:
    """Everything a list's page needs."""

    asked: Asked
    page: Page
    count: Count
    heads: list[Head]
    rows: list[Any]
    body: list[Piece]
    tabs: list[Tab]
    choices: str
    acts: list[Act]
    may_export: bool

    @property
    def listing(self) -> Listing:
        """Return the declaration."""
        return self.asked.listing

    @property
    def packages(self) -> list[Package]:
        """Return what else the list may become for the person."""
        return [one for one in self.listing.packages if self.asked.user.has_perm(one.permission)]

    @property
    def query(self) -> str:
        """Return the words of the address without the place in the list."""
        return self.asked.query()

    @property
    def next(self) -> str:
        """Return where the next page is, if there is one."""
        return self.asked.link(**_view(self.asked), after=self.page.next) if self.page.next else ""

    @property
    def previous(self) -> str:
        """Return where the page before is, if there is one."""
        return self.asked.link(**_view(self.asked), before=self.page.previous) if self.page.previous else ""

    @property
    def beginning(self) -> str:
        """Return where the list begins."""
        return self.asked.link(**_view(self.asked))

    @property
    def cleared(self) -> str:
        """Return the list without filters, in the same columns and order."""
        return self.asked.link(**dict.fromkeys(self.asked.form.fields), view="0")

    @property
    def current(self) -> SavedView | None:
        """Return the view that is open."""
        return next((tab.view for tab in self.tabs if tab.current and tab.view), None)


def show(asked: Asked, views: Sequence[SavedView]) -> Shown:
    """Read one page of a list and draw it; the number of queries does not depend on the rows.

    Raises:
        BadRequest: the place in the list was not made here.
        SavedView.DoesNotExist: the view is missing or somebody else's.
    """
    rows = asked.rows()
    cut = page(rows, order=asked.order, after=asked.after, before=asked.before)
    count = Count(len(cut.rows), more=False) if cut.whole else counted(rows)
    prepare = asked.listing.prepare
    found = cut.rows if prepare is None else prepare(asked, cut.rows)
    acts = [act for act in asked.listing.acts if asked.user.has_perm(act.permission)]
    return Shown(
        asked=asked,
        page=cut,
        count=count,
        heads=[_head(column, asked) for column in asked.columns],
        rows=list(found),
        body=_body(found, asked, ticked=bool(acts)),
        tabs=_tabs(asked, views),
        choices=_choices(asked),
        acts=acts,
        may_export=bool(asked.listing.fields) and asked.user.has_perm(PERMISSION),
    )


def _choices(asked: Asked) -> str:
    """Draw every column and every order that the person may ask for, and which are chosen."""
    columns = open_columns(asked.listing, asked.user)
    return _drawn(
        tuple(Choice(one.name, str(one.label), one in asked.columns, one.fixed) for one in columns),
        tuple(one.name for one in columns if may_sort(one, asked.user)),
        asked.sort,
        get_language() or "",
    )


@lru_cache(maxsize=512)
def _drawn(columns: tuple[Choice, ...], sorted_by: tuple[str, ...], chosen: str, _language: str) -> str:
    """Draw the choices; they are the same for everybody who sees the same columns in the same order."""
    sorts = []
    for name, label, *_rest in columns:
        if name in sorted_by:
            up, down = _("%(column)s, rising"), _("%(column)s, falling")
            sorts += [
                Choice(name, up % {"column": label}, chosen == name),
                Choice(f"-{name}", down % {"column": label}, chosen == f"-{name}"),
            ]
    return render_to_string("lists/_choices.html", {"columns": columns, "sorts": sorts})


def _head(column: Column, asked: Asked) -> Head:
    link = direction = ""
    if may_sort(column, asked.user):
        current = asked.sort.lstrip("-") == column.name
        falling = asked.sort.startswith("-")
        direction = ("descending" if falling else "ascending") if current else "none"
        wanted = column.name if current and falling else f"-{column.name}" if current else column.name
        link = asked.link(sort=None if wanted == asked.listing.sort else wanted)
    return Head(column, str(column.label), "num" if column.kind in RIGHT else "", link, direction)


def _body(found: Sequence[Any], asked: Asked, *, ticked: bool) -> list[Piece]:
    columns = [(column, css_of(column), "" if n == 0 else str(column.label)) for n, column in enumerate(asked.columns)]
    return pieces([(_begin(row, asked.listing, ticked=ticked), row) for row in found], columns, asked)


def _begin(row: Any, listing: Listing, *, ticked: bool) -> str:
    """Return the beginning of a row: its looks, and its checkbox where something can be done to it."""
    tone = read(listing.tone, row) if listing.tone else ""
    begin = f'<tr class="{escaped(tone)}">' if tone else "<tr>"
    return begin + TICK.format(row.pk, escaped(read(listing.named, row))) if ticked else begin


TICK = '<td class="tick"><input class="form-check-input" type="checkbox" name="row" value="{}" aria-label="{}"></td>'


def _tabs(asked: Asked, mine: Sequence[SavedView]) -> list[Tab]:
    if asked.view and asked.view not in {view.pk for view in mine}:
        raise SavedView.DoesNotExist
    if not mine:
        return []
    first = Tab(None, _("All"), f"{asked.address}?view=0", current=not asked.pairs and not asked.view)
    return [first, *(Tab(view, view.name, link_of(view, asked), current=view.pk == asked.view) for view in mine)]


def link_of(view: SavedView, asked: Asked) -> str:
    """Return the address of a saved view."""
    return linked(asked.address, [tuple(pair) for pair in view.query], view.pk)


def linked(address: str, pairs: Pairs, view_id: int) -> str:
    """Return the address of a list with the words of a view."""
    return f"{address}?{urlencode([*pairs, ('view', str(view_id))])}"


def _view(asked: Asked) -> dict[str, str | None]:
    return {"view": str(asked.view)} if asked.view is not None else {}
