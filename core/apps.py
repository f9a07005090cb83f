"""The core room."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """People, trail, jobs, guarded doors."""

    name = "core"

    def ready(self) -> None:
        """Load the system checks and every room's lists."""
        from django.utils.module_loading import autodiscover_modules  # noqa: PLC0415

        from core import checks  # noqa: F401, PLC0415
        from core.approvals import parameters, staff  # noqa: F401, PLC0415
        from core.lists import approvals, calendars, own  # noqa: F401, PLC0415
        from core.lists import parameters as figures  # noqa: F401, PLC0415

        autodiscover_modules("lists")
