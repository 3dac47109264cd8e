"""When periodic tasks run: defaults are written once, an operator's word is the last."""

from typing import Any

import pytest
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from config.celery import app
from config.schedules import Schedules, install_defaults

pytestmark = pytest.mark.django_db
NAME = "Deliver broadcasts"


def start_beat() -> Schedules:
    """What beat does when it starts, up to its first look at the clock."""
    return Schedules(app=app, lazy=False)


def test_every_default_becomes_a_row(settings: Any) -> None:
    start_beat()
    rows = {row.name: (row.task, schedule_of(row)) for row in PeriodicTask.objects.all()}
    assert rows == settings.BEAT_DEFAULTS


def schedule_of(row: PeriodicTask) -> Any:
    at = row.crontab
    if at is None:
        return row.interval.every
    return f"{at.minute} {at.hour} {at.day_of_month} {at.month_of_year} {at.day_of_week}"


def test_a_daily_task_runs_at_midnight_of_the_platforms_zone(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Moscow"
    start_beat()
    row = PeriodicTask.objects.get(task="bots.tasks.collect_statistics")
    assert (str(row.crontab.timezone), row.crontab.hour, row.crontab.minute) == ("Europe/Moscow", "0", "0")
    assert row.expire_seconds is None


def test_a_restart_adds_nothing() -> None:
    start_beat()
    start_beat()
    assert PeriodicTask.objects.filter(name=NAME).count() == 1


def test_an_operators_change_survives_a_restart() -> None:
    start_beat()
    rare = IntervalSchedule.objects.create(every=90, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.filter(name=NAME).update(enabled=False, interval=rare)
    start_beat()
    row = PeriodicTask.objects.get(name=NAME)
    assert (row.enabled, row.interval.every) == (False, 90)


def test_two_schedules_of_the_same_interval_do_not_break_it() -> None:
    for _ in range(2):
        IntervalSchedule.objects.create(every=2, period=IntervalSchedule.SECONDS)
    install_defaults()
    assert PeriodicTask.objects.filter(name=NAME).exists()


@pytest.mark.django_db(transaction=True)  # the scheduler ends transactions that are not its own
def test_a_change_is_seen_by_the_running_beat() -> None:
    beat = start_beat()
    assert all(NAME in beat.schedule for _ in range(2))  # the second look notes the time
    row = PeriodicTask.objects.get(name=NAME)
    row.enabled = False
    row.save()
    assert NAME not in beat.schedule


def test_beat_looks_every_second() -> None:
    assert start_beat().max_interval == 1


def test_nothing_of_celerys_own_schedule_is_installed() -> None:
    start_beat()
    assert not PeriodicTask.objects.filter(name__startswith="celery.").exists()
