"""Addresses of the API."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from clients.api import Clients, Contacts, ManyContacts, Me, Tasks
from compliance.api import ClientHolds, ClientPurposes, Holds, Trail
from portfolios.api import (
    Board,
    Books,
    ClientContributions,
    ClientDeposits,
    ClientHoldings,
    ClientInsurance,
    ClientLadder,
    ClientLots,
    ClientPerformance,
    ClientTransactions,
    ClientValuations,
    Deposits,
    Feeds,
    Products,
)
from reports.api import ClientStatements, Deliveries, Statements
from reviews.api import Reviews

OF_CLIENT = "clients/<int:client_id>"
router = SimpleRouter(use_regex_path=False)
router.register("clients", Clients, "clients")
router.register(f"{OF_CLIENT}/contacts", Contacts, "contacts")
router.register(f"{OF_CLIENT}/deposits", ClientDeposits, "client-deposits")
router.register(f"{OF_CLIENT}/holdings", ClientHoldings, "client-holdings")
router.register(f"{OF_CLIENT}/lots", ClientLots, "client-lots")
router.register(f"{OF_CLIENT}/transactions", ClientTransactions, "client-transactions")
router.register(f"{OF_CLIENT}/valuations", ClientValuations, "client-valuations")
router.register(f"{OF_CLIENT}/holds", ClientHolds, "client-holds")
router.register(f"{OF_CLIENT}/purposes", ClientPurposes, "client-purposes")
router.register(f"{OF_CLIENT}/statements", ClientStatements, "client-statements")
router.register("contacts", ManyContacts, "many-contacts")
router.register("tasks", Tasks, "tasks")
router.register("deposits", Deposits, "deposits")
router.register("products", Products, "products")
router.register("rates", Board, "rates")
router.register("feeds", Feeds, "feeds")
router.register("reviews", Reviews, "reviews")
router.register("holds", Holds, "holds")
router.register("trail", Trail, "trail")
router.register("statements", Statements, "statements")
router.register("deliveries", Deliveries, "deliveries")
urlpatterns = [
    *router.urls,
    path(f"{OF_CLIENT}/book/", Books.as_view({"get": "retrieve"}), name="book"),
    path(f"{OF_CLIENT}/insurance/", ClientInsurance.as_view({"get": "retrieve"}), name="insurance"),
    path(f"{OF_CLIENT}/contributions/", ClientContributions.as_view({"get": "retrieve"}), name="contributions"),
    path(f"{OF_CLIENT}/ladder/", ClientLadder.as_view({"get": "retrieve"}), name="ladder"),
    path(f"{OF_CLIENT}/performance/", ClientPerformance.as_view({"get": "retrieve"}), name="performance"),
    path("me/", Me.as_view({"get": "retrieve", "patch": "partial_update"}), name="me"),
]
