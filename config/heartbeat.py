"""The workers' sign of life: a worker writes the time, the health page asks how old it is."""

import time

from config.redis import client

KEY = "heartbeat:worker"
DEAD_AFTER_SECONDS = 30.0


def beat() -> None:
    """Writes now; the value outlives its meaning a little so that `age` can say how long ago it was."""
    client().set(KEY, repr(time.time()), ex=3600)


def age_seconds() -> float | None:
    """Seconds since the last beat, or None when there was none within an hour."""
    value = client().get(KEY)
    return max(0.0, time.time() - float(str(value))) if value is not None else None
