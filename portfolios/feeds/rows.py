"""What each line of a bank's file says, typed. Rows name others by the bank's own references."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from clients.rules.intake import ClientRow


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    """A licensed bank or an issuer."""

    reference: str
    name: str = ""
    name_zh: str = ""
    licence: str = ""
    country: str = ""
    is_bank: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account; ``client`` is its first owner."""

    reference: str
    client: str
    number: str
    institution: str
    currency: str
    opened_on: dt.date
    kind: str = ""
    closed_on: dt.date | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A further client who may operate the account ``reference``."""

    reference: str
    client: str
    capacity: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class DepositRow:
    """A deposit contract. ``rate`` is a fraction of one: 2.35 % is 0.0235."""

    reference: str
    account: str
    kind: str
    currency: str
    principal: Decimal
    rate: Decimal
    value_date: dt.date
    day_count: str = ""
    term_months: int | None = None
    notice_days: int | None = None
    matures_on: dt.date | None = None
    instruction: str = ""
    renew_amount: Decimal | None = None
    renew_months: int | None = None
    renew_rate: Decimal | None = None
    institution: str = ""
    closed_on: dt.date | None = None
    changed_on: dt.date | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class HoldingRow:
    """How much of an instrument an account held on a date; ``cost`` is what it cost in the instrument's currency."""

    reference: str
    account: str
    instrument: str
    quantity: Decimal
    cost: Decimal
    value_date: dt.date
    currency: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class LotRow:
    """What was left of one purchase on a date, and what that part cost in the instrument's currency."""

    reference: str
    account: str
    instrument: str
    acquired_on: dt.date
    quantity: Decimal
    cost: Decimal
    value_date: dt.date
    currency: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """A movement; ``amount`` is signed, credits positive."""

    reference: str
    account: str
    value_date: dt.date
    kind: str
    amount: Decimal
    currency: str
    balance: Decimal | None = None
    counterparty: str = ""
    text: str = ""
    instrument: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class InstrumentRow:
    """Something with a price."""

    reference: str
    name: str
    asset_class: str
    currency: str
    name_zh: str = ""
    isin: str = ""
    issuer: str = ""
    country: str = ""
    sector: str = ""
    risk_level: int | None = None
    multiplier: Decimal | None = None
    coupon: Decimal | None = None
    coupon_frequency: int | None = None
    matures_on: dt.date | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ActionRow:
    """From a day on there are ``factor`` units of the instrument ``reference``, or of ``into``, for each of before."""

    reference: str
    kind: str
    value_date: dt.date
    factor: Decimal
    source: str
    into: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PriceRow:
    """The price of the instrument ``reference`` on a date."""

    reference: str
    value_date: dt.date
    price: Decimal
    source: str
    currency: str = ""
    estimated: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class FxRow:
    """How much of ``quote`` one unit of ``base`` is worth on a date."""

    base: str
    quote: str
    value_date: dt.date
    rate: Decimal
    source: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class ListedRow:
    """What the bank ``institution`` lists for a kind of deposit from a day on; without a rate, that it ceased to."""

    institution: str
    kind: str
    currency: str
    value_date: dt.date
    source: str
    term_months: int = 0
    notice_days: int = 0
    amount_from: Decimal = Decimal(0)
    rate: Decimal | None = None
    transfer_rate: Decimal | None = None
    line: int = field(default=0, compare=False)


Row: TypeAlias = (
    ClientRow
    | InstitutionRow
    | AccountRow
    | PartyRow
    | DepositRow
    | HoldingRow
    | LotRow
    | TransactionRow
    | InstrumentRow
    | PriceRow
    | FxRow
    | ActionRow
    | ListedRow
)
