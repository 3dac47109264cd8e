"""Real threads on real connections, started together: the way races are provoked."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def in_threads(count: int, call: Callable[[], T]) -> list[T | Exception]:
    """Runs `call` in `count` threads at once; their results, an exception where one was raised.

    The test needs `@pytest.mark.django_db(transaction=True)`: other connections see committed rows only.
    """
    start = threading.Barrier(count)

    def one(_number: int) -> T | Exception:
        try:
            start.wait(timeout=10)
            return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
