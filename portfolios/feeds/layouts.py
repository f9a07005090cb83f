"""The five layouts: which columns a file has, what a line of each kind says, and what must fit together in one line."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as WrongNumber

from clients.rules.intake import ClientRow, LineError
from core.money import MINOR_UNITS
from portfolios.feeds import cells
from portfolios.feeds.rows import (
    AccountRow,
    ActionRow,
    DepositRow,
    FxRow,
    HoldingRow,
    InstitutionRow,
    InstrumentRow,
    ListedRow,
    LotRow,
    PartyRow,
    PriceRow,
    Row,
    TransactionRow,
)
from portfolios.rules import identifiers


class Column(NamedTuple):
    """One column as a kind of line uses it."""

    read: cells.Reader
    required: bool = False


class Fault(NamedTuple):
    """What does not fit together within a line."""

    field: str
    code: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Record:
    """A kind of line: its row, its columns, the columns that name it, and what must hold between its cells."""

    build: Callable[..., Row]
    columns: dict[str, Column]
    key: tuple[str, ...]
    check: Callable[[Any], Iterator[Fault]]


@dataclass(frozen=True)
class Layout:
    """A file: one kind of line, or several told apart by the column ``record``."""

    records: dict[str, Record]

    @property
    def marked(self) -> bool:
        """Say whether lines carry their kind."""
        return len(self.records) > 1

    @property
    def columns(self) -> list[str]:
        """Return every column's name, in the order of the documentation."""
        names = {name: None for record in self.records.values() for name in record.columns}
        return ["record", *names] if self.marked else [*names]

    @property
    def required(self) -> list[str]:
        """Return the columns that a header must name."""
        if self.marked:
            return ["record"]
        return [name for record in self.records.values() for name, column in record.columns.items() if column.required]


def _nothing(row: object) -> Iterator[Fault]:
    yield from ()


def _minor(row: Any, *names: str) -> Iterator[Fault]:
    """Refuse decimals in a currency that has none."""
    if MINOR_UNITS.get(row.currency) != 0:
        return
    for name in names:
        value: Decimal | None = getattr(row, name)
        if value is not None and value.as_tuple().exponent != 0:
            yield Fault(name, "minor-unit", (("currency", row.currency),))


def _after(later: str, day: dt.date | None, earlier: str, first: dt.date) -> Iterator[Fault]:
    if day is not None and day < first:
        yield Fault(later, "dates-order", (("other", earlier),))


def _client(row: ClientRow) -> Iterator[Fault]:
    identity = (row.id_kind, row.id_country, row.id_number)
    if any(identity) and not all(identity):
        yield Fault(("id_kind", "id_country", "id_number")[identity.index("")], "id-incomplete")
    elif (
        row.id_kind == "resident_id" and row.id_country == "CN" and identifiers.resident(row.id_number.upper()) is None
    ):
        yield Fault("id_number", "resident-id")
    elif row.id_kind == "uscc" and not _valid(uscc.validate, row.id_number):
        yield Fault("id_number", "uscc")
    if row.manager and row.manager == row.backup:
        yield Fault("backup", "backup-same")


def _valid(validate: Callable[[str], str], number: str) -> bool:
    try:
        validate(number)
    except WrongNumber:
        return False
    return True


def _account(row: AccountRow) -> Iterator[Fault]:
    yield from _after("closed_on", row.closed_on, "opened_on", row.opened_on)


def _deposit(row: DepositRow) -> Iterator[Fault]:
    yield from _minor(row, "principal", "renew_amount")
    part = row.renew_amount
    if (row.instruction == "part") != (part is not None) or (part is not None and not 0 < part <= row.principal):
        yield Fault("renew_amount", "part")
    if row.instruction in {"", "none"}:
        yield from (Fault(name, "renewal") for name in ("renew_months", "renew_rate") if getattr(row, name) is not None)
    yield from _after("closed_on", row.closed_on, "value_date", row.value_date)
    yield from _after("changed_on", row.changed_on, "value_date", row.value_date)
    if row.kind not in {"demand", "notice"} and (row.matures_on is None or row.matures_on <= row.value_date):
        yield Fault("matures_on", "maturity")
    if row.kind == "notice" and row.notice_days not in {1, 7}:
        yield Fault("notice_days", "notice")


def _lot(row: LotRow) -> Iterator[Fault]:
    yield from _minor(row, "cost")
    yield from _after("value_date", row.value_date, "acquired_on", row.acquired_on)


def _transaction(row: TransactionRow) -> Iterator[Fault]:
    yield from _minor(row, "amount", "balance")


def _fx(row: FxRow) -> Iterator[Fault]:
    if row.base == row.quote:
        yield Fault("quote", "same-currency")


