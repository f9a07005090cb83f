"""What a client holds on a date, as plain values: the lines, their worth in the client's currency, and the sums.

A rate or price that is not there is named in ``missing`` and its line has no worth; another day's rate is never used
in its place beyond ``RATE_DAYS``.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from core.money import rounded

RATE_DAYS = 7
BUCKETS = ((30, "d30"), (90, "d90"), (180, "d180"), (365, "y1"), (1095, "y3"))
BEYOND = "over"


@dataclass(frozen=True)
class DepositLine:
    """One deposit. ``value`` is principal and accrued interest in its currency."""

    deposit_id: int
    reference: str
    kind: str
    institution: str
    currency: str
    principal: Decimal
    rate: Decimal
    day_count: str
    value_date: dt.date
    matures_on: dt.date | None
    accrued: Decimal
    value: Decimal
    base_value: Decimal | None
    instruction: str


@dataclass(frozen=True)
class HoldingLine:
    """One position. ``gain`` is unrealised, in its currency; ``stale`` marks a price older than the house allows.

    ``source`` says where the price is from, ``estimated`` that somebody valued by hand. ``since`` is the
    day of the bank's last word on it, ``accrued`` the part of the value that is interest since the last coupon,
    ``multiplier`` how many units a price is for.
    """

    reference: str
    name: str
    name_zh: str
    asset_class: str
    currency: str
    quantity: Decimal
    cost: Decimal
    price: Decimal | None
    price_date: dt.date | None
    stale: bool
    value: Decimal | None
    base_value: Decimal | None
    gain: Decimal | None
    risk_level: int
    institution: str
    source: str = ""
    estimated: bool = False
    since: dt.date | None = None
    accrued: Decimal = Decimal(0)
    multiplier: Decimal = Decimal(1)
    instrument_id: int = 0


@dataclass(frozen=True)
class CashLine:
    """The balance of one cash account."""

    account_id: int
    reference: str
    number_hint: str
    institution: str
    currency: str
    balance: Decimal
    base_value: Decimal | None


@dataclass(frozen=True)
class Slice:
    """A part of the whole: its key, name, amount in the client's currency, and weight from 0 to 1."""

    key: str
    label: str
    amount: Decimal
    weight: Decimal


@dataclass(frozen=True)
class Bucket:
    """What falls due in a span: ``label_key`` is ``d30`` … ``y3``, ``over``."""

    label_key: str
    amount: Decimal
    count: int


@dataclass(frozen=True)
class Movement:
    """One line of an account; ``balance`` is the running one."""

    value_date: dt.date
    text: str
    counterparty: str
    kind: str
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True)
class AccountMovements:
    """An account over a period: ``opening`` and the lines make ``closing``."""

    account_id: int
    reference: str
    currency: str
    opening: Decimal
    lines: list[Movement]
    closing: Decimal


class Source(NamedTuple):
    """The day a figure is of, and who told it."""

    day: dt.date
    source: str


@dataclass(frozen=True)
class RateUsed:
    """What one unit of a currency was worth in the client's, on which day, and who told it."""

    currency: str
    rate: Decimal
    day: dt.date
    source: str


@dataclass(frozen=True)
class Book:
    """Everything a client holds on ``as_of`` as it was known at ``known_at``; sums are in ``currency``."""

    client_id: int
    as_of: dt.date
    known_at: dt.datetime
    currency: str
    deposits: list[DepositLine]
    holdings: list[HoldingLine]
    cash: list[CashLine]
    total: Decimal
    by_class: list[Slice]
    by_currency: list[Slice]
    by_institution: list[Slice]
    missing: list[str]
    rates: list[RateUsed] = field(default_factory=list)

    @property
    def deposit_total(self) -> Decimal:
        """Return what the deposits are worth."""
        return sum((line.base_value for line in self.deposits if line.base_value is not None), Decimal(0))


class Converter:
    """Amounts into one currency by the rates of a date, by currency and quoted in ``into``, and who told each rate."""

    def __init__(self, into: str, rates: dict[str, Decimal], sources: dict[str, Source] | None = None) -> None:
        self.into = into
        self.rates = rates
        self.sources = sources or {}
        self.missing: set[str] = set()
        self.used: set[str] = set()

    @property
    def told(self) -> list[RateUsed]:
        """Return the rates that amounts were converted at, with the day and source of each."""
        return [RateUsed(one, self.rates[one], *self.sources[one]) for one in sorted(self.used) if one in self.sources]

    def __call__(self, amount: Decimal | None, currency: str) -> Decimal | None:
        """Return the amount at the minor unit of the currency, None where the rate is missing (and remembered)."""
        if amount is None:
            return None
        rate = Decimal(1) if currency == self.into else self.rates.get(currency)
        if rate is None:
            self.missing.add(f"{currency}/{self.into}")
            return None
        if currency != self.into:
            self.used.add(currency)
        return rounded(amount * rate, self.into)


def assemble(
    *,
    client_id: int,
    as_of: dt.date,
    known_at: dt.datetime,
    currency: str,
    deposits: list[DepositLine],
    holdings: list[HoldingLine],
    cash: list[CashLine],
    missing: set[str],
    rates: list[RateUsed] | None = None,
) -> Book:
    """Sum the lines; every sum is the sum of the printed, rounded lines."""
    parts = [(line.kind if line.kind == "structured" else "deposit", line) for line in deposits]
    named = [
        *[(key, line.currency, line.institution, line.base_value) for key, line in parts],
        *[(line.asset_class, line.currency, line.institution, line.base_value) for line in holdings],
        *[("cash", line.currency, line.institution, line.base_value) for line in cash],
    ]
    worth = [(a, b, c, value) for a, b, c, value in named if value is not None]
    total = sum((value for *_names, value in worth), Decimal(0))
    return Book(
        client_id=client_id,
        as_of=as_of,
        known_at=known_at,
        currency=currency,
        deposits=deposits,
        holdings=holdings,
        cash=cash,
        total=total,
        by_class=slices(((a, value) for a, _b, _c, value in worth), total),
        by_currency=slices(((b, value) for _a, b, _c, value in worth), total),
        by_institution=slices(((c, value) for _a, _b, c, value in worth), total),
        missing=sorted(missing),
        rates=rates or [],
    )


def slices(parts: Iterable[tuple[str, Decimal]], total: Decimal) -> list[Slice]:
    """Return the sums by key, largest first, with their weight in ``total``."""
    sums: dict[str, Decimal] = {}
    for key, value in parts:
        sums[key] = sums.get(key, Decimal(0)) + value
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return [Slice(key, key, amount, amount / total if total else Decimal(0)) for key, amount in ordered]


def bucket_of(matures_on: dt.date, as_of: dt.date) -> str:
    """Return the span of the ladder that a maturity falls into; day 0 is in the first (期限阶梯)."""
    left = (matures_on - as_of).days
    return next((key for most, key in BUCKETS if left <= most), BEYOND)


def ladder(book: Book, as_of: dt.date) -> list[Bucket]:
    """Return the maturities of a book by span, every span present, in the client's currency."""
    found: dict[str, list[Decimal]] = {key: [] for key in (*(key for _most, key in BUCKETS), BEYOND)}
    for line in book.deposits:
        if line.matures_on is not None and line.matures_on >= as_of and line.base_value is not None:
            found[bucket_of(line.matures_on, as_of)].append(line.base_value)
    return [Bucket(key, sum(values, Decimal(0)), len(values)) for key, values in found.items()]
