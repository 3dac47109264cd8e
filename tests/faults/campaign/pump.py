"""A pump as a worker would run it, in a process of its own: `python -m tests.faults.campaign.pump RATE LOG`.

It writes down when each message leaves; the file outlives the process however that ends.
"""

import os
import sys
import time
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from broadcasts.gateway import Gateway  # noqa: E402
from broadcasts.tasks import pump  # noqa: E402

NUDGE_SECONDS = 0.2


def note_departures(path: str) -> None:
    """Wraps the one way to Telegram: a line with the time and the chat for every message."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    send = Gateway.send

    async def noted(self: Gateway, message: Any, chat_id: int, *rest: Any, **named: Any) -> Any:
        os.write(log, b"%.6f %d\n" % (time.time(), chat_id))
        return await send(self, message, chat_id, *rest, **named)

    Gateway.send = noted  # type: ignore[method-assign]


def main() -> None:
    """Slices for ever, as the clock's nudges would have it; one that fails is followed by the next."""
    settings.MESSAGES_PER_SECOND_PER_BOT = float(sys.argv[1])
    note_departures(sys.argv[2])
    while True:
        try:
            pump.run()
        except Exception as error:
            print(f"{time.time():.3f} a slice ended: {error!r}", file=sys.stderr, flush=True)
            connections.close_all()
        time.sleep(NUDGE_SECONDS)


if __name__ == "__main__":
    main()
