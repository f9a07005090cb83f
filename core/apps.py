"""The core room."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """People, trail, jobs, guarded doors."""

    name = "core"

    def ready(self) -> None:
        """Load the system checks."""
        from core import checks  # noqa: F401, PLC0415
