"""/metrics: every process's numbers are somewhere, several processes are one sum, a new start counts from nothing."""

import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from celery.signals import beat_init, worker_init
from django.test import Client

from config import gunicorn, metrics, telemetry
from tests.faults.ports import free_ports

COUNTING = """
from prometheus_client import Counter
Counter("telegive_tasks", "Celery tasks finished", ["task", "state"]).labels("some.task", "SUCCESS").inc({})
"""


def count(number: int) -> int:
    """In a process of its own; its pid."""
    process = subprocess.Popen([sys.executable, "-c", COUNTING.format(number)], env=dict(os.environ))
    assert process.wait(60) == 0
    return process.pid


def page(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return str(answer.read().decode())


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    return tmp_path


def test_processes_that_share_a_directory_are_counted_together(
    shared: Path, client: Client, db: None
) -> None:
    for number in (2, 3):
        count(number)
    told = client.get("/metrics").content.decode()
    assert 'telegive_tasks_total{state="SUCCESS",task="some.task"} 5.0' in told


def test_a_worker_that_ends_leaves_its_numbers_and_no_file(shared: Path, client: Client, db: None) -> None:
    for number in (2, 3, 4):
        pid = count(number)
        if number != 4:
            metrics.hand_over(shared, pid)
    assert (
        'telegive_tasks_total{state="SUCCESS",task="some.task"} 9.0'
        in client.get("/metrics").content.decode()
    )
    assert sorted(file.name for file in shared.iterdir()) == [f"counter_{pid}.db", "counter_ended.db", "lock"]


def test_each_worker_of_web_hands_over_itself(shared: Path) -> None:
    (shared / "counter_1.db").touch()
    gunicorn.worker_exit(None, SimpleNamespace(pid=1))
    assert (shared / "counter_1.db").exists()
    pid = os.getpid()
    shutil.copy(shared / f"counter_{count(2)}.db", shared / f"counter_{pid}.db")
    gunicorn.worker_exit(None, SimpleNamespace(pid=pid))
    assert not (shared / f"counter_{pid}.db").exists()


@pytest.mark.parametrize("signal", [worker_init, beat_init], ids=["worker", "beat"])
def test_a_process_without_pages_has_a_door_of_its_own(
    signal: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    [port] = free_ports(1)
    monkeypatch.setattr(metrics, "METRICS_PORT", port)
    telemetry.TASKS.labels("a.task", "SUCCESS").inc()
    assert telemetry.show_numbers in [receiver() for _, receiver in signal.receivers]  # type: ignore[attr-defined]
    telemetry.show_numbers()
    assert 'telegive_tasks_total{state="SUCCESS",task="a.task"}' in page(port)


def test_without_a_port_there_is_no_door(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[str, int]] = []
    monkeypatch.setattr(metrics, "open_door", lambda *where: opened.append(where))
    telemetry.show_numbers()
    assert opened == []


def test_a_port_that_is_taken_does_not_stop_the_work(caplog: pytest.LogCaptureFixture) -> None:
    [port] = free_ports(1)
    metrics.open_door("127.0.0.1", port)
    metrics.open_door("127.0.0.1", port)
    assert "metrics cannot be served" in caplog.text


def test_each_start_of_web_counts_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    server = SimpleNamespace()
    gunicorn.on_starting(server)
    own = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    assert list(own.iterdir()) == []
    gunicorn.on_exit(server)
    assert not own.exists()


def test_the_master_of_web_leaves_it_to_the_workers_to_count() -> None:
    """prometheus_client looks for the directory when it is imported; the master makes it after reading this file."""
    look = (
        "import runpy, sys; runpy.run_path('config/gunicorn.py'); print('prometheus_client' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", look], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def test_a_shared_directory_is_left_as_it_is(shared: Path) -> None:
    (shared / "counter_1.db").touch()
    server = SimpleNamespace()
    gunicorn.on_starting(server)
    gunicorn.on_exit(server)
    assert (shared / "counter_1.db").exists()
