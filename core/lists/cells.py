"""How a value is written in a cell of a page."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.lists.asked import Asked
from core.lists.declared import RIGHT, Column, Kind, read
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
    for begin, row in rows:
        parts.append(begin)
        for column, css, label in columns:
            look = column.look(row, asked) if column.look is not None else ""
            css_now = f"{css} {look}" if look else css
            if column.template:
                parts.append(_opening(css_now, label))
                found.append(Piece(SafeString("".join(parts)), column.template, row))
                parts = [CLOSING]
                continue
            html = _main(column, row)
            opening = _opening(f"{css_now} none" if html == NOTHING else css_now, label)
            parts += [opening, _cell(column, html, row, asked), CLOSING]
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


def _cell(column: Column, html: str, row: Any, asked: Asked) -> str:
    """Put a link around what a cell says, and what is less important below it."""
    if column.link is not None and (address := column.link(row, asked)):
        html = f'<a href="{escaped(address)}" data-row>{html}</a>'
    below = read(column.sub, row) if column.sub else ""
    return f'{html}<span class="sub">{escaped(below)}</span>' if below else html


def _main(column: Column, row: Any) -> str:
    value = read(column.value, row)
    if value in (None, ""):
        return NOTHING
    if column.kind is Kind.BADGE:
        tone = (column.tone and read(column.tone, row)) or "plain"
        return f'<span class="badge tone-{escaped(tone)}">{escaped(value)}</span>'
    if column.kind is Kind.MONEY:
        currency = read(column.currency, row)
        shown = escaped(amount(value, currency))
        return f'<span class="money"><span class="currency">{escaped(currency)}</span> {shown}</span>'
    return escaped(written(column.kind, value))


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
