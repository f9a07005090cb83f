"""Writes of the portfolios room."""

from portfolios.operations.breaks import explain_break, find_breaks, look_for_breaks, resolve_break, take_break
from portfolios.operations.feeds import apply, apply_rows, receive
from portfolios.operations.instructions import instruct
from portfolios.operations.maturities import mature
from portfolios.operations.plans import Progress
from portfolios.operations.upserts import (
    upsert_accounts,
    upsert_holdings,
    upsert_institutions,
    upsert_instruments,
    upsert_prices,
    upsert_transactions,
)

__all__ = [
    "Progress",
    "apply",
    "apply_rows",
    "explain_break",
    "find_breaks",
    "instruct",
    "look_for_breaks",
    "mature",
    "receive",
    "resolve_break",
    "take_break",
    "upsert_accounts",
    "upsert_holdings",
    "upsert_institutions",
    "upsert_instruments",
    "upsert_prices",
    "upsert_transactions",
]
