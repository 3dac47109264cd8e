"""When periodic tasks run: rows of the database, written once from settings.BEAT_DEFAULTS."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler


def install_defaults() -> None:
    """Writes each default that has no row of its name yet; a row is the operator's and is never touched."""
    for name, (task, seconds) in settings.BEAT_DEFAULTS.items():
        with transaction.atomic():
            if PeriodicTask.objects.filter(name=name).exists():
                continue
            interval = IntervalSchedule.objects.filter(every=seconds, period=IntervalSchedule.SECONDS).first()
            if interval is None:
                interval = IntervalSchedule.objects.create(every=seconds, period=IntervalSchedule.SECONDS)
            # A run that waited longer than its own period is worth nothing: the next one does its work.
            PeriodicTask.objects.get_or_create(
                name=name,
                defaults={"task": task, "interval": interval, "expire_seconds": max(2 * int(seconds), 10)},
            )


class Schedules(DatabaseScheduler):  # type: ignore[misc]
    """Reads the schedule from the database only; looks for an operator's changes every second."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_interval"] = kwargs.get("max_interval") or 1
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        install_defaults()
