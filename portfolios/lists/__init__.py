"""The lists of the portfolios room: movements and deposits, valued days, what banks list, bank files and breaks."""

from portfolios.lists.board import BOARD
from portfolios.lists.files import BREAKS, FEEDS
from portfolios.lists.money import DEPOSITS, TRANSACTIONS, VALUATIONS

__all__ = ["BOARD", "BREAKS", "DEPOSITS", "FEEDS", "TRANSACTIONS", "VALUATIONS"]
