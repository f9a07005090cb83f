"""The reports room."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Statements frozen, rendered, delivered."""

    name = "reports"
