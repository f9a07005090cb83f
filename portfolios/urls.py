"""Addresses of the portfolios room."""

from django.urls import path

from portfolios.views import breaks, client, deposit, feeds, transactions

app_name = "portfolios"
urlpatterns = [
    path("clients/<int:client_id>/wealth/", client.wealth, name="client_panel"),
    path("clients/<int:client_id>/deposits/", client.deposits, name="deposits_panel"),
    path("clients/<int:client_id>/holdings/", client.holdings, name="holdings_panel"),
    path("clients/<int:client_id>/transactions/", transactions.transactions, name="transactions"),
    path("deposits/", transactions.deposits, name="deposits"),
    path("deposits/<int:deposit_id>/", deposit.deposit, name="deposit"),
    path("breaks/", breaks.breaks, name="breaks"),
    path("breaks/<int:break_id>/", breaks.one_break, name="break"),
    path("breaks/<int:break_id>/take/", breaks.take_break, name="take_break"),
    path("breaks/<int:break_id>/settle/", breaks.settle_break, name="settle_break"),
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/<int:run_id>/", feeds.feed, name="feed"),
    path("feeds/<int:run_id>/progress/", feeds.feed_progress, name="feed_progress"),
    path("feeds/<int:run_id>/errors.csv", feeds.feed_errors, name="feed_errors"),
]
