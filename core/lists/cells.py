"""How a value is written in a cell of a page."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.lists.asked import Asked
from core.lists.declared import RIGHT, Column, Kind, getter
from core.templatetags.steward import amount, day, moment, number, percent

NOTHING = "–"
CSS = {
    **dict.fromkeys(RIGHT, "num"),
    Kind.DATE: "date",
    Kind.MOMENT: "date",
}


class Piece(NamedTuple):
    """A stretch of the table: finished cells, and where the next one has a template of its own, what that is of."""

    html: SafeString
    template: str = ""
    row: Any = None


def css_of(column: Column) -> str:
    """Return the class of a column's cells."""
    return " ".join(filter(None, [CSS.get(column.kind, ""), "what" if column.wide else ""]))


def pieces(rows: Sequence[tuple[str, Any]], columns: Sequence[tuple[Column, str, str]], asked: Asked) -> list[Piece]:
    """Draw rows after what each begins with, in as few pieces as can be.

    A column comes with its class and what stands before it on a phone.
    """
    found: list[Piece] = []
    parts: list[str] = []
    drawn = [(column, css, label, _drawer(column, css, label, asked)) for column, css, label in columns]
    for begin, row in rows:
        parts.append(begin)
        for column, css, label, draw in drawn:
            if column.template:
                look = column.look(row, asked) if column.look is not None else ""
                parts.append(_opening(f"{css} {look}" if look else css, label))
                found.append(Piece(SafeString("".join(parts)), column.template, row))
                parts = [CLOSING]
            else:
                parts.append(draw(row))
        parts.append("</tr>\n")
    return [*found, Piece(SafeString("".join(parts)))]


CLOSING = "</td>"


def escaped(value: object) -> str:
    """Return a value as text of a page. The library's own function asks first whether it is lazy, cell by cell."""
    return value if isinstance(value, SafeString) else escape(str(value))


@lru_cache(maxsize=2048)
def _opening(css: str, label: str) -> SafeString:
    """Return the beginning of a cell: its looks, and the words that stand before it on a phone."""
    looks = format_html(' class="{}"', css) if css else ""
    return format_html("<td{}{}>", looks, format_html(' data-label="{}"', label) if label else "")


def _drawer(column: Column, css: str, label: str, asked: Asked) -> Callable[[Any], str]:
    """Return what draws a column's cell of a row. Whatever is the same in every row is settled here, once."""
    value, words = getter(column.value), _words(column)
    full, empty = _opening(css, label), _opening(f"{css} none", label)
    link, look, below = column.link, column.look, getter(column.sub) if column.sub else None

    def draw(row: Any) -> str:
        found = value(row)
        html = NOTHING if found in (None, "") else words(found, row)
        opening = empty if html == NOTHING else full
        if look is not None and (more := look(row, asked)):
            opening = _opening(f"{css} {more} none" if html == NOTHING else f"{css} {more}", label)
        if link is not None and (address := link(row, asked)):
            html = f'<a href="{escaped(address)}" data-row>{html}</a>'
        if below is not None and (said := below(row)):
            html = f'{html}<span class="sub">{escaped(said)}</span>'
        return f"{opening}{html}{CLOSING}"

    return draw


def _words(column: Column) -> Callable[[Any, Any], str]:
    """Return what writes a column's value, which is not empty, of a row."""
    kind = column.kind
    if kind is Kind.BADGE:
        tone = getter(column.tone) if column.tone else lambda _row: ""
        return lambda value, row: f'<span class="badge tone-{escaped(tone(row) or "plain")}">{escaped(value)}</span>'
    if kind is Kind.MONEY:
        currency = getter(column.currency)
        return lambda value, row: _money(value, currency(row))
    return lambda value, _row: escaped(written(kind, value))


def _money(value: Any, currency: str) -> str:
    shown = escaped(amount(value, currency))
    return f'<span class="money"><span class="currency">{escaped(currency)}</span> {shown}</span>'


def written(kind: Kind, value: Any) -> str:
    """Write a value that needs no more than itself."""
    if kind is Kind.DATE:
        return day(value)
    if kind is Kind.MOMENT:
        return moment(value)
    if kind is Kind.NUMBER:
        return number(value)
    if kind is Kind.PERCENT:
        return percent(value)
    return str(value)
