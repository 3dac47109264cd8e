"""Taking up claimed rows one after the other: until none is left, or the worker is told to stop."""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import structlog
from celery.signals import worker_shutting_down

Claimed = TypeVar("Claimed")
_told_to_stop = threading.Event()


@worker_shutting_down.connect
def take_no_more(**_: Any) -> None:
    """SIGTERM: what is in hand is ended, everything else stays with its rows."""
    _told_to_stop.set()


def stopping() -> bool:
    """Whether this worker was told to stop."""
    return _told_to_stop.is_set()


def taken(
    claim: Callable[[], Claimed | None], ids: Callable[[Claimed], Mapping[str, object]]
) -> Iterator[Claimed]:
    """What `claim` gives, one by one; log lines written meanwhile say by `ids` what they are about."""
    while not stopping() and (row := claim()):
        with structlog.contextvars.bound_contextvars(**ids(row)):
            yield row