CLASSES = [
    *("bond", "fund", "equity", "insurance", "structured_product", "real_estate", "option", "future", "swap"),
    *("other", "index"),
]


def _instrument(row: InstrumentRow) -> Iterator[Fault]:
    if (row.coupon is None) != (row.coupon_frequency is None) or (
        row.coupon_frequency is not None and row.coupon_frequency not in {1, 2, 4, 12}
    ):
        yield Fault("coupon_frequency", "coupon")
    elif row.coupon is not None and row.matures_on is None:
        yield Fault("matures_on", "coupon")


def _action(row: ActionRow) -> Iterator[Fault]:
    if (row.kind in {"spin_off", "merger"}) != bool(row.into) or row.into == row.reference:
        yield Fault("into", "into")


def _listed(row: ListedRow) -> Iterator[Fault]:
    yield from _minor(row, "amount_from")
    if (row.term_months > 0) != (row.kind in {"time", "large_cd", "structured"}):
        yield Fault("term_months", "term-of-kind")
    if (row.notice_days > 0) != (row.kind == "notice") or row.notice_days not in {0, 1, 7}:
        yield Fault("notice_days", "notice")


REFERENCE = Column(cells.reference(), required=True)
MONEY = Column(cells.amount, required=True)
CURRENCY = Column(cells.currency, required=True)
DAY = Column(cells.date, required=True)
ANY_DAY = Column(cells.date)
ANY_COUNTRY = Column(cells.country)

CLIENT = Record(
    ClientRow,
    {
        "reference": REFERENCE,
        "kind": Column(cells.choice(["person", "company", "trust"]), required=True),
        "name": Column(cells.text(200), required=True),
        "alias": Column(cells.text(200)),
        "household": Column(cells.reference()),
        "household_name": Column(cells.text(120)),
        "tier": Column(cells.choice(["hnw", "private", "ultra"])),
        "status": Column(cells.choice(["active", "closed"])),
        "language": Column(cells.choice(["en", "zh-hans"])),
        "base_currency": Column(cells.currency),
        "born_on": ANY_DAY,
        "domicile": ANY_COUNTRY,
        "email": Column(cells.email),
        "phone": Column(cells.phone),
        "address": Column(cells.prose(400)),
        "id_kind": Column(cells.choice(["resident_id", "passport", "uscc", "trust_deed", "other"])),
        "id_country": ANY_COUNTRY,
        "id_number": Column(cells.number()),
        "id_expires_on": ANY_DAY,
        "consented_on": ANY_DAY,
        "manager": Column(cells.text(60)),
        "backup": Column(cells.text(60)),
        "preferences": Column(cells.prose(2000)),
        "avoid": Column(cells.prose(2000)),
    },
    ("reference",),
    _client,
)
INSTITUTION = Record(
    InstitutionRow,
    {
        "reference": REFERENCE,
        "name": Column(cells.text(120)),
        "name_zh": Column(cells.text(120)),
        "licence": Column(cells.text(40)),
        "country": ANY_COUNTRY,
        "is_bank": Column(cells.choice(["yes", "no"])),
    },
    ("reference",),
    _nothing,
)
ACCOUNT = Record(
    AccountRow,
    {
        "reference": REFERENCE,
        "client": REFERENCE,
        "number": Column(cells.number(), required=True),
        "kind": Column(cells.choice(["cash", "custody"])),
        "institution": REFERENCE,
        "currency": CURRENCY,
        "opened_on": DAY,
        "closed_on": ANY_DAY,
    },
    ("reference",),
    _account,
)
PARTY = Record(
    PartyRow,
    {
        "reference": REFERENCE,
        "client": REFERENCE,
        "capacity": Column(cells.choice(["joint", "disponent"]), required=True),
    },
    ("reference", "client"),
    _nothing,
)
DEPOSIT = Record(
    DepositRow,
    {
        "reference": REFERENCE,
        "account": REFERENCE,
        "kind": Column(cells.choice(["demand", "time", "notice", "large_cd", "structured"]), required=True),
        "currency": CURRENCY,
        "principal": Column(cells.not_negative(cells.amount), required=True),
        "rate": Column(cells.rate, required=True),
        "day_count": Column(cells.choice(["ACT/360", "ACT/365F", "30/360"])),
        "value_date": DAY,
        "term_months": Column(cells.whole(1, 600)),
        "notice_days": Column(cells.whole(1, 7)),
        "matures_on": ANY_DAY,
        "instruction": Column(cells.choice(["none", "principal", "all", "part"])),
        "renew_amount": Column(cells.amount),
        "renew_months": Column(cells.whole(1, 600)),
        "renew_rate": Column(cells.rate),
        "institution": Column(cells.reference()),
        "closed_on": ANY_DAY,
        "changed_on": ANY_DAY,
    },
    ("reference",),
    _deposit,
)
HOLDING = Record(
    HoldingRow,
    {
        "reference": Column(cells.reference(60), required=True),
        "account": REFERENCE,
        "instrument": REFERENCE,
        "currency": Column(cells.currency),
        "quantity": Column(cells.decimal, required=True),
        "cost": MONEY,
        "value_date": DAY,
    },
    ("reference", "value_date"),
    lambda row: _minor(row, "cost"),
)
LOT = Record(
    LotRow,
    {
        "reference": Column(cells.reference(60), required=True),
        "account": REFERENCE,
        "instrument": REFERENCE,
        "acquired_on": DAY,
        "currency": Column(cells.currency),
        "quantity": Column(cells.decimal, required=True),
        "cost": MONEY,
        "value_date": DAY,
    },
    ("reference", "value_date"),
    _lot,
)
TRANSACTION = Record(
    TransactionRow,
    {
        "reference": Column(cells.reference(60), required=True),
        "account": REFERENCE,
        "value_date": DAY,
        "kind": Column(cells.choice(cells.MOVEMENTS), required=True),
        "amount": MONEY,
        "currency": CURRENCY,
        "balance": Column(cells.amount),
        "counterparty": Column(cells.text(200)),
        "text": Column(cells.text(300)),
        "instrument": Column(cells.reference()),
    },
    ("reference",),
    _transaction,
)
INSTRUMENT = Record(
    InstrumentRow,
    {
        "reference": REFERENCE,
        "name": Column(cells.text(160), required=True),
        "name_zh": Column(cells.text(160)),
        "isin": Column(cells.isin),
        "asset_class": Column(cells.choice(CLASSES), required=True),
        "currency": CURRENCY,
        "issuer": Column(cells.reference()),
        "country": ANY_COUNTRY,
        "sector": Column(cells.text(40)),
        "risk_level": Column(cells.whole(1, 5)),
        "multiplier": Column(cells.positive),
        "coupon": Column(cells.not_negative(cells.rate)),
        "coupon_frequency": Column(cells.whole(1, 12)),
        "matures_on": ANY_DAY,
    },
    ("reference",),
    _instrument,
)
ACTION = Record(
    ActionRow,
    {
        "reference": REFERENCE,
        "kind": Column(cells.choice(["split", "bonus", "spin_off", "merger"]), required=True),
        "value_date": DAY,
        "factor": Column(cells.positive, required=True),
        "into": Column(cells.reference()),
        "source": Column(cells.text(60), required=True),
    },
    ("reference", "value_date"),
    _action,
)
PRICE = Record(
    PriceRow,
    {
        "reference": REFERENCE,
        "value_date": DAY,
        "price": Column(cells.decimal, required=True),
        "currency": Column(cells.currency),
        "source": Column(cells.text(60), required=True),
        "estimated": Column(cells.choice(["yes", "no"])),
    },
    ("reference", "value_date"),
    _nothing,
)
FX = Record(
    FxRow,
    {
        "base": CURRENCY,
        "quote": CURRENCY,
        "value_date": DAY,
        "rate": Column(cells.positive, required=True),
        "source": Column(cells.text(60), required=True),
    },
    ("base", "quote", "value_date"),
    _fx,
)

