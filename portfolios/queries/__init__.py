"""Reads of the portfolios room."""

from portfolios.queries.board import board, listing_banks
from portfolios.queries.book import account_balances, book, books, movements
from portfolios.queries.breaks import break_of_day, breaks, days_apart
from portfolios.queries.contributions import contributions
from portfolios.queries.deposits import Days, DepositCard, deposit, deposits, horizon, maturities, maturities_until
from portfolios.queries.early import early_withdrawal
from portfolios.queries.feeds import FeedCard, feed, feed_runs, unreconciled
from portfolios.queries.held import cash_accounts, held, held_deposits
from portfolios.queries.insurance import Insurance, Proposal, insurance, place
from portfolios.queries.ladder import Ladder, maturity_ladder
from portfolios.queries.lots import bought, lots
from portfolios.queries.mappings import mapping_names
from portfolios.queries.offers import Offers, exceptions, maturity, offers, own_offers
from portfolios.queries.performance import Performance, benchmarks, performance, valuations, year_return
from portfolios.queries.products import ProductCard, product, products
from portfolios.queries.transactions import accounts, transactions
from portfolios.rules.book import ladder

__all__ = [
    "Days",
    "DepositCard",
    "FeedCard",
    "Insurance",
    "Ladder",
    "Offers",
    "Performance",
    "ProductCard",
    "Proposal",
    "account_balances",
    "accounts",
    "benchmarks",
    "board",
    "book",
    "books",
    "bought",
    "break_of_day",
    "breaks",
    "cash_accounts",
    "contributions",
    "days_apart",
    "deposit",
    "deposits",
    "early_withdrawal",
    "exceptions",
    "feed",
    "feed_runs",
    "held",
    "held_deposits",
    "horizon",
    "insurance",
    "ladder",
    "listing_banks",
    "lots",
    "mapping_names",
    "maturities",
    "maturities_until",
    "maturity",
    "maturity_ladder",
    "movements",
    "offers",
    "own_offers",
    "performance",
    "place",
    "product",
    "products",
    "transactions",
    "unreconciled",
    "valuations",
    "year_return",
]
