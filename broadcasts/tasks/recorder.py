"""Results of all lines of a pump, gathered for a moment and written together."""

import asyncio
from collections import Counter
from typing import Protocol

from broadcasts.metrics import RESULTS
from broadcasts.services import results
from broadcasts.services.granting import Wish
from broadcasts.services.leasing import Pending
from broadcasts.services.results import Result
from broadcasts.tasks.threads import DatabaseThread

MOST = 2_000


class Owner(Protocol):
    """Whoever is told that what it handed in is safely written."""

    def result_saved(self) -> None: ...
    def grant_withdrawn(self, pending: Pending, delay: float) -> None: ...


class Recorder:
    def __init__(self, database: DatabaseThread, *, gather_seconds: float) -> None:
        self.database = database
        self.gather_seconds = gather_seconds
        self.results: list[tuple[Owner, Result]] = []
        self.withdrawn: list[tuple[Owner, Wish, Pending, float]] = []
        self.unreachable: dict[tuple[int, int], str] = {}
        self.something = asyncio.Event()

    def put(self, owner: Owner, result: Result) -> None:
        self.results.append((owner, result))
        self.something.set()

    def withdraw(self, owner: Owner, wish: Wish, pending: Pending, delay: float) -> None:
        """The grant was surely not used: it is taken back, to be asked for again after `delay` seconds."""
        self.withdrawn.append((owner, wish, pending, delay))
        self.something.set()

    async def run(self) -> None:
        """Writes for as long as the pump lives."""
        while True:
            await self.something.wait()
            if len(self.results) < MOST:
                await asyncio.sleep(self.gather_seconds)
            self.something.clear()
            await self._write()

    async def _write(self) -> None:
        done, self.results = self.results, []
        withdrawn, self.withdrawn = self.withdrawn, []
        unreachable, self.unreachable = self.unreachable, {}
        await self.database.run(
            results.record,
            [result for _, result in done],
            withdrawn=[wish for _, wish, _, _ in withdrawn],
            unreachable=unreachable,
        )
        for outcome, number in Counter(result.outcome for _, result in done).items():
            RESULTS.labels(outcome).inc(number)
        for owner, _ in done:
            owner.result_saved()
        for owner, _, pending, delay in withdrawn:
            owner.grant_withdrawn(pending, delay)
