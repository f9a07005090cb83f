"""The bytes of a file to lines of cells: text of any announced encoding, or the one sheet of a workbook.

Nothing is guessed that could be wrong: text is UTF-8, or UTF-16 with its mark, or what the sender says it is.
"""

import codecs
import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO

from openpyxl import load_workbook

Begin = Callable[[], BinaryIO]
"""Opens the file anew at its beginning."""
Line = tuple[int, list[str]]
"""The number a line begins on, and its cells."""

ENCODINGS = ("utf-8", "utf-16", "gb18030", "big5", "cp1252", "cp1250", "iso-8859-1", "iso-8859-2")
SEPARATORS = (",", ";", "\t", "|")
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
PACKED = b"PK\x03\x04"
MOST_CELL = 20_000
CHUNK = 1024 * 1024
SHEET_BYTES, SHEET_STRINGS = 256 * 1024 * 1024, 48 * 1024 * 1024
"""What a workbook may unpack to: all of it, and the texts that are held in memory."""
EXACT = 10**15
"""A spreadsheet's whole numbers are exact below this."""


class Unreadable(Exception):  # noqa: N818  (named for what is so)
    """Nothing from this line on can be understood; ``code`` is a key of ``portfolios.feeds.messages``."""

    def __init__(self, line: int, code: str, column: str = "", **values: object) -> None:
        super().__init__(code)
        self.line, self.code, self.column = line, code, column
        self.values = {name: str(value) for name, value in values.items()}


@dataclass(frozen=True)
class How:
    """What the sender says of a text file; empty is detected."""

    encoding: str = ""
    separator: str = ""


@dataclass(frozen=True)
class Text:
    """What is known of a text file before it is read: how it is encoded, how many lines it has at most."""

    encoding: str
    lines: int


def is_workbook(name: str) -> bool:
    """Say whether a file is a workbook by its name."""
    return name.lower().endswith(".xlsx")


def lines(begin: Begin, name: str, how: How, known: Collection[str]) -> Iterator[Line]:
    """Yield the lines of a file that are not empty. ``known`` are names that its header may have.

    Raises:
        Unreadable: the encoding, the packing or a quotation mark stops the reading.
    """
    if is_workbook(name):
        return _sheet(begin)
    return _text(begin, survey(begin, how), how, known)


# --- text -------------------------------------------------------------------------------------------------------------


def survey(begin: Begin, how: How) -> Text:
    """Read a text through once: it is all of one encoding, and has so many lines.

    Raises:
        Unreadable: it is a workbook under another name, or not of the encoding.
    """
    with begin() as file:
        chunk = file.read(CHUNK)
        if chunk.startswith(PACKED):
            raise Unreadable(1, "packed")
        encoding = next((name for mark, name in MARKS if chunk.startswith(mark)), how.encoding or "utf-8")
        decoder, count = codecs.getincrementaldecoder(encoding)(), 0
        while True:
            try:
                count += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                line = count + _newlines(bytes(error.object)[: error.start], encoding) + 1
                raise Unreadable(line, "encoding-said" if how.encoding else "encoding", said=encoding) from error
            if not chunk:
                return Text(encoding, count + 1)
            chunk = file.read(CHUNK)


def _newlines(part: bytes, encoding: str) -> int:
    return part.decode(encoding, "ignore").count("\n")


def _text(begin: Begin, text: Text, how: How, known: Collection[str]) -> Iterator[Line]:
    separator = how.separator or _separator(begin, text, known)
    csv.field_size_limit(MOST_CELL)
    with begin() as file:
        told = io.TextIOWrapper(file, encoding=text.encoding, newline="")
        reader = csv.reader(told, delimiter=separator, strict=True)
        while True:
            start = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise Unreadable(start, "quote") from error
            if cells is None:
                return
            if any(cells):
                yield start, cells


def _separator(begin: Begin, text: Text, known: Collection[str]) -> str:
    """Return the sign that cuts the first line into the most names that are known; a comma where none does.

    Raises:
        Unreadable: a sign that is not among the usual ones seems to stand between names.
    """
    with begin() as file:
        first = io.TextIOWrapper(file, encoding=text.encoding, newline="").readline(MOST_CELL)
    found = {sign: _names(first, sign, known) for sign in SEPARATORS}
    best = max(SEPARATORS, key=lambda sign: found[sign])
    if not found[best] and "," not in first and any(sign in first for sign in SEPARATORS):
        raise Unreadable(1, "separator")
    return best


def _names(first: str, sign: str, known: Collection[str]) -> int:
    cells = next(iter(csv.reader([first.rstrip("\r\n")], delimiter=sign)), [])
    return sum(cell.strip() in known for cell in cells)


# --- workbooks --------------------------------------------------------------------------------------------------------


def _sheet(begin: Begin) -> Iterator[Line]:
    with begin() as file:
        content = io.BytesIO(file.read())
    _weigh(content)
    try:
        book = load_workbook(content, read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # whatever a broken package makes a reader of XML and ZIP raise
        raise Unreadable(1, "workbook") from error
    if len(book.sheetnames) != 1:
        raise Unreadable(1, "sheets")
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    try:
        width = 0
        for number, row in enumerate(sheet.iter_rows(), start=1):
            cells = _trimmed([_cell(number, cell) for cell in row])
            width = width or len(cells)
            if cells:
                yield number, cells + [""] * (width - len(cells))
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(1, "workbook") from error


def _weigh(content: BinaryIO) -> None:
    """Refuse a package that is none, or unpacks to more than can be held."""
    try:
        parts = zipfile.ZipFile(content).infolist()
    except zipfile.BadZipFile as error:
        raise Unreadable(1, "workbook") from error
    texts = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
    if sum(part.file_size for part in parts) > SHEET_BYTES or texts > SHEET_STRINGS:
        raise Unreadable(1, "workbook-large")


def _trimmed(cells: list[str]) -> list[str]:
    """Leave out the empty cells at the end of a row."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell(line: int, cell: Any) -> str:
    """Write a cell as a text file would have it."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise Unreadable(line, "formula", column=cell.column_letter)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value)
    return str(value)


def _number(value: float) -> str:
    """Write a number with all its digits; one that has lost some is written so that it is refused."""
    if abs(value) >= EXACT:
        return f"{value:.6E}"
    return str(int(value)) if value == int(value) else f"{Decimal(repr(value)):f}"
