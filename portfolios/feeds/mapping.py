"""A mapping says how an extract of another shape becomes the lines of our layouts: TOML, read whole and judged first.

[[part]]                       # in the order in which parts need each other
layout = "transactions"        # and record = "party" where a layout has several kinds of lines
file = "trans.asc"             # of the ZIP; left out for a file sent alone; rows = [{...}] instead of a file
encoding = "cp1250"            # detected where left out, as is the separator
separator = ";"
dates = "YYMMDD"               # of every column of dates; a column may say its own
decimal = ","                  # and thousands = "."; a point and nothing where left out
where = {type = ["OWNER"]}     # only lines whose cells say one of these
[part.columns]
reference = {from = "trans_id", prefix = "bank-"}
currency = "CZK"               # the same for every line
name = {text = "Client {client_id}"}
amount = {from = "amount", minus_unless = {type = "PRIJEM"}}
kind = {from = ["k_symbol", "operation"], codes = {UROK = "interest", VKLAD = "cash"}}
client = {from = "account_id", lookup = "owners", prefix = "bank-"}
counterparty = {join = ["bank", "account"], drop = ["0"]}
born_on = {from = "birth_number", month_over = 50, century = 1900}
manager = {from = "client_id", spread = ["lin", "zhou"]}

[lookup.owners]
file = "disp.asc"
key = "account_id"
value = "client_id"
where = {type = ["OWNER"]}
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from portfolios.feeds import cells
from portfolios.feeds.layouts import LAYOUTS, Column, Layout
from portfolios.feeds.sources import ENCODINGS, SEPARATORS, How

PART = {
    *("layout", "record", "file", "rows", "encoding", "separator", "dates", "decimal", "thousands", "where"),
    *("columns", "invented"),
}
LOOKUP = {"file", "key", "value", "where", "encoding", "separator"}
WORDS = {
    *("from", "text", "join", "drop", "prefix", "suffix", "codes", "default", "lookup", "spread"),
    *("dates", "month_over", "century", "minus_unless", "digits"),
}
DATES = re.compile(r"(?:YYYY|YY|MM|DD|[-/. ])+")
DIGITS = {"YYYY": 4, "YY": 2, "MM": 2, "DD": 2}
FIGURES = {cells.amount, cells.decimal, cells.rate, cells.positive}
MOST_DIGITS = 40


class MappingRefused(Exception):  # noqa: N818  (named for what happened)
    """A mapping does not say what is needed; ``where`` names the place in it."""

    def __init__(self, where: str, code: str, **values: object) -> None:
        super().__init__(f"{where}: {code}")
        self.where, self.code = where, code
        self.values = {name: str(value) for name, value in values.items()}


@dataclass(frozen=True)
class Lookup:
    """A column of another file, found by a key of this one."""

    file: str
    key: str
    value: str
    where: dict[str, set[str]]
    how: How


@dataclass(frozen=True)
class Rule:
    """How one cell of ours comes about; what the words mean is in the room's own text."""

    sources: tuple[str, ...] = ()
    text: str = ""
    join: tuple[str, ...] = ()
    drop: frozenset[str] = frozenset()
    prefix: str = ""
    suffix: str = ""
    codes: Mapping[str, str] | None = None
    default: str = ""
    lookup: str = ""
    spread: tuple[str, ...] = ()
    dates: str = ""
    month_over: int = 0
    century: int = 0
    minus_unless: Mapping[str, set[str]] = field(default_factory=dict)
    digits: int = 0
    decimal: str = "."
    thousands: str = ""
    figure: bool = False

    @property
    def names(self) -> set[str]:
        """Return the columns of the extract that it reads."""
        return {*self.sources, *self.join, *re.findall(r"{(\w+)}", self.text), *self.minus_unless}


@dataclass(frozen=True)
class Part:
    """The lines of one kind, from one file or written in the mapping itself."""

    layout: str
    record: str
    file: str
    rows: tuple[Mapping[str, str], ...]
    how: How
    where: dict[str, set[str]]
    columns: Mapping[str, Rule]
    invented: tuple[str, ...]

    @property
    def names(self) -> set[str]:
        """Return the columns that the extract's header must name."""
        return {name for rule in self.columns.values() for name in rule.names} | self.where.keys()

    def cells(self, given: Mapping[str, str], lookups: Mapping[str, Mapping[str, str]]) -> dict[str, str] | None:
        """Return a line of the extract as cells of the layout, None where the mapping leaves it out.

        Raises:
            CellRefused: ``column`` of a line does not follow its convention; the error carries the column.
        """
        if not _holds(self.where, given):
            return None
        told = {}
        for name, rule in self.columns.items():
            try:
                told[name] = _made(rule, given, lookups)
            except cells.CellRefused as refusal:
                refusal.column = name
                raise
        return told


