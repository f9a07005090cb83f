"""Writes of the portfolios room."""

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
    "instruct",
    "mature",
    "receive",
    "upsert_accounts",
    "upsert_holdings",
    "upsert_institutions",
    "upsert_instruments",
    "upsert_prices",
    "upsert_transactions",
]
