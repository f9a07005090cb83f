"""The wiring as an application, for its management commands."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    """Commands that need every room: the demo book, the cycle, the translations."""

    name = "config"
