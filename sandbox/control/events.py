"""Server-sent events: tells the page what changed, never more often than it can follow."""

import asyncio
import json
from contextlib import suppress

from aiohttp import web

from sandbox.control.requests import telegram_of
from sandbox.telegram.models import JSON

# At most MOST_PER_ROUND events every ROUND_SECONDS; more than that becomes one "look at everything".
ROUND_SECONDS = 0.25
MOST_PER_ROUND = 5
IDLE_SECONDS = 15.0


class Listener:
    """The distinct changes since the last round."""

    def __init__(self) -> None:
        self._pending: dict[str, None] = {}
        self._arrived = asyncio.Event()

    def hear(self, event: JSON) -> None:
        if len(self._pending) <= MOST_PER_ROUND:
            self._pending[json.dumps(event, ensure_ascii=False)] = None
        self._arrived.set()

    async def round(self) -> list[str]:
        """Waits for a change; an empty round keeps the connection alive."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), IDLE_SECONDS)
        self._arrived.clear()
        pending, self._pending = list(self._pending), {}
        return pending if len(pending) <= MOST_PER_ROUND else ['{"kind": "world"}']


async def stream(request: web.Request) -> web.StreamResponse:
    world = telegram_of(request).world
    listener = Listener()
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    world.watchers.append(listener.hear)
    try:
        await response.write(b": connected\n\n")
        while True:
            events = await listener.round()
            lines = "".join(f"data: {event}\n\n" for event in events) or ": alive\n\n"
            await response.write(lines.encode())
            await asyncio.sleep(ROUND_SECONDS)
    except ConnectionResetError:
        return response
    finally:
        world.watchers.remove(listener.hear)


ROUTES = [web.get("/sandbox/events", stream)]
