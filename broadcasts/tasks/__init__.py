"""The clock's door of broadcasts: the pump."""

import asyncio
import contextlib
import threading

from celery import shared_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from broadcasts.services import leasing, upkeep
from broadcasts.tasks.slice import Options, Slice
from config.claims import stopping
from config.redis import client

UPKEEP_MS = 1_000
NUDGE_SECONDS = 5  # a nudge older than this has been followed by others

_pumping = threading.Lock()


@shared_task(expires=NUDGE_SECONDS)
def pump() -> None:
    """Delivers what is due, one slice per process at a time; safe to run anywhere, safe to kill anywhere."""
    if not _pumping.acquire(blocking=False):
        return
    more = False
    try:
        if _nobody_keeps_up():
            upkeep.keep_up()
        if leasing.work_is_due():
            # Told to stop, it gives its chunks back at once instead of when the slice is over.
            more = asyncio.run(Slice(Options(), stopping=stopping).run())
    finally:
        _pumping.release()
    if more and not stopping():
        with contextlib.suppress(OperationalError):  # without a broker the beat's next nudge has to do
            pump.delay()


def _nobody_keeps_up() -> bool:
    """Once a second is enough, however many pumps there are; without Redis each does it."""
    try:
        return bool(client().set("broadcasts:upkeep", 1, nx=True, px=UPKEEP_MS))
    except RedisError:
        return True
