"""What clients hold and where: institutions, accounts, deposits, holdings, movements, prices, rates, bank files."""

from portfolios.models.accounts import Account, AccountParty, Institution
from portfolios.models.board import ListedRate
from portfolios.models.deposits import Deposit, DepositChange, DepositTerms, Maturity, RateException
from portfolios.models.feeds import Break, FeedMapping, FeedRun
from portfolios.models.holdings import CorporateAction, FxRate, Holding, Instrument, Lot, Price, Transaction
from portfolios.models.valuations import Valuation

__all__ = [
    "Account",
    "AccountParty",
    "Break",
    "CorporateAction",
    "Deposit",
    "DepositChange",
    "DepositTerms",
    "FeedMapping",
    "FeedRun",
    "FxRate",
    "Holding",
    "Institution",
    "Instrument",
    "ListedRate",
    "Lot",
    "Maturity",
    "Price",
    "RateException",
    "Transaction",
    "Valuation",
]
