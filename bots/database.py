"""The bridge from the event loop to services: they run in a bounded pool of threads, one connection each."""

import asyncio
import contextvars
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import close_old_connections

Result = TypeVar("Result")
Wish = TypeVar("Wish")
_pool = ThreadPoolExecutor(max_workers=settings.BOTS_THREADS, thread_name_prefix="database")


def _run(call: Callable[[], Result]) -> Result:
    close_old_connections()
    return call()


async def database(service: Callable[..., Result], /, **arguments: Any) -> Result:
    """Awaits a synchronous service; its transaction begins and ends in the thread. Log lines there name what those
    here do."""
    call = partial(contextvars.copy_context().run, service, **arguments)
    return await asyncio.get_running_loop().run_in_executor(_pool, _run, call)


class Together(Generic[Wish, Result]):
    """Calls that come while one is under way share the next transaction: a commit costs one or hundreds the same.

    `service` takes a list and answers each of it, in its order. A list that fails is served one by one, so that
    nobody pays for somebody else's fault; the service must therefore do nothing when it raises.
    """

    def __init__(self, service: Callable[[Sequence[Wish]], list[Result]], *, most: int = 200) -> None:
        self.service = service
        self.most = most
        self.waiting: list[tuple[Wish, asyncio.Future[Result]]] = []
        self.writer: asyncio.Task[None] | None = None

    async def __call__(self, wish: Wish) -> Result:
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.waiting.append((wish, answer))
        if self.writer is None or self.writer.done():
            self.writer = asyncio.create_task(self._write())
        return await answer

    async def _write(self) -> None:
        while self.waiting:
            batch, self.waiting = self.waiting[: self.most], self.waiting[self.most :]
            await self._serve(batch)

    async def _serve(self, batch: list[tuple[Wish, asyncio.Future[Result]]]) -> None:
        call = partial(self.service, [wish for wish, _ in batch])
        try:
            results = await asyncio.get_running_loop().run_in_executor(_pool, _run, call)
        except Exception as error:
            if len(batch) > 1:
                for one in batch:
                    await self._serve([one])
            elif not batch[0][1].done():
                batch[0][1].set_exception(error)
            return
        for (_, answer), result in zip(batch, results, strict=True):
            if not answer.done():  # whoever asked may have gone
                answer.set_result(result)
