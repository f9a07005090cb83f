"""What programs may ask of the portfolios room: books, deposits, holdings, movements and bank files."""

from portfolios.api.board import Board
from portfolios.api.books import Books, ClientDeposits, ClientHoldings, ClientInsurance, ClientTransactions
from portfolios.api.deposits import ClientLadder, Deposits
from portfolios.api.feeds import Feeds
from portfolios.api.performance import ClientContributions, ClientPerformance, ClientValuations
from portfolios.api.products import ClientLots, Products

__all__ = [
    "Board",
    "Books",
    "ClientContributions",
    "ClientDeposits",
    "ClientHoldings",
    "ClientInsurance",
    "ClientLadder",
    "ClientLots",
    "ClientPerformance",
    "ClientTransactions",
    "ClientValuations",
    "Deposits",
    "Feeds",
    "Products",
]
