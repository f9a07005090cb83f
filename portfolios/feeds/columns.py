"""Movements by the thousand: whole columns are judged at once, and only where one fails is each cell read by itself.

What comes out are blocks in PostgreSQL's COPY text format, in the order of ``COLUMNS``.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from operator import attrgetter

from core.lists.files import unguarded
from core.money import MINOR_UNITS
from portfolios.feeds import cells
from portfolios.feeds.rows import TransactionRow
from portfolios.feeds.sources import Line

COLUMNS = (
    *("reference", "account", "value_date", "kind", "amount", "currency", "balance", "counterparty", "text"),
    "instrument",
)
EMPTY = r"\N"
Column = Sequence[str]
Judge = Callable[[Column, str], "list[str] | Column | None"]
"""Takes a column and its cells joined by line breaks; returns the values, or None where a cell needs a closer look."""

END = r"(?:\n|\Z)"
REFERENCES = {most: re.compile(rf"(?:[A-Za-z0-9._:/#-]{{1,{most}}}{END})+") for most in (40, 60)}
LOST = re.compile(r"^[+-]?[0-9]+[.,][0-9]+[eE][+-]?[0-9]+$", re.MULTILINE)
AMOUNT = rf"-?[0-9]{{1,{cells.WHOLE_DIGITS}}}(?:\.[0-9]{{1,4}})?"
AMOUNTS, MAYBE_AMOUNTS = re.compile(rf"(?:{AMOUNT}{END})+"), re.compile(rf"(?:(?:{AMOUNT})?{END})+")
WITHOUT_MINOR = frozenset(code for code, places in MINOR_UNITS.items() if places == 0)
HIDDEN = {"Cf", "Co", "Cn", "Cs", "Cc"}
typed = attrgetter(*COLUMNS)


def block(header: Sequence[str], lines: Sequence[Line]) -> str | None:
    """Return lines as one block, or None where one of them has to be read cell by cell."""
    rows = [row for _number, row in lines]
    if any(len(row) != len(header) for row in rows):
        return None
    found: dict[str, Column] = {}
    for name, column in zip(header, zip(*rows, strict=True), strict=True):
        values = _judged(name, column)
        if values is None:
            return None
        found[name] = values
    if not _fits(found):
        return None
    nothing = [EMPTY] * len(rows)
    numbers = [str(number) for number, _row in lines]
    return _joined(zip(numbers, *(found.get(name, nothing) for name in COLUMNS), strict=True))


def block_of(rows: Sequence[TransactionRow]) -> str:
    """Return typed movements as one block."""
    return _joined([str(row.line), *map(_written, typed(row))] for row in rows)


def _written(value: object) -> str:
    return EMPTY if value is None or value == "" else str(value).replace("\\", "\\\\")


def _joined(rows: "Sequence[Sequence[str]] | object") -> str:
    return "\n".join(map("\t".join, rows)) + "\n"  # type: ignore[arg-type]


def _judged(name: str, column: Column) -> Column | None:
    joined = "\n".join(column)
    if "\n'" in joined or joined.startswith("'"):
        column = [unguarded(cell) for cell in column]
        joined = "\n".join(column)
    if joined.count("\n") != len(column) - 1 or cells.CONTROL.search(joined):
        return None
    return JUDGES[name](column, joined)


def _references(most: int) -> Judge:
    def judge(column: Column, joined: str) -> Column | None:
        return column if column[-1] and REFERENCES[most].fullmatch(joined) and not LOST.search(joined) else None

    return judge


def _known_by(column: Column, joined: str) -> Column | None:
    """Judge references of which some may be empty."""
    said = "\n".join(filter(None, column))
    return [cell or EMPTY for cell in column] if REFERENCES[40].fullmatch(said) and not LOST.search(said) else None


def _among(known: frozenset[str]) -> Judge:
    return lambda column, _joined: column if known.issuperset(column) else None


def _days(column: Column, joined: str) -> Column | None:
    try:
        for day in set(column):
            cells.date(day)
    except cells.CellRefused:
        return None
    return column


def _amounts(column: Column, joined: str) -> Column | None:
    return column if column[-1] and AMOUNTS.fullmatch(joined) else None


def _maybe_amounts(column: Column, joined: str) -> Column | None:
    return [cell or EMPTY for cell in column] if MAYBE_AMOUNTS.fullmatch(joined) else None


def _words(most: int) -> Judge:
    def judge(column: Column, joined: str) -> Column | None:
        if "\t" in joined or "\r" in joined:
            return None
        if not joined.isascii() and any(unicodedata.category(sign) in HIDDEN for sign in set(joined) - {"\n"}):
            return None
        values = [cell.strip(cells.BLANKS) for cell in column]
        if max(map(len, values)) > most:
            return None
        if "\\" in joined:
            values = [cell.replace("\\", "\\\\") for cell in values]
        return [cell or EMPTY for cell in values]

    return judge


JUDGES: dict[str, Judge] = {
    "reference": _references(60),
    "account": _references(40),
    "value_date": _days,
    "kind": _among(frozenset(cells.MOVEMENTS)),
    "amount": _amounts,
    "currency": _among(cells.CURRENCIES),
    "balance": _maybe_amounts,
    "counterparty": _words(200),
    "text": _words(300),
    "instrument": lambda column, joined: _known_by(column, joined) if any(column) else [EMPTY] * len(column),
}


def _fits(found: dict[str, Column]) -> bool:
    """Say whether no currency without decimals has some."""
    if WITHOUT_MINOR.isdisjoint(found["currency"]):
        return True
    balances = found.get("balance") or found["amount"]
    rows = zip(found["currency"], found["amount"], balances, strict=True)
    return all("." not in amount + balance for code, amount, balance in rows if code in WITHOUT_MINOR)
