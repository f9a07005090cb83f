"""Workbooks are read as text files are: one sheet, typed cells, no formulas, nothing that unpacks without end."""

import datetime as dt
import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from portfolios.feeds import Parsed, read
from tests.portfolios.test_feeds_cells import codes

COLUMNS = ["reference", "account", "value_date", "kind", "amount", "currency", "balance", "text"]
LINE: list[Any] = ["T1", "A1", dt.date(2026, 3, 31), "cash", 1234.5, "CNY", None, "=1+1"]


def workbook(*rows: list[Any], sheets: int = 1, text: bool = True) -> bytes:
    """Return a workbook of these rows; texts that begin like formulas stay texts."""
    book = Workbook()
    sheet: Any = book.active
    for row in ([*COLUMNS], *rows):
        sheet.append(row)
    for cells in sheet.iter_rows():
        for cell in cells:
            if text and isinstance(cell.value, str):
                cell.data_type = "s"
    for _more in range(1, sheets):
        book.create_sheet()
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def parsed(content: bytes, name: str = "x.xlsx") -> Parsed:
    """Read movements."""
    return read("transactions", content, name=name)


def test_typed_cells_are_read_as_they_are_meant() -> None:
    found = parsed(workbook(LINE))
    assert found.errors == []
    (row,) = found.rows
    told = (row.reference, row.value_date, row.amount, row.text)  # type: ignore[union-attr]
    assert told == ("T1", dt.date(2026, 3, 31), Decimal("1234.5"), "=1+1")


@pytest.mark.parametrize("figure", [0.1, 0.3, 1e-4, 99999999.99, 7])
def test_figures_keep_what_was_typed(figure: float) -> None:
    (row,) = parsed(workbook([*LINE[:4], figure, *LINE[5:]])).rows
    assert row.amount == Decimal(repr(figure))  # type: ignore[union-attr]


def test_a_formula_is_refused_with_its_cell() -> None:
    assert codes(parsed(workbook([*LINE[:7], "=1+1"], text=False))) == [(2, "H", "formula")]


def test_a_number_that_has_lost_digits_is_refused() -> None:
    assert codes(parsed(workbook([440301199001011234, *LINE[1:]]))) == [(2, "reference", "lost-digits")]


def test_several_sheets_are_refused() -> None:
    assert codes(parsed(workbook(LINE, sheets=2))) == [(1, "", "sheets")]


def test_a_workbook_under_another_name_is_refused() -> None:
    assert codes(parsed(workbook(LINE), "x.csv")) == [(1, "", "packed")]


@pytest.mark.parametrize("content", [b"PK\x03\x04rubbish", b"reference,account\n", workbook(LINE)[:800]])
def test_a_broken_workbook_is_refused(content: bytes) -> None:
    assert codes(parsed(content)) == [(1, "", "workbook")]


def test_a_workbook_that_unpacks_without_end_is_not_unpacked() -> None:
    content = io.BytesIO()
    package = zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED)
    with package, package.open("xl/worksheets/sheet1.xml", "w") as sheet:
        for _part in range(300):
            sheet.write(b" " * 1024 * 1024)
    assert codes(parsed(content.getvalue())) == [(1, "", "workbook-large")]


def test_trailing_empty_cells_are_none() -> None:
    assert parsed(workbook(LINE[:6], [None] * 8, [*LINE[:7], None, None])).errors[:1] == []
