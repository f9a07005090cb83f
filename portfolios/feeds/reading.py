"""Bytes of a bank's CSV file to typed rows, or to every line that is wrong."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from clients.rules.intake import LineError
from core.lists.files import unguarded
from portfolios.feeds.cells import CellRefused, clean
from portfolios.feeds.layouts import LAYOUTS, Layout, Record, faults
from portfolios.feeds.rows import Row

MOST_LINES = 200_000
MOST_ERRORS = 500
MOST_CELL = 20_000
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class _Stop(Exception):  # noqa: N818  (ends the reading, is not a fault)
    """Nothing after this line can be understood."""


@dataclass
class Parsed:
    """What a file says: rows in the order of the file, or errors. With one error nothing of the file is to be used."""

    rows: list[Row] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)


def read(kind: str, content: bytes) -> Parsed:
    """Read a file of the layout ``kind``. Refuses nothing by exception: every reason is a line error."""
    reading = _Reading(LAYOUTS[kind])
    try:
        for line, cells in _lines(content, reading):
            reading.take(line, cells)
        if not reading.rows and not reading.errors:
            reading.refuse(1, "", "empty")
    except _Stop:
        pass
    return Parsed([] if reading.errors else list(reading.rows.values()), reading.errors)


class _Reading:
    """The header once seen, the rows by their keys, and the errors so far."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.header: list[str] = []
        self.rows: dict[tuple[object, ...], Row] = {}
        self.errors: list[LineError] = []

    def refuse(self, line: int, column: str, code: str, **values: object) -> None:
        """Note an error; after many the reading ends."""
        self.errors.append(LineError(line, column, code, tuple((name, str(value)) for name, value in values.items())))
        if len(self.errors) >= MOST_ERRORS:
            self.errors.append(LineError(line, "", "too-many", (("most", str(MOST_ERRORS)),)))
            raise _Stop

    def stop(self, line: int, column: str, code: str, **values: object) -> NoReturn:
        """Note an error after which nothing makes sense."""
        self.refuse(line, column, code, **values)
        raise _Stop

    def take(self, line: int, cells: list[str]) -> None:
        """Take the header, or a line below it."""
        if not self.header:
            self._take_header(line, cells)
        elif [cell.strip() for cell in cells] == self.header:
            self.stop(line, "", "header-again")
        elif len(cells) != len(self.header):
            self.refuse(line, "", "cells", found=len(cells), wanted=len(self.header))
        else:
            self._take_line(line, dict(zip(self.header, cells, strict=True)))

    def _take_header(self, line: int, cells: list[str]) -> None:
        names = [cell.strip() for cell in cells]
        if len(names) == 1 and any(sign in names[0] for sign in ";\t|"):
            self.stop(line, "", "separator")
        for name in dict.fromkeys(names):
            if name not in self.layout.columns:
                self.refuse(line, name[:40], "header-unknown")
            elif names.count(name) > 1:
                self.refuse(line, name, "header-twice")
        for name in self.layout.required:
            if name not in names:
                self.refuse(line, name, "header-missing")
        if self.errors:
            raise _Stop
        self.header = names

    def _take_line(self, line: int, cells: dict[str, str]) -> None:
        before = len(self.errors)
        texts = {name: text for name, cell in cells.items() if (text := self._clean(line, name, cell))}
        if len(self.errors) > before:
            return
        kind = texts.pop("record", "") if self.layout.marked else next(iter(self.layout.records))
        record = self.layout.records.get(kind)
        if record is None:
            self.refuse(line, "record", "record", known=", ".join(self.layout.records))
            return
        values = self._values(line, record, texts)
        if len(self.errors) > before:
            return
        row = record.build(**values, line=line)
        for fault in faults(record, row):
            self.refuse(fault.line, fault.field, fault.code, **dict(fault.values))
        if len(self.errors) == before:
            self._keep(kind, record, row)

    def _clean(self, line: int, name: str, cell: str) -> str:
        try:
            return clean(unguarded(cell))
        except CellRefused as refusal:
            self.refuse(line, name, refusal.code, **dict(refusal.values))
            return ""

    def _values(self, line: int, record: Record, texts: dict[str, str]) -> dict[str, object]:
        values: dict[str, object] = {}
        for name in texts.keys() - record.columns.keys():
            self.refuse(line, name, "foreign")
        for name, column in record.columns.items():
            text = texts.get(name, "")
            if not text:
                if column.required:
                    self.refuse(line, name, "required")
                continue
            try:
                values[name] = column.read(text)
            except CellRefused as refusal:
                self.refuse(line, name, refusal.code, **dict(refusal.values))
        return values

    def _keep(self, kind: str, record: Record, row: Row) -> None:
        """Keep a row once; a second one of its key must say the same."""
        key = (kind, *(getattr(row, name) for name in record.key))
        known = self.rows.setdefault(key, row)
        if known != row:
            self.refuse(known.line, record.key[0], "different", other=row.line)
            self.refuse(row.line, record.key[0], "different", other=known.line)


def _lines(content: bytes, reading: _Reading) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that is not empty with the number it begins on."""
    if content.startswith(UTF_16):
        reading.stop(1, "", "encoding")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reading.stop(content[: error.start].count(b"\n") + 1, "", "encoding")
    csv.field_size_limit(MOST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            reading.stop(start, "", "quote")
        if cells is None:
            return
        if start > MOST_LINES + 1:
            reading.stop(start, "", "too-large", most=MOST_LINES)
        if cells and any(cells):
            yield start, cells
