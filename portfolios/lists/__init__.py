"""The lists of the portfolios room: movements, deposits, one client's tables, what banks list, files and breaks."""

from portfolios.lists.board import BOARD
from portfolios.lists.client import CLIENT_CASH, CLIENT_DEPOSITS, CLIENT_HOLDINGS, CLIENT_LOTS
from portfolios.lists.files import BREAKS, FEEDS
from portfolios.lists.money import DEPOSITS, TRANSACTIONS, VALUATIONS
from portfolios.lists.products import PRODUCTS
from portfolios.lists.tables import CLIENT_ADDED, CLIENT_INSURANCE, CLIENT_LADDER

__all__ = [
    "BOARD",
    "BREAKS",
    "CLIENT_ADDED",
    "CLIENT_CASH",
    "CLIENT_DEPOSITS",
    "CLIENT_HOLDINGS",
    "CLIENT_INSURANCE",
    "CLIENT_LADDER",
    "CLIENT_LOTS",
    "DEPOSITS",
    "FEEDS",
    "PRODUCTS",
    "TRANSACTIONS",
    "VALUATIONS",
]
