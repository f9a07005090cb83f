"""The compliance room."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """Holds, screening, the trail as compliance reads it."""

    name = "compliance"
