"""The portfolios room."""

from django.apps import AppConfig


class PortfoliosConfig(AppConfig):
    """Institutions, accounts, deposits, holdings, transactions, prices, feeds."""

    name = "portfolios"
