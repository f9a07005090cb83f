"""Extracts of another shape: a file or a ZIP of several, read part by part through a mapping."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO

from clients.rules.intake import ClientRow
from portfolios.feeds.cells import CellRefused
from portfolios.feeds.layouts import LAYOUTS
from portfolios.feeds.mapping import FeedMapping, Part, selected
from portfolios.feeds.reading import Reading
from portfolios.feeds.rows import Row
from portfolios.feeds.sources import Begin, How, Line, Unreadable, lines

MOST_UNPACKED = 1024 * 1024 * 1024
Named = Iterator[tuple[int, dict[str, str]]]
"""Lines with their number, each cell by the name its header gives it."""


class Package:
    """A file as it was sent, opened by the names that a mapping uses."""

    def __init__(self, begin: Begin, name: str, mapping: FeedMapping) -> None:
        self.begin, self.name, self.mapping = begin, name, mapping
        self.zip = self._unzipped() if name.lower().endswith(".zip") else None

    def _unzipped(self) -> zipfile.ZipFile:
        """Open the ZIP and hold its names against the mapping's.

        Raises:
            Unreadable: it is none, is too large, or has too few or too many files.
        """
        with self.begin() as file:
            content = io.BytesIO(file.read())
        try:
            package = zipfile.ZipFile(content)
        except zipfile.BadZipFile as error:
            raise Unreadable(1, "zip") from error
        parts = {part.filename: part for part in package.infolist() if not part.is_dir()}
        if sum(part.file_size for part in parts.values()) > MOST_UNPACKED:
            raise Unreadable(1, "file-large")
        for name in sorted(self.mapping.files - parts.keys()):
            raise Unreadable(1, "file-missing", column=name)
        for name in sorted(parts.keys() - self.mapping.files):
            raise Unreadable(1, "file-unknown", column=name)
        return package

    def rows(self, file: str, how: How, names: set[str]) -> Named:
        """Yield the lines of one file by the names of its header, which must have ``names``."""
        source = lines(lambda: self._open(file), file or self.name, how, names)
        _line, cells = next(source, (1, []))
        header = [cell.strip() for cell in cells]
        for name in sorted(names - set(header)):
            raise Unreadable(1, "header-missing", column=name)
        for line, cells in source:
            if len(cells) != len(header):
                raise Unreadable(line, "cells", found=len(cells), wanted=len(header))
            yield line, dict(zip(header, cells, strict=True))

    def _open(self, file: str) -> BinaryIO:
        if self.zip is None:
            if len(self.mapping.files) > 1:
                raise Unreadable(1, "zip-needed")
            return self.begin()
        try:
            return self.zip.open(file or self.zip.namelist()[0])  # type: ignore[return-value]
        except (zipfile.BadZipFile, RuntimeError) as error:
            raise Unreadable(1, "zip") from error

    def readings(self) -> Iterator["MappedReading"]:
        """Yield the parts, each about to be read.

        Raises:
            Unreadable: a list that lines are looked up in cannot be read.
        """
        lookups = {}
        for name, lookup in self.mapping.lookups.items():
            needed = {lookup.key, lookup.value, *lookup.where}
            lookups[name] = selected(lookup, (row for _line, row in self.rows(lookup.file, lookup.how, needed)))
        for part in self.mapping.parts:
            yield MappedReading(self, part, lookups)


class MappedReading(Reading):
    """One part of a mapping being read, as lines of its layout."""

    def __init__(self, package: Package, part: Part, lookups: Mapping[str, Mapping[str, str]]) -> None:
        self.package, self.part, self.lookups = package, part, lookups
        super().__init__(LAYOUTS[part.layout], self._mapped, file=part.file if len(package.mapping.files) > 1 else "")

    def rows(self) -> Iterator[Row]:
        """Return the typed rows; clients say what the mapping invented of them."""
        for row in super().rows():
            yield replace(row, invented=self.part.invented) if isinstance(row, ClientRow) else row

    def _mapped(self) -> Iterator[Line]:
        columns = list(self.part.columns or dict.fromkeys(name for row in self.part.rows for name in row))
        mark = [self.part.record] if self.layout.marked else []
        yield 1, [*(["record"] if mark else []), *columns]
        for line, cells in self._told():
            yield line, [*mark, *(cells.get(name, "") for name in columns)]

    def _told(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        if self.part.rows:
            yield from enumerate(self.part.rows, start=2)
            return
        for line, given in self.package.rows(self.part.file, self.part.how, self.part.names):
            try:
                cells = self.part.cells(given, self.lookups)
            except CellRefused as refusal:
                self.refuse(line, refusal.column, refusal.code, **dict(refusal.values))
                continue
            if cells is not None:
                yield line, cells
