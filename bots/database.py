"""The bridge from the event loop to services: they run in a bounded pool of threads, one connection each."""

import asyncio
import contextvars
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.db import close_old_connections

from bots.together import Together

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


async def _for_all(service: Callable[[Sequence[Wish]], list[Result]], wishes: Sequence[Wish]) -> list[Result]:
    return await asyncio.get_running_loop().run_in_executor(_pool, _run, partial(service, wishes))


def together(service: Callable[[Sequence[Wish]], list[Result]], *, most: int = 200) -> Together[Wish, Result]:
    """A service of many, to be awaited for one: those who come at one moment share its transaction.

    Log lines there name nobody: they are of all.
    """
    return Together(partial(_for_all, service), most=most, apart=True)
