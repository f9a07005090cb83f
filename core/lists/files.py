"""Rows as files: CSV that programs read again, XLSX with typed cells. A text in either is never a formula.

XLSX is written here and not by openpyxl: its writer puts the clear sheet into a temporary file, and an export must not
lie anywhere in clear. What comes out is tested by reading it with openpyxl and LibreOffice.
"""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import IO, Any, Protocol
from xml.sax.saxutils import escape

from django.utils import timezone

from core.lists.declared import Field, Kind, read
from core.money import quantum

FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""A text that begins with one of these would be taken for a formula, or for a text that was guarded against it."""
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
SHEET_ROWS = 1_048_575
CELL_MOST = 32_767
DIGITS = 15
"""A spreadsheet's numbers keep so many digits; a longer one is written as text."""
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
FIRST_DAY = dt.datetime(1899, 12, 30)  # noqa: DTZ001  (a spreadsheet's days have no zone)
Cells = list[Any]


class Writer(Protocol):
    """A file in the making."""

    def rows(self, rows: Sequence[Any]) -> None:
        """Write some rows."""

    def finish(self) -> None:
        """Write what closes the file."""


def guarded(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula; a feed takes exactly one off."""
    return f"'{text}" if text.startswith(FORMULA) else text


def value_of(field: Field, row: Any) -> Any:
    """Return what a field says of a row: text, a number, a date, an instant without zone, or None."""
    value = read(field.value, row)
    if value is None or value == "":
        return None
    if field.kind is Kind.MONEY:
        return _posted(Decimal(value), read(field.currency, row))
    if field.kind in {Kind.NUMBER, Kind.PERCENT}:
        return value if isinstance(value, int) else Decimal(value).normalize()
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    return value if isinstance(value, dt.date | bool) else str(value)


def _posted(amount: Decimal, currency: str) -> Decimal:
    """Return an amount at its currency's minor unit, with more places only where it has them."""
    unit = quantum(currency)
    return amount.quantize(unit) if amount == amount.quantize(unit) else amount.normalize()


def unguarded(text: str) -> str:
    """Take off the apostrophe that ``guarded`` put before a text, and no other."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


class CsvFile:
    """UTF-8 with a mark at its beginning, so that spreadsheets take it for what it is."""

    def __init__(self, out: IO[bytes], fields: Sequence[Field], record: str = "") -> None:
        self.out, self.fields, self.record = out, fields, record
        out.write(b"\xef\xbb\xbf")
        self._lines([[*(["record"] if record else []), *(field.name for field in fields)]])

    def rows(self, rows: Sequence[Any]) -> None:
        """Write some rows."""
        mark = [self.record] if self.record else []
        self._lines([[*mark, *(plain(value_of(field, row)) for field in self.fields)] for row in rows])

    def finish(self) -> None:
        """Write nothing more."""

    def _lines(self, lines: Sequence[Sequence[str]]) -> None:
        sheet = io.StringIO(newline="")
        csv.writer(sheet).writerows(lines)
        self.out.write(sheet.getvalue().encode("utf-8", "replace"))


def plain(value: Any) -> str:
    """Write a value for CSV: numbers as they are, text guarded."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    return guarded(value) if isinstance(value, str) else str(value)


HEADER, DATE, MOMENT, TEXT, WHOLE, NUMBER, PERCENT, MONEY = range(1, 9)
FONT = '<sz val="11"/><name val="Calibri"/>'
STYLES = (
    '<numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>'
    '<numFmt numFmtId="166" formatCode="#,##0.000"/></numFmts>'
    f'<fonts count="2"><font>{FONT}</font><font><b/>{FONT}</font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
)
NUMBER_FORMATS = {
    HEADER: 0,
    DATE: 164,
    MOMENT: 165,
    TEXT: 49,
    WHOLE: 3,
    NUMBER: 0,
    PERCENT: 10,
    MONEY: 4,
    MONEY + 1: 166,
}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TOP = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


NORMAL = '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'


def _styles() -> str:
    """Return the style sheet; a text's style says that it was quoted, so that editing it makes no formula of it."""
    formats = "".join(
        f'<xf numFmtId="{number}" fontId="{int(style == HEADER)}" fillId="0" borderId="0" xfId="0"'
        f' applyNumberFormat="1"{" quotePrefix=" + chr(34) + "1" + chr(34) if style == TEXT else ""}/>'
        for style, number in NUMBER_FORMATS.items()
    )
    first = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    count = len(NUMBER_FORMATS) + 1
    cells = f'<cellXfs count="{count}">{first}{formats}</cellXfs>{NORMAL}'
    return f'{TOP}<styleSheet xmlns="{MAIN}">{STYLES}{cells}</styleSheet>'


def _parts(title: str) -> dict[str, str]:
    """Return the parts of the package that do not depend on the rows."""
    kind, office = "application/vnd.openxmlformats-officedocument.spreadsheetml", f"{RELATIONS}"
    return {
        "[Content_Types].xml": (
            f'{TOP}<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'{TOP}<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'{TOP}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
            f'<sheet name="{escape(title, {chr(34): "&quot;"})}" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{TOP}<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{office}/styles" Target="styles.xml"/></Relationships>'
        ),
        "xl/styles.xml": _styles(),
    }


class XlsxFile:
    """One sheet, its first line frozen and bold, dates and numbers as such, amounts beside their currency."""

    def __init__(self, out: IO[bytes], fields: Sequence[Field], title: str) -> None:
        self.fields, self.line = fields, 1
        self.package = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=5)
        for name, text in _parts(re.sub(r"[\[\]:*?/\\']", " ", title)[:31] or "Sheet").items():
            self.package.writestr(name, text)
        self.sheet = self.package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        columns = "".join(
            f'<col min="{n}" max="{n}" width="{_width(one)}" customWidth="1"/>' for n, one in enumerate(fields, 1)
        )
        pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        self.sheet.write(
            f'{TOP}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
            f"<cols>{columns}</cols><sheetData>{self._row([_text(str(one.label), HEADER) for one in fields])}".encode()
        )

    def rows(self, rows: Sequence[Any]) -> None:
        """Write some rows."""
        lines = (self._row([_cell(field, row) for field in self.fields]) for row in rows)
        self.sheet.write("".join(lines).encode())

    def finish(self) -> None:
        """Close sheet and package."""
        last = f"{_letters(len(self.fields))}{max(self.line - 1, 1)}"
        self.sheet.write(f'</sheetData><autoFilter ref="A1:{last}"/></worksheet>'.encode())
        self.sheet.close()
        self.package.close()

    def _row(self, cells: Sequence[str]) -> str:
        line, self.line = self.line, self.line + 1
        return f'<row r="{line}">{"".join(cells)}</row>'


