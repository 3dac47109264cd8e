"""Grants for all lines of a pump: while one batch is being written the next one gathers."""

import asyncio
from collections.abc import Sequence

from django.db import Error as DatabaseError

from broadcasts.metrics import GRANT_SECONDS
from broadcasts.services import granting
from broadcasts.services.granting import Wish
from broadcasts.tasks.threads import DatabaseThread

Granted = set[tuple[int, int]]


class Granter:
    def __init__(self, database: DatabaseThread) -> None:
        self.database = database
        self.waiting: list[tuple[Sequence[Wish], asyncio.Future[Granted]]] = []
        self.writer: asyncio.Task[None] | None = None

    async def ask(self, wishes: Sequence[Wish]) -> Granted:
        """The (broadcast, seq) of the wishes that were granted: all of them, or none of a chunk."""
        answer: asyncio.Future[Granted] = asyncio.get_running_loop().create_future()
        self.waiting.append((wishes, answer))
        if self.writer is None or self.writer.done():
            self.writer = asyncio.create_task(self._write())
        with GRANT_SECONDS.time():
            return await answer

    async def _write(self) -> None:
        while self.waiting:
            batch, self.waiting = self.waiting, []
            try:
                granted = await self.database.run(
                    granting.grant, [wish for wishes, _ in batch for wish in wishes]
                )
            except DatabaseError as error:  # the askers end the pump with it
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(error)
                continue
            for _, answer in batch:
                if not answer.done():
                    answer.set_result(granted)
