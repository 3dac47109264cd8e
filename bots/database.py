"""The bridge from the event loop to services: they run in a bounded pool of threads, one connection each."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.db import close_old_connections

Result = TypeVar("Result")
_pool = ThreadPoolExecutor(max_workers=settings.BOTS_THREADS, thread_name_prefix="database")


def _run(call: Callable[[], Result]) -> Result:
    close_old_connections()
    return call()


async def database(service: Callable[..., Result], /, **arguments: Any) -> Result:
    """Awaits a synchronous service; its transaction begins and ends in the thread."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _run, partial(service, **arguments))
