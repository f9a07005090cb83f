"""Lines of cells to typed rows, or to every line that is wrong."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NoReturn

from clients.rules.intake import LineError
from core.lists.files import unguarded
from portfolios.feeds import columns
from portfolios.feeds.cells import CONTROL, CellRefused, clean
from portfolios.feeds.layouts import LAYOUTS, TRANSACTION, Layout, Record, faults
from portfolios.feeds.rows import Row, TransactionRow
from portfolios.feeds.sources import Begin, How, Line, Unreadable, lines

MOST_LINES, MOST_MOVEMENTS = 500_000, 2_000_000
MOST_ERRORS = 500
BATCH = 2000


class _Stop(Exception):  # noqa: N818  (ends the reading, is not a fault)
    """Nothing after this line can be understood."""


@dataclass
class Parsed:
    """What a file says: rows in the order of the file, or errors. With one error nothing of the file is to be used."""

    rows: list[Row] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)


def read(kind: str, content: bytes, *, name: str = "", how: How | None = None) -> Parsed:
    """Read a file of the layout ``kind``. Refuses nothing by exception: every reason is a line error."""
    reading = plain(kind, lambda: io.BytesIO(content), name=name, how=how or How())
    rows = list(reading.rows())
    return Parsed([] if reading.errors else rows, reading.errors)


def plain(kind: str, begin: Begin, *, name: str, how: How) -> "Reading":
    """Return a file of a layout, about to be read."""
    layout = LAYOUTS[kind]
    return Reading(layout, lambda: lines(begin, name, how, layout.columns))


class Reading:
    """A file of one layout being read: ``rows`` or ``blocks`` once, then ``errors`` says what was wrong."""

    def __init__(self, layout: Layout, source: Callable[[], Iterator[Line]], *, file: str = "") -> None:
        self.layout, self.source, self.file = layout, source, file
        self.most = MOST_MOVEMENTS if self.staged else MOST_LINES
        self.header: list[str] = []
        self.known: dict[tuple[object, ...], Row] = {}
        self.errors: list[LineError] = []
        self.taken = 0

    @property
    def staged(self) -> bool:
        """Say whether the file holds movements alone, which come as blocks."""
        return list(self.layout.records.values()) == [TRANSACTION]

    def rows(self) -> Iterator[Row]:
        """Return the typed rows, each reference once; none where there are errors."""
        try:
            for line, cells in self._lines():
                self.take(line, cells)
            self.taken = len(self.known)
            self._ended()
        except _Stop:
            return iter(())
        return iter([] if self.errors else self.known.values())

    def blocks(self) -> Iterator[str]:
        """Yield movements in blocks (``columns.COLUMNS``) while the file is read; a reference may come again."""
        source = self._lines()
        try:
            for line, cells in islice(source, 1):
                self.take(line, cells)
            while batch := list(islice(source, BATCH)):
                if found := columns.block(self.header, batch):
                    self.taken += len(batch)
                    yield found
                else:
                    yield from self._slowly(batch)
            self._ended()
        except _Stop:
            return

    def _slowly(self, batch: list[Line]) -> Iterator[str]:
        """Read a batch line by line, to say what is wrong in it or to take what the columns did not."""
        self.known = {}
        for line, cells in batch:
            self.take(line, cells)
        rows = [row for row in self.known.values() if isinstance(row, TransactionRow)]
        self.taken += len(rows)
        if rows:
            yield columns.block_of(rows)

    def _ended(self) -> None:
        if not self.taken and not self.errors:
            self.refuse(1, "", "empty")

    def _lines(self) -> Iterator[Line]:
        """Yield the lines as far as they can be understood and are not too many."""
        try:
            for line, cells in self.source():
                if line > self.most + 1:
                    self.stop(line, "", "too-large", most=f"{self.most:,}")
                yield line, cells
        except Unreadable as reason:
            self.stop(reason.line, reason.column, reason.code, **reason.values)

    def refuse(self, line: int, column: str, code: str, **values: object) -> None:
        """Note an error; after many the reading ends."""
        place = f"{self.file}: {column}".removesuffix(": ") if self.file else column
        self.errors.append(LineError(line, place, code, tuple((name, str(value)) for name, value in values.items())))
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
        if any(CONTROL.search(name) for name in names):
            self.stop(line, "", "control")
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
        known = self.known.setdefault(key, row)
        if known != row:
            self.refuse(known.line, record.key[0], "different", other=row.line)
            self.refuse(row.line, record.key[0], "different", other=known.line)
