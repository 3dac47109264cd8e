"""`Prefer: wait=N` (RFC 7240): how long a client is ready to wait for work done elsewhere."""

import re
import time
from collections.abc import Callable
from typing import TypeVar

from rest_framework.request import Request

T = TypeVar("T")
MOST_SECONDS = 10.0
WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*\"?(\d{1,6})\"?\s*(?:[,;]|$)", re.IGNORECASE)


def wait_seconds(request: Request, default: float = 0.0) -> float:
    """Seconds asked for, at most ten; `default` when nothing, or nothing sensible, was asked."""
    found = WAIT.search(request.headers.get("Prefer", ""))
    return min(float(found[1]) if found else default, MOST_SECONDS)


def wait_until(ask: Callable[[], T | None], seconds: float) -> T | None:
    """Asks until the answer is true or the time is over; the last answer. Must run outside a transaction.

    The pause doubles from 20 ms to 200 ms: quick work answers at once, slow work costs few queries.
    """
    deadline = time.monotonic() + seconds
    pause = 0.02
    while not (answer := ask()):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        time.sleep(min(pause, left))
        pause = min(pause * 2, 0.2)
    return answer
