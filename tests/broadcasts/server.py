"""A Bot API that accepts thousands of messages a second and remembers each: the truth for delivery tests.

The sandbox plays Telegram with all its rules; this one only counts, fast and with exact times, and misbehaves
towards single chats as it is told.
"""

import asyncio
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

RESET = "reset after accepting"
HANG = "accept and never answer"


@dataclass(frozen=True)
class Accepted:
    at: float
    bot_id: int
    chat_id: int
    text: str


@dataclass(frozen=True)
class Refusal:
    """An error answer with the words of Telegram."""

    code: int
    description: str
    parameters: dict[str, Any] = field(default_factory=dict)


def flood(seconds: float) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


BLOCKED = Refusal(403, "Forbidden: bot was blocked by the user")
BROKEN = Refusal(
    400, "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""
)
REVOKED = Refusal(401, "Unauthorized")


class Server:
    """`told[chat_id]` are the next answers to that chat; whatever is not told is accepted."""

    def __init__(self) -> None:
        self.accepted: list[Accepted] = []
        self.calls: list[tuple[float, int]] = []
        self.bodies: list[dict[str, Any]] = []
        self.told: dict[int, deque[Refusal | str]] = defaultdict(deque)
        self.to_everybody: Refusal | None = None
        self.latency = 0.0
        self.url = ""

    def tell(self, chat_id: int, *answers: Refusal | str) -> None:
        self.told[chat_id].extend(answers)

    def times_accepted(self, bot_id: int | None = None) -> Counter[int]:
        """How often each chat really received a message, of one bot or of all."""
        return Counter(one.chat_id for one in list(self.accepted) if bot_id in (None, one.bot_id))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        is_json = request.content_type == "application/json"
        body = await request.json() if is_json else dict(await request.post())
        chat_id = int(body["chat_id"])
        self.calls.append((time.time(), chat_id))
        self.bodies.append(body)
        told = self.told[chat_id].popleft() if self.told[chat_id] else self.to_everybody
        if isinstance(told, Refusal):
            answer = {"ok": False, "error_code": told.code, "description": told.description}
            return web.json_response(answer | {"parameters": told.parameters}, status=told.code)
        bot_id = int(request.match_info["token"].split(":")[0])
        self.accepted.append(Accepted(time.time(), bot_id, chat_id, body["text"]))
        number = len(self.accepted)
        if told == RESET and request.transport:
            request.transport.abort()
        if told == HANG or self.latency:
            await asyncio.sleep(60 if told == HANG else self.latency)
        result = {
            "message_id": number,
            "date": int(time.time()),
            "chat": {"id": chat_id, "type": "private"},
            "text": body["text"],
        }
        return web.json_response({"ok": True, "result": result})

    async def serve(self, ready: Callable[[], None], stop: asyncio.Event) -> None:
        app = web.Application()
        app.router.add_post("/bot{token}/sendMessage", self.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready()
        await stop.wait()
        await runner.cleanup()


@contextmanager
def running_server() -> Iterator[Server]:
    """The server in a thread of its own, on a free port."""
    server, loop, ready, stop = Server(), asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(server.serve(ready.set, stop)), daemon=True
    )
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
