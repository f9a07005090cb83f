"""Writes of the portfolios room."""

from portfolios.operations.board import upsert_board
from portfolios.operations.breaks import explain_break, find_breaks, look_for_breaks, resolve_break, take_break
from portfolios.operations.corrections import correct, correctable, error_file
from portfolios.operations.exceptions import ask_rate
from portfolios.operations.feeds import Wishes, apply, confirm, discard, receive, tidy
from portfolios.operations.inbox import scan
from portfolios.operations.instructions import instruct
from portfolios.operations.lots import upsert_lots
from portfolios.operations.mappings import save_mapping
from portfolios.operations.maturities import mature
from portfolios.operations.products import value_by_hand
from portfolios.operations.rows import apply_rows
from portfolios.operations.staged import upsert_transactions
from portfolios.operations.undo import take_back, undo
from portfolios.operations.upserts import (
    upsert_accounts,
    upsert_holdings,
    upsert_institutions,
    upsert_instruments,
    upsert_prices,
)
from portfolios.operations.valuation import value, value_due

__all__ = [
    "Wishes",
    "apply",
    "apply_rows",
    "ask_rate",
    "confirm",
    "correct",
    "correctable",
    "discard",
    "error_file",
    "explain_break",
    "find_breaks",
    "instruct",
    "look_for_breaks",
    "mature",
    "receive",
    "resolve_break",
    "save_mapping",
    "scan",
    "take_back",
    "take_break",
    "tidy",
    "undo",
    "upsert_accounts",
    "upsert_board",
    "upsert_holdings",
    "upsert_institutions",
    "upsert_instruments",
    "upsert_lots",
    "upsert_prices",
    "upsert_transactions",
    "value",
    "value_by_hand",
    "value_due",
]
