"""The update process for tests: in a thread of this process, or as a real one."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from aiogram import Dispatcher
from aiogram.methods import TelegramMethod
from aiogram.types import Message
from django.conf import settings

from bots.updates.roster import Roster
from tests.broadcasts.factories import eventually
from tests.faults.pumps import database_url
from tests.scene import one_dispatcher

STOP_SECONDS = 10


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def answering(handler: Callable[[Message], Any]) -> Dispatcher:
    """A dispatcher with one handler for messages, which may block its own line but nobody else's."""
    table = Dispatcher()

    @table.message()
    async def answer(message: Message) -> TelegramMethod[Any] | None:
        said = await asyncio.to_thread(handler, message)
        return message.answer(said) if said else None

    return table


class Thread:
    """A Roster in a thread with an event loop of its own."""

    def __init__(self, mode: str, process: str, dispatcher: Dispatcher) -> None:
        self.mode, self.process, self.dispatcher = mode, process, dispatcher
        self.url = f"http://{settings.BOTS_HOST}:{settings.BOTS_PORT}"
        self.ready = threading.Event()
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name=process, daemon=True)

    def start(self) -> None:
        self.thread.start()
        assert self.ready.wait(5)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self.error = error

    async def _serve(self) -> None:
        self.loop, self.stopping = asyncio.get_running_loop(), asyncio.Event()
        self.roster = Roster(dispatcher=self.dispatcher, mode=self.mode)
        self.roster.process = self.process
        self.ready.set()
        await self.roster.run(self.stopping)

    def stop(self) -> None:
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(STOP_SECONDS)
        assert not self.thread.is_alive(), "the process does not stop"
        assert self.error is None, self.error

    @property
    def serves(self) -> set[int]:
        """Row ids of the bots it serves now."""
        return set(self.roster.polls if self.mode == "polling" else self.roster.webhooks.served)


@contextmanager
def running(
    mode: str = "polling", *, process: str = "one", dispatcher: Dispatcher | None = None
) -> Iterator[Thread]:
    """A process that serves while the block runs, and stops in order."""
    thread = Thread(mode, process, dispatcher or one_dispatcher())
    thread.start()
    try:
        yield thread
    finally:
        thread.stop()


class Runbots:
    """`manage.py runbots` as a process of its own."""

    def __init__(self, log: Any, **environment: str) -> None:
        self.port = free_port()
        own = {
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "TELEGRAM_API_URL": settings.TELEGRAM_API_URL,
            "BOTS_PORT": str(self.port),
            "WEBHOOK_URL": f"http://127.0.0.1:{self.port}",
            "LOG_LEVEL": "INFO",
        }
        self.process = subprocess.Popen(
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "runbots"],
            env={**os.environ, **own, **environment},
            cwd=settings.BASE_DIR,
            stderr=log,
        )

    def ask(self, path: str) -> httpx.Response | None:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=5)
        except httpx.TransportError:
            return None

    def serves(self, bots: int) -> bool:
        health = self.ask("/health")
        return health is not None and health.json()["bots"] == bots

    def wait_until_it_serves(self, bots: int) -> None:
        eventually(lambda: self.serves(bots), 30)

    def send(self, number: signal.Signals) -> int:
        """Signals the process and waits for its end."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def runbots(log: Any, **environment: str) -> Iterator[Runbots]:
    """The process while the block runs; killed at the end if it still runs."""
    started = Runbots(log, **environment)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait()
