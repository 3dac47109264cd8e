"""The project itself as an app, last in the list: its admin replaces what third parties registered."""

from django.apps import AppConfig

from config import checks, reporting, telemetry

__all__ = ["ConfigConfig", "checks", "telemetry"]


class ConfigConfig(AppConfig):
    """Importing this module registers the system checks and the counters."""

    name = "config"
    verbose_name = "Telegive"

    def ready(self) -> None:
        reporting.start()
