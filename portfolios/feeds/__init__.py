"""Bytes of a bank's file to typed rows or line errors. This room knows formats and no tables."""

from portfolios.feeds.layouts import LAYOUTS
from portfolios.feeds.messages import sentence
from portfolios.feeds.reading import MOST_LINES, Parsed, Reading, read
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

__all__ = [
    "LAYOUTS",
    "MOST_LINES",
    "AccountRow",
    "ActionRow",
    "DepositRow",
    "FxRow",
    "HoldingRow",
    "InstitutionRow",
    "InstrumentRow",
    "ListedRow",
    "LotRow",
    "Parsed",
    "PartyRow",
    "PriceRow",
    "Reading",
    "Row",
    "TransactionRow",
    "read",
    "sentence",
]
