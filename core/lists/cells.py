"""How a value is written in a cell of a page."""

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


class Cell(NamedTuple):
    """One cell: its looks, the words that stand before it on a phone, and what is in it."""

    css: str
    label: str
    html: SafeString
    template: str


def css_of(column: Column) -> str:
    """Return the class of a column's cells."""
    return " ".join(filter(None, [CSS.get(column.kind, ""), "what" if column.wide else ""]))


def cell(column: Column, css: str, label: str, row: Any, asked: Asked) -> Cell:
    """Draw one cell."""
    if column.look is not None and (look := column.look(row, asked)):
        css = f"{css} {look}"
    if column.template:
        return Cell(css, label, SafeString(), column.template)
    html = _main(column, row)
    css = f"{css} none" if html == NOTHING else css
    if column.link is not None and (address := column.link(row, asked)):
        html = format_html('<a href="{}" data-row>{}</a>', address, html)
    below = read(column.sub, row) if column.sub else ""
    if below:
        html = format_html('{}<span class="sub">{}</span>', html, below)
    return Cell(css, label, html, "")


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
