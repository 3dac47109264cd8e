"""What the processes do around requests and tasks: connections and counters."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from config import gunicorn, telemetry
from config.celery import app, keep_sound_connections


def task(**request: Any) -> Any:
    return SimpleNamespace(name="some.task", request=SimpleNamespace(is_eager=False, **request))


@pytest.mark.django_db(transaction=True)
def test_a_thread_keeps_its_connection_and_replaces_a_broken_one() -> None:
    connection.ensure_connection()
    first = connection.connection
    keep_sound_connections(task())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert connection.connection is first
    first.close()
    keep_sound_connections(task())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_finished_tasks_are_counted(client: Client, db: None) -> None:
    done = task()
    telemetry.start_watch(done)
    telemetry.count_task(done, state="SUCCESS")
    text = client.get("/metrics").content.decode()
    assert 'telegive_tasks_total{state="SUCCESS",task="some.task"}' in text
    assert 'telegive_task_seconds_count{task="some.task"}' in text


def test_tasks_of_every_app_are_found() -> None:
    app.loader.import_default_modules()
    assert "accounts.tasks.forget_ended_sessions" in app.tasks


def test_every_scheduled_task_exists(settings: Any) -> None:
    app.loader.import_default_modules()
    assert {task for task, _ in settings.BEAT_DEFAULTS.values()} <= app.tasks.keys()


def test_a_web_worker_that_ends_takes_its_gauges_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gauge = tmp_path / "gauge_liveall_4711.db"
    counter = tmp_path / "counter_4711.db"
    for file in (gauge, counter):
        file.touch()
    gunicorn.child_exit(None, SimpleNamespace(pid=4711))
    assert gauge.exists()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    gunicorn.child_exit(None, SimpleNamespace(pid=4711))
    assert not gauge.exists()
    assert counter.exists()