LISTED = Record(
    ListedRow,
    {
        "institution": REFERENCE,
        "kind": Column(cells.choice(["demand", "time", "notice", "large_cd", "structured"]), required=True),
        "currency": CURRENCY,
        "term_months": Column(cells.whole(0, 600)),
        "notice_days": Column(cells.whole(0, 7)),
        "amount_from": Column(cells.not_negative(cells.amount)),
        "value_date": DAY,
        "rate": Column(cells.rate),
        "transfer_rate": Column(cells.rate),
        "source": Column(cells.text(60), required=True),
    },
    ("institution", "kind", "currency", "term_months", "notice_days", "amount_from", "value_date"),
    _listed,
)

LAYOUTS = {
    "clients": Layout({"client": CLIENT}),
    "accounts": Layout({"institution": INSTITUTION, "account": ACCOUNT, "party": PARTY}),
    "holdings": Layout({"deposit": DEPOSIT, "holding": HOLDING, "lot": LOT}),
    "transactions": Layout({"transaction": TRANSACTION}),
    "prices": Layout(
        {
            "institution": INSTITUTION,
            "instrument": INSTRUMENT,
            "price": PRICE,
            "action": ACTION,
            "fx": FX,
            "listed": LISTED,
        }
    ),
}
"""Layouts by the kind of a feed run."""


def faults(record: Record, row: Row) -> list[LineError]:
    """Return what does not fit together within one row."""
    return [LineError(row.line, fault.field, fault.code, fault.values) for fault in record.check(row)]
