"""How a value is written in a cell of a page."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.html import conditional_escape, format_html
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
    """A stretch of a row: finished cells, and where the next one has a template of its own, the beginning of that."""

    html: SafeString
    template: str


def css_of(column: Column) -> str:
    """Return the class of a column's cells."""
    return " ".join(filter(None, [CSS.get(column.kind, ""), "what" if column.wide else ""]))


def pieces(begin: SafeString, columns: Sequence[tuple[Column, str, str]], row: Any, asked: Asked) -> list[Piece]:
    """Draw the cells of a row after what it begins with; a column comes with its class and what stands before it."""
    found: list[Piece] = []
    parts: list[str] = [begin]
    for column, css, label in columns:
        look = column.look(row, asked) if column.look is not None else ""
        css_now = f"{css} {look}" if look else css
        if column.template:
            parts.append(_opening(css_now, label))
            found.append(Piece(SafeString("".join(parts)), column.template))
            parts = [CLOSING]
            continue
        html = _main(column, row)
        parts += [_opening(f"{css_now} none" if html == NOTHING else css_now, label), _cell(column, html, row, asked)]
        parts.append(CLOSING)
    return [*found, Piece(SafeString("".join(parts)), "")]


CLOSING = "</td>"


@lru_cache(maxsize=2048)
def _opening(css: str, label: str) -> SafeString:
    """Return the beginning of a cell: its looks, and the words that stand before it on a phone."""
    looks = format_html(' class="{}"', css) if css else ""
    return format_html("<td{}{}>", looks, format_html(' data-label="{}"', label) if label else "")


def _cell(column: Column, html: SafeString, row: Any, asked: Asked) -> SafeString:
    """Put a link around what a cell says, and what is less important below it."""
    if column.link is not None and (address := column.link(row, asked)):
        html = format_html('<a href="{}" data-row>{}</a>', address, html)
    below = read(column.sub, row) if column.sub else ""
    return format_html('{}<span class="sub">{}</span>', html, below) if below else html


def _main(column: Column, row: Any) -> SafeString:
    value = read(column.value, row)
    if value in (None, ""):
        return conditional_escape(NOTHING)
    if column.kind is Kind.BADGE:
        return format_html(
            '<span class="badge tone-{}">{}</span>', (column.tone and read(column.tone, row)) or "plain", value
        )
    if column.kind is Kind.MONEY:
        currency = read(column.currency, row)
        return format_html(
            '<span class="money"><span class="currency">{}</span> {}</span>', currency, amount(value, currency)
        )
    return conditional_escape(written(column.kind, value))


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
