"""The usual way: a Celery task for every message."""

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import requests
from celery import Celery
from django.conf import settings

from benchmarks.delivery.telegram import Telegram, wait_for
from sandbox.supervisor.environment import PROJECT

app = Celery("per_message", broker=settings.CELERY_BROKER_URL)
app.conf.task_ignore_result = True
app.conf.worker_hijack_root_logger = False
session = requests.Session()


@app.task
def send(url: str, chat_id: int, text: str) -> None:
    body = {"chat_id": chat_id, "text": text, "parse_mode": "HTML"}
    session.post(url, json=body, timeout=15).raise_for_status()


@contextmanager
def worker(queue: str) -> Iterator[psutil.Process]:
    """A prefork worker with a process for each core, as Celery starts by default."""
    command = [
        "-m",
        "celery",
        "-A",
        "benchmarks.delivery.per_message",
        "worker",
        "-Q",
        queue,
        "-c",
        "2",
        "-l",
        "ERROR",
    ]
    process = subprocess.Popen(
        [sys.executable, *command, "-n", f"{queue}@%h", "--without-gossip", "--without-mingle"],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        for one in psutil.Process(process.pid).children(recursive=True):
            one.kill()
        process.kill()
        process.wait()


def queue_all(queue: str, url: str, chats: range, text: str) -> None:
    with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
        for chat_id in chats:
            send.apply_async((url, chat_id, text), queue=queue, producer=producer)


def measure(messages: int, telegram: Telegram, url: str, text: str) -> tuple[float, float]:
    """(CPU-seconds of whoever queues and of the worker, seconds)."""
    queue = f"benchmark-{secrets.token_hex(4)}"
    with worker(queue) as process:
        already = telegram.count()
        queue_all(queue, url, range(1, 51), text)
        wait_for(lambda: telegram.count() >= already + 50, 300, "the worker")
        before, began = _cpu(process) + time.process_time(), time.perf_counter()
        queue_all(queue, url, range(1, messages + 1), text)
        wait_for(lambda: telegram.count() >= already + 50 + messages, 600, "the worker")
        return _cpu(process) + time.process_time() - before, time.perf_counter() - began


def _cpu(process: psutil.Process) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in (process, *process.children(recursive=True)))