@dataclass(frozen=True)
class FeedMapping:
    """A mapping that was understood."""

    parts: tuple[Part, ...]
    lookups: Mapping[str, Lookup]

    @property
    def files(self) -> set[str]:
        """Return the files that it names."""
        named = [*(part.file for part in self.parts), *(lookup.file for lookup in self.lookups.values())]
        return {name for name in named if name}


# --- read the mapping -------------------------------------------------------------------------------------------------


def understood(text: str) -> FeedMapping:
    """Read a mapping.

    Raises:
        MappingRefused: it is no TOML, or says something that is not known, or lacks something.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingRefused("", "toml", reason=error) from error
    _only(told, {"part", "lookup"}, "")
    parts = told.get("part")
    if not isinstance(parts, list) or not parts:
        raise MappingRefused("part", "mapping-part")
    lookups = {name: _lookup(f"lookup.{name}", one) for name, one in _table(told.get("lookup", {}), "lookup").items()}
    found = tuple(_part(f"part {number}", one, set(lookups)) for number, one in enumerate(parts, start=1))
    if len(found) > 1 and any(not part.file and not part.rows for part in found):
        raise MappingRefused("part", "mapping-file")
    return FeedMapping(found, lookups)


def _table(told: object, where: str) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise MappingRefused(where, "mapping-table")
    return told


def _only(told: object, known: set[str], where: str) -> dict[str, Any]:
    for name in _table(told, where):
        if name not in known:
            raise MappingRefused(f"{where}.{name}".strip("."), "mapping-word", known=", ".join(sorted(known)))
    return _table(told, where)


def _how(told: Mapping[str, Any], where: str) -> How:
    encoding, separator = str(told.get("encoding", "")), str(told.get("separator", ""))
    if encoding and encoding not in ENCODINGS:
        raise MappingRefused(f"{where}.encoding", "choice", known=", ".join(ENCODINGS))
    if separator and separator not in SEPARATORS:
        raise MappingRefused(f"{where}.separator", "choice", known=", ".join(map(repr, SEPARATORS)))
    return How(encoding, separator)


def _conditions(told: object, where: str) -> dict[str, set[str]]:
    given = _table(told, where)
    return {
        name: {str(one) for one in (value if isinstance(value, list) else [value])} for name, value in given.items()
    }


def _lookup(where: str, told: object) -> Lookup:
    given = _only(told, LOOKUP, where)
    for name in ("file", "key", "value"):
        if not isinstance(given.get(name), str):
            raise MappingRefused(f"{where}.{name}", "required")
    conditions = _conditions(given.get("where", {}), f"{where}.where")
    return Lookup(given["file"], given["key"], given["value"], conditions, _how(given, where))


def _part(where: str, told: object, lookups: set[str]) -> Part:
    given = _only(told, PART, where)
    layout = LAYOUTS.get(str(given.get("layout", "")))
    if layout is None:
        raise MappingRefused(f"{where}.layout", "choice", known=", ".join(LAYOUTS))
    record = str(given.get("record", "" if layout.marked else next(iter(layout.records))))
    if record not in layout.records:
        raise MappingRefused(f"{where}.record", "choice", known=", ".join(layout.records))
    rows = given.get("rows", [])
    if not isinstance(rows, list) or bool(rows) == bool(given.get("columns")):
        raise MappingRefused(f"{where}.columns", "mapping-columns")
    columns = _columns(where, given, layout, record, lookups)
    written = [{name: str(value) for name, value in _table(row, f"{where}.rows").items()} for row in rows]
    for name in {name for row in written for name in row} - layout.records[record].columns.keys():
        raise MappingRefused(f"{where}.rows.{name}", "header-unknown")
    conditions = _conditions(given.get("where", {}), f"{where}.where")
    invented = tuple(str(name) for name in given.get("invented", []))
    file = str(given.get("file", ""))
    return Part(str(given["layout"]), record, file, tuple(written), _how(given, where), conditions, columns, invented)


def _columns(where: str, given: Mapping[str, Any], layout: Layout, record: str, lookups: set[str]) -> dict[str, Rule]:
    known = layout.records[record].columns
    told = _table(given.get("columns", {}), f"{where}.columns")
    for name in told:
        if name not in known:
            raise MappingRefused(f"{where}.columns.{name}", "header-unknown")
    if told:
        for name, column in known.items():
            if column.required and name not in told:
                raise MappingRefused(f"{where}.columns.{name}", "header-missing")
    return {name: _rule(f"{where}.columns.{name}", one, given, known[name], lookups) for name, one in told.items()}


def _rule(where: str, told: object, part: Mapping[str, Any], column: Column, lookups: set[str]) -> Rule:
    """Read how a cell comes about; conventions of the part hold where the column has none of its own."""
    if not isinstance(told, dict):
        return Rule(default=str(told))
    given = _only(told, WORDS, where)
    source = given.get("from", [])
    codes = {str(name): str(value) for name, value in _table(given.get("codes", {}), where).items()}
    if (lookup := str(given.get("lookup", ""))) and lookup not in lookups:
        raise MappingRefused(f"{where}.lookup", "choice", known=", ".join(sorted(lookups)))
    dates = str(given.get("dates", part.get("dates", ""))) if column.read is cells.date else ""
    if dates and not DATES.fullmatch(dates):
        raise MappingRefused(f"{where}.dates", "mapping-dates")
    return Rule(
        sources=tuple(map(str, source if isinstance(source, list) else [source])),
        text=str(given.get("text", "")),
        join=tuple(map(str, given.get("join", []))),
        drop=frozenset(map(str, given.get("drop", []))),
        prefix=str(given.get("prefix", "")),
        suffix=str(given.get("suffix", "")),
        codes=codes or None,
        default=str(given.get("default", "")),
        lookup=lookup,
        spread=tuple(map(str, given.get("spread", []))),
        dates=dates,
        month_over=int(given.get("month_over", 0)),
        century=int(given.get("century", 0)),
        minus_unless=_conditions(given.get("minus_unless", {}), where),
        digits=min(int(given.get("digits", 0)), MOST_DIGITS),
        decimal=str(part.get("decimal", ".")),
        thousands=str(part.get("thousands", "")),
        figure=column.read in FIGURES or bool(given.get("minus_unless")),
    )


# --- make the cells ---------------------------------------------------------------------------------------------------


def _holds(conditions: Mapping[str, set[str]], given: Mapping[str, str]) -> bool:
    return all(given[name].strip() in values for name, values in conditions.items())


def _made(rule: Rule, given: Mapping[str, str], lookups: Mapping[str, Mapping[str, str]]) -> str:
    value = _raw(rule, given)
    if rule.lookup:
        if value not in lookups[rule.lookup]:
            raise cells.CellRefused("lookup", lookup=rule.lookup)
        value = lookups[rule.lookup][value]
    if rule.spread:
        return rule.spread[int(re.sub(r"\D", "", value) or 0) % len(rule.spread)]
    if not value:
        return rule.default
    if rule.dates:
        value = _date(rule, value)
    if rule.figure:
        value = _figure(rule, value, given)
    if rule.digits:
        value = value.zfill(rule.digits)
    return f"{rule.prefix}{value}{rule.suffix}"


def _raw(rule: Rule, given: Mapping[str, str]) -> str:
    """Return what the extract says, before any convention."""
    if rule.text:
        return re.sub(r"{(\w+)}", lambda name: given[name[1]].strip(), rule.text)
    if rule.join:
        joined = (given[name].strip() for name in rule.join)
        return " ".join(one for one in joined if one and one not in rule.drop)
    told = [given[name].strip() for name in rule.sources]
    if rule.codes is None:
        return next(filter(None, told), "")
    for one in told:
        if one in rule.codes:
            return rule.codes[one]
    if any(told) and not rule.default:
        raise cells.CellRefused("code")
    return ""


def _date(rule: Rule, value: str) -> str:
    """Write a date as ours, from its pattern and nothing else: ``01/02`` is what the mapping says it is."""
    pattern = re.sub("YYYY|YY|MM|DD", lambda word: rf"(?P<{word[0]}>[0-9]{{{DIGITS[word[0]]}}})", re.escape(rule.dates))
    found = re.match(pattern if rule.month_over else rf"{pattern}\Z", value)
    if not found:
        raise cells.CellRefused("date-pattern", pattern=rule.dates)
    told = found.groupdict()
    year = int(told["YYYY"]) if "YYYY" in told else (rule.century or _century(int(told["YY"]))) + int(told["YY"])
    month = int(told["MM"])
    if rule.month_over and month > rule.month_over:
        month -= rule.month_over
    return f"{year:04}-{month:02}-{int(told['DD']):02}"


def _century(year: int) -> int:
    return 1900 if year >= 70 else 2000  # noqa: PLR2004  (as POSIX reads two digits of a year)


def _figure(rule: Rule, value: str, given: Mapping[str, str]) -> str:
    """Write a figure as ours, where it follows the convention to the letter."""
    group = rf"[0-9]{{1,3}}(?:{re.escape(rule.thousands)}[0-9]{{3}})+" if rule.thousands else r"(?!)"
    if not re.fullmatch(rf"[+-]?(?:{group}|[0-9]+)(?:{re.escape(rule.decimal)}[0-9]+)?", value):
        raise cells.CellRefused("figure", decimal=rule.decimal)
    plain = value.replace(rule.thousands, "") if rule.thousands else value
    plain = plain.replace(rule.decimal, ".").removeprefix("+")
    if rule.minus_unless and not _holds(rule.minus_unless, given):
        return plain.removeprefix("-") if plain.startswith("-") else f"-{plain}"
    return plain


def selected(lookup: Lookup, rows: Iterator[Mapping[str, str]]) -> dict[str, str]:
    """Return a lookup's values by their keys."""
    return {row[lookup.key].strip(): row[lookup.value].strip() for row in rows if _holds(lookup.where, row)}
