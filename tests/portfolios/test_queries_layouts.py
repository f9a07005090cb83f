"""The page of the layouts tells every column, and its examples load."""

import csv
import io

import pytest

from portfolios import feeds
from portfolios.feeds import LAYOUTS
from portfolios.queries import layouts as queries
from portfolios.queries.meanings import EXAMPLES, MEANINGS, OF_ONE_RECORD


def test_every_column_of_every_record_has_a_meaning() -> None:
    told = [column for layout in queries.layouts() for record in layout.records for column in record.columns]
    assert len(told) == sum(len(record.columns) for layout in LAYOUTS.values() for record in layout.records.values())
    assert all(str(column.meaning) for column in told)


def test_no_meaning_is_left_of_a_column_that_went() -> None:
    columns = {
        (name, column)
        for layout in LAYOUTS.values()
        for name, record in layout.records.items()
        for column in record.columns
    }
    assert set(MEANINGS) <= {column for _record, column in columns}
    assert set(OF_ONE_RECORD) <= columns
    assert set(EXAMPLES) == {name for layout in LAYOUTS.values() for name in layout.records}


@pytest.mark.parametrize("kind", list(LAYOUTS))
def test_an_example_is_a_file_of_its_layout(kind: str) -> None:
    parsed = feeds.read(kind, queries.example(kind, manager="mei").encode())
    assert parsed.errors == []
    assert parsed.rows


def test_an_example_names_the_manager_and_no_column_in_vain() -> None:
    (line,) = csv.DictReader(io.StringIO(queries.example("clients", manager="mei")))
    assert line["manager"] == "mei"
    assert all(line.values())
