"""The bridge from a pump's event loop to services: one thread, one connection, much patience."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connections

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0


class DatabaseThread:
    """Runs services one after another, each repeated until PostgreSQL answers or patience ends.

    Only services that may run twice go through here: an answer may be lost after the commit.
    """

    def __init__(self, name: str, *, patience_seconds: float) -> None:
        self.executor = ThreadPoolExecutor(1, thread_name_prefix=f"pump-{name}")
        self.patience_seconds = patience_seconds

    async def run(self, service: Callable[..., Answer], /, *arguments: Any, **named: Any) -> Answer:
        """Awaits the service; raises OperationalError when PostgreSQL stays away."""
        call = partial(service, *arguments, **named)
        give_up_at = time.monotonic() + self.patience_seconds
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self.executor, _run, call)
            except (OperationalError, InterfaceError) as error:
                if time.monotonic() > give_up_at:
                    raise
                log.warning("database_away", error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def close(self) -> None:
        """Ends the thread and its connection."""
        await asyncio.get_running_loop().run_in_executor(self.executor, connections.close_all)
        self.executor.shutdown(wait=False)


def _run(call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except (OperationalError, InterfaceError):
        connections.close_all()  # a broken connection is replaced, not mended
        raise
