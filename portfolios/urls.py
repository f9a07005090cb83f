"""Addresses of the portfolios room."""

from django.urls import path

from portfolios.views import (
    breaks,
    client,
    deposit,
    feeds,
    insurance,
    layouts,
    mappings,
    performance,
    products,
    rates,
    transactions,
)

app_name = "portfolios"
urlpatterns = [
    path("clients/<int:client_id>/wealth/", client.wealth, name="client_panel"),
    path("clients/<int:client_id>/deposits/", client.deposits, name="client_deposits"),
    path("clients/<int:client_id>/holdings/", client.holdings, name="client_holdings"),
    path("clients/<int:client_id>/lots/", client.lots, name="client_lots"),
    path("clients/<int:client_id>/cash/", client.cash, name="client_cash"),
    path("clients/<int:client_id>/transactions/", transactions.transactions, name="transactions"),
    path("clients/<int:client_id>/performance/", performance.performance, name="performance"),
    path("clients/<int:client_id>/valuations/", performance.valuations, name="valuations"),
    path("clients/<int:client_id>/insurance/", insurance.insurance, name="insurance"),
    path("deposits/", transactions.deposits, name="deposits"),
    path("deposits/<int:deposit_id>/", deposit.deposit, name="deposit"),
    path("products/", products.products, name="products"),
    path("products/<int:instrument_id>/", products.product, name="product"),
    path("products/<int:instrument_id>/value/", products.value_product, name="value_product"),
    path("rates/", rates.board, name="board"),
    path("maturities/<int:maturity_id>/rate/", rates.ask_rate, name="ask_rate"),
    path("breaks/", breaks.breaks, name="breaks"),
    path("breaks/<int:break_id>/", breaks.one_break, name="break"),
    path("breaks/<int:break_id>/take/", breaks.take_break, name="take_break"),
    path("breaks/<int:break_id>/settle/", breaks.settle_break, name="settle_break"),
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/<int:run_id>/", feeds.feed, name="feed"),
    path("feeds/<int:run_id>/progress/", feeds.feed_progress, name="feed_progress"),
    path("feeds/<int:run_id>/errors.csv", feeds.feed_errors, name="feed_errors"),
    path("feeds/<int:run_id>/wrong-lines.csv", feeds.wrong_lines, name="wrong_lines"),
    path("feeds/<int:run_id>/correct/", feeds.correct_feed, name="correct_feed"),
    path("feeds/<int:run_id>/confirm/", feeds.confirm_feed, name="confirm_feed"),
    path("feeds/<int:run_id>/discard/", feeds.discard_feed, name="discard_feed"),
    path("feeds/<int:run_id>/undo/", feeds.undo_feed, name="undo_feed"),
    path("feeds/layouts/", layouts.layouts, name="feed_layouts"),
    path("feeds/layouts/example.csv", layouts.example, name="feed_example"),
    path("feeds/mappings/", mappings.mappings, name="mappings"),
    path("feeds/mappings/<slug:name>/", mappings.mapping, name="mapping"),
]
