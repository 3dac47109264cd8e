"""Calls that come at one moment share what they cost: one transaction, one round trip, one hop to a thread."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Wish = TypeVar("Wish")
Result = TypeVar("Result")


class Together(Generic[Wish, Result]):
    """Calls that come while one is under way go into the next together: it costs one or hundreds the same.

    `service` takes a list and answers each of it, in its order. With `apart` a list that fails is served one by
    one, so that nobody pays for somebody else's fault; the service must then do nothing when it raises.
    """

    def __init__(
        self, service: Callable[[Sequence[Wish]], Awaitable[list[Result]]], *, most: int = 200, apart: bool
    ) -> None:
        self.service = service
        self.most = most
        self.apart = apart
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
        try:
            results = await self.service([wish for wish, _ in batch])
        except Exception as error:
            if self.apart and len(batch) > 1:
                for one in batch:
                    await self._serve([one])
                return
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), result in zip(batch, results, strict=True):
            if not answer.done():  # whoever asked may have gone
                answer.set_result(result)
