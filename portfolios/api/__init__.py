"""What programs may ask of the portfolios room: books, deposits, holdings, movements and bank files."""

from portfolios.api.board import Board
from portfolios.api.books import Books, ClientDeposits, ClientHoldings, ClientInsurance, ClientTransactions
from portfolios.api.deposits import ClientLadder, Deposits
from portfolios.api.feeds import Feeds
from portfolios.api.performance import ClientPerformance, ClientValuations

__all__ = [
    "Board",
    "Books",
    "ClientDeposits",
    "ClientHoldings",
    "ClientInsurance",
    "ClientLadder",
    "ClientPerformance",
    "ClientTransactions",
    "ClientValuations",
    "Deposits",
    "Feeds",
]
