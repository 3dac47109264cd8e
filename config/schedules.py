"""When periodic tasks run: rows of the database, written once from settings.BEAT_DEFAULTS."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler


def install_defaults() -> None:
    """Writes each default that has no row of its name yet; a row is the operator's and is never touched."""
    for name, (task, schedule) in settings.BEAT_DEFAULTS.items():
        with transaction.atomic():
            if PeriodicTask.objects.filter(name=name).exists():
                continue
            when = _at_times(schedule) if isinstance(schedule, str) else _every(schedule)
            PeriodicTask.objects.get_or_create(name=name, defaults={"task": task, **when})


def _every(seconds: float) -> dict[str, Any]:
    interval = IntervalSchedule.objects.filter(every=seconds, period=IntervalSchedule.SECONDS).first()
    if interval is None:
        interval = IntervalSchedule.objects.create(every=seconds, period=IntervalSchedule.SECONDS)
    # A run that waited longer than its own period is worth nothing: the next one does its work.
    return {"interval": interval, "expire_seconds": max(2 * int(seconds), 10)}


def _at_times(crontab: str) -> dict[str, Any]:
    """minute hour day-of-month month day-of-week, in the platform's zone; a late run is better than none."""
    names = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
    fields = {**dict(zip(names, crontab.split(), strict=True)), "timezone": settings.TIME_ZONE}
    existing = CrontabSchedule.objects.filter(**fields).first()
    return {"crontab": existing or CrontabSchedule.objects.create(**fields)}


class Schedules(DatabaseScheduler):  # type: ignore[misc]
    """Reads the schedule from the database only; looks for an operator's changes every second."""

    sync_every = 30  # seconds after which last_run_at is written down, which monitoring reads

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_interval"] = kwargs.get("max_interval") or 1
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        install_defaults()
