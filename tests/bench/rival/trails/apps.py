"""The app, and what django-auditlog is told to watch."""

from django.apps import AppConfig


class TrailsConfig(AppConfig):
    """Registers as the package's readme says, with its defaults."""

    name = "tests.bench.rival.trails"
    label = "trails"

    def ready(self) -> None:
        """Have the one model watched."""
        from auditlog.registry import auditlog  # noqa: PLC0415

        from tests.bench.rival.trails.models import AuditedNote  # noqa: PLC0415

        auditlog.register(AuditedNote)
