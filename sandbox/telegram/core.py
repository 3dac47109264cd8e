"""The running Telegram: its world and the parts that act on it, tied together once."""

import asyncio
from pathlib import Path

from sandbox.telegram.calls import CallLog
from sandbox.telegram.faults import Faults
from sandbox.telegram.files import Blobs
from sandbox.telegram.flood import FloodControl
from sandbox.telegram.models import JSON
from sandbox.telegram.updates import Updates
from sandbox.telegram.webhooks import Execute, Webhooks
from sandbox.telegram.world import World


class Telegram:
    """`execute` runs a method that a webhook answered with: the transport's, handed in to stay below it."""

    def __init__(self, directory: Path | None, execute: Execute) -> None:
        self.world = World(directory)
        self.blobs = Blobs(directory)
        self.updates = Updates(self.world)
        self.webhooks = Webhooks(self.updates, self.world.clock, execute)
        self.flood = FloodControl(self.world)
        self.faults = Faults()
        self.calls = CallLog(self.world.clock)
        self._waiting: dict[int, asyncio.Future[JSON]] = {}

    async def answer_to(self, query_id: int, seconds: float) -> JSON | None:
        """What the bot shows to whoever pressed the button, if it answers in time."""
        future: asyncio.Future[JSON] = asyncio.get_running_loop().create_future()
        self._waiting[query_id] = future
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return None
        finally:
            del self._waiting[query_id]

    def answered(self, query_id: int, answer: JSON) -> None:
        future = self._waiting.get(query_id)
        if future is not None and not future.done():
            future.set_result(answer)

    def reset(self) -> None:
        """Forgets everything but the counters, so that update ids keep growing."""
        self.webhooks.forget()
        self.updates.forget()
        self.world.reset()
        self.flood.forget()
        self.faults.forget()
        self.calls.forget()
        self.world.journal.flush()
        self.world.tell("world")
