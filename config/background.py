"""One event loop for the synchronous code of a process, where sessions to the outside are opened once and kept."""

import asyncio
import atexit
import contextlib
import os
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from config.transactions import refuse_inside_transaction

CLOSING_SECONDS = 2.0


class Closable(Protocol):
    async def close(self) -> None: ...


Result = TypeVar("Result")
Client = TypeVar("Client", bound=Closable)


class _Background:
    """An event loop in a thread of its own, with the clients that live on it; made anew in a forked child."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.clients: dict[Callable[[], Any], Any] = {}
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="background", daemon=True).start()
        atexit.register(self.close)

    def close(self) -> None:
        """Connections are closed politely when the process that opened them ends."""
        if self.pid != os.getpid():
            return
        for client in self.clients.values():
            with contextlib.suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(client.close(), self.loop).result(timeout=CLOSING_SECONDS)


_lock = threading.Lock()
_background: _Background | None = None


def _running() -> _Background:
    """The loop of this process, whoever asks first; the caller holds the lock."""
    global _background
    if _background is None or _background.pid != os.getpid():
        _background = _Background()
    return _background


def kept(make: Callable[[], Client]) -> Client:
    """What `make` made for this process, for coroutines handed to `wait_for`; closed when the process ends."""
    with _lock:
        clients = _running().clients
        if make not in clients:
            clients[make] = make()
        client: Client = clients[make]
        return client


def wait_for(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a coroutine on the background loop and waits for it; refused inside a transaction."""
    try:
        refuse_inside_transaction("Somebody outside")
    except RuntimeError:
        work.close()
        raise
    with _lock:
        loop = _running().loop
    return asyncio.run_coroutine_threadsafe(work, loop).result()
