"""The clients room."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """Clients, households, coverage, contacts, documents, the contact log."""

    name = "clients"
