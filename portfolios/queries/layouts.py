"""The layouts as a person reads them: which columns, what they mean, an example to begin from."""

import csv
import io
from dataclasses import dataclass

from django.utils.functional import Promise

from portfolios.feeds import LAYOUTS
from portfolios.models import FeedRun
from portfolios.queries.meanings import EXAMPLES, MEANINGS, OF_ONE_RECORD


@dataclass(frozen=True)
class ColumnCard:
    """A column as one kind of line uses it."""

    name: str
    required: bool
    meaning: "str | Promise"


@dataclass(frozen=True)
class RecordCard:
    """A kind of line; ``name`` is what the column ``record`` says, empty where the layout has one kind alone."""

    name: str
    columns: list[ColumnCard]


@dataclass(frozen=True)
class LayoutCard:
    """A layout with its kinds of lines."""

    kind: str
    label: str
    records: list[RecordCard]


def layouts() -> list[LayoutCard]:
    """Return every layout in the order in which a new installation is filled."""
    return [_layout(kind) for kind in LAYOUTS]


def _layout(kind: str) -> LayoutCard:
    layout = LAYOUTS[kind]
    records = [
        RecordCard(
            name if layout.marked else "",
            [ColumnCard(column, use.required, meaning(name, column)) for column, use in record.columns.items()],
        )
        for name, record in layout.records.items()
    ]
    return LayoutCard(kind, str(FeedRun.Kind(kind).label), records)


def meaning(record: str, column: str) -> "str | Promise":
    """Return what a column means in a kind of line."""
    return OF_ONE_RECORD.get((record, column)) or MEANINGS[column]


def example(kind: str, *, manager: str) -> str:
    """Return a small file of a layout, with one line of each kind; ``manager`` is the user name in it.

    Raises:
        KeyError: there is no such layout.
    """
    layout = LAYOUTS[kind]
    lines = [{"record": name, **EXAMPLES[name]} for name in layout.records if name != "party"]
    if kind == "clients":
        lines = [{**line, "manager": manager} for line in lines]
    columns = [name for name in layout.columns if any(name in line for line in lines)]
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    return sheet.getvalue()