def _letters(number: int) -> str:
    """Return a column's letters."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _width(field: Field) -> int:
    return {Kind.TEXT: 24, Kind.MONEY: 18}.get(field.kind, 14)


def _text(text: str, style: int = TEXT) -> str:
    clean = escape(NOT_XML.sub("\ufffd", text)[:CELL_MOST])
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{clean}</t></is></c>'


def _cell(field: Field, row: Any) -> str:
    value = value_of(field, row)
    if value is None:
        return "<c/>"
    if isinstance(value, dt.datetime):
        return f'<c s="{MOMENT}"><v>{(value - FIRST_DAY) / dt.timedelta(days=1):.10f}</v></c>'
    if isinstance(value, dt.date):
        return f'<c s="{DATE}"><v>{value.toordinal() - FIRST_DAY.toordinal()}</v></c>'
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return _number(field, value)
    return _text(str(value))


def _number(field: Field, value: Decimal | int) -> str:
    number = Decimal(value)
    if len(number.normalize().as_tuple().digits) > DIGITS:
        return _text(f"{number:f}")
    places = -int(number.as_tuple().exponent)
    style = {Kind.PERCENT: PERCENT}.get(field.kind, WHOLE if places <= 0 and field.kind is Kind.MONEY else NUMBER)
    if field.kind is Kind.MONEY and places > 0:
        style = MONEY if places <= 2 else MONEY + 1  # noqa: PLR2004  (the most common minor unit)
    return f'<c s="{style}"><v>{number:f}</v></c>'


MAKERS: dict[str, Callable[..., Writer]] = {"csv": CsvFile, "xlsx": XlsxFile}
