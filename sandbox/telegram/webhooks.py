"""Webhooks: each bot's updates posted to its URL, in order inside a lane, lanes in parallel."""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp

from sandbox.telegram.clock import Clock
from sandbox.telegram.models import JSON, Bot
from sandbox.telegram.updates import Pending, Updates

FIRST_RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = (60, 120)
LONGEST_RETRY_AFTER_SECONDS = 3600
FAILING_SECONDS = 10.0
ANSWER_TIMEOUT = aiohttp.ClientTimeout(total=60)

Execute = Callable[[Bot, JSON], Awaitable[None]]


class Webhooks:
    """The senders of all bots that have a webhook; they run while the server does."""

    def __init__(self, updates: Updates, clock: Clock, execute: Execute) -> None:
        self._updates = updates
        self._clock = clock
        self._execute = execute
        self._senders: dict[int, Sender] = {}
        self._session: aiohttp.ClientSession | None = None
        updates.forward = self.forward

    async def start(self, bots: list[Bot]) -> None:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        for bot in bots:
            if bot.webhook:
                self.open(bot)

    async def stop(self) -> None:
        for bot_id in list(self._senders):
            self.close(bot_id)
        if self._session:
            await self._session.close()

    def open(self, bot: Bot) -> None:
        """Begins, or begins anew, with everything that waits."""
        self.close(bot.id)
        if self._session is None:
            return
        sender = Sender(bot, self._session, self._updates, self._clock, self._execute)
        self._senders[bot.id] = sender
        for pending in list(self._updates.mailbox(bot.id).pending):
            sender.push(pending)

    def close(self, bot_id: int) -> None:
        sender = self._senders.pop(bot_id, None)
        if sender:
            sender.cancel()

    def forward(self, bot: Bot, pending: Pending) -> None:
        if bot.id in self._senders:
            self._senders[bot.id].push(pending)

    def last_error(self, bot_id: int) -> JSON:
        sender = self._senders.get(bot_id)
        return sender.last_error if sender else {}

    def forget(self) -> None:
        for bot_id in list(self._senders):
            self.close(bot_id)


class Sender:
    """One bot's webhook. A lane (a chat, or a user for queries) has one update on the way at most."""

    def __init__(
        self, bot: Bot, session: aiohttp.ClientSession, updates: Updates, clock: Clock, execute: Execute
    ) -> None:
        self._bot = bot
        self._session = session
        self._updates = updates
        self._clock = clock
        self._execute = execute
        self._webhook: JSON = bot.webhook or {}
        self._lanes: dict[int, deque[Pending]] = {}
        self._ready: deque[int] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: dict[int, int] = {}
        self._failing_since: float | None = None
        self._cancelled = False
        self.last_error: JSON = {}

    def push(self, pending: Pending) -> None:
        lane = self._lanes.setdefault(pending.lane, deque())
        lane.append(pending)
        if len(lane) == 1:
            self._make_ready(pending.lane)

    def cancel(self) -> None:
        self._cancelled = True
        for task in self._tasks:
            task.cancel()

    def _make_ready(self, lane: int) -> None:
        if not self._cancelled:
            self._ready.append(lane)
            self._fill()

    def _fill(self) -> None:
        while self._ready and len(self._tasks) < self._connections():
            task = asyncio.get_running_loop().create_task(self._deliver(self._ready.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._cancelled:
            self._fill()

    def _connections(self) -> int:
        failing = self._failing_since is not None
        if failing and self._clock.now() - (self._failing_since or 0) > FAILING_SECONDS:
            return 1
        return int(self._webhook["max_connections"])

    async def _deliver(self, lane: int) -> None:
        pending = self._lanes[lane][0]
        if pending.gone or pending.expires_at <= self._clock.now():
            self._done(lane, pending)
            return
        try:
            retry_after = await self._post(pending.body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._failed(lane, f"Connection failed: {error}", None)
            return
        if retry_after is None:
            self._failing_since = None
            self._done(lane, pending)
        else:
            self._failed(lane, "", retry_after)

    def _done(self, lane: int, pending: Pending) -> None:
        self._failures.pop(lane, None)
        if not pending.gone:
            self._updates.drop(self._bot.id, pending)
        queue = self._lanes[lane]
        queue.popleft()
        if queue:
            self._make_ready(lane)
        else:
            del self._lanes[lane]

    def _failed(self, lane: int, reason: str, retry_after: float | None) -> None:
        """The first repetition comes at once, then after 2, 4, 8 … seconds, or when the endpoint said."""
        if reason:
            self._note_error(reason)
        if self._failing_since is None:
            self._failing_since = self._clock.now()
        count = self._failures.get(lane, 0)
        self._failures[lane] = count + 1
        low, high = LONGEST_RETRY_SECONDS
        delay = (
            min(FIRST_RETRY_SECONDS * 2 ** (count - 1), low + secrets.randbelow(high - low)) if count else 0.0
        )
        asyncio.get_running_loop().call_later(max(delay, retry_after or 0.0), self._make_ready, lane)

    def _note_error(self, reason: str) -> None:
        self.last_error = {"last_error_date": self._clock.unix(), "last_error_message": reason}

    async def _post(self, body: str) -> float | None:
        """Posts one update; None when it is delivered, else the seconds the endpoint asks to wait."""
        headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate"}
        if self._webhook["secret_token"]:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._webhook["secret_token"]
        parts = urlsplit(self._webhook["url"])
        auth = aiohttp.BasicAuth(parts.username, parts.password or "") if parts.username else None
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        async with self._session.post(
            url, data=body.encode(), headers=headers, auth=auth, timeout=ANSWER_TIMEOUT, allow_redirects=False
        ) as response:
            answer = await response.read()
            if 200 <= response.status < 300:
                await self._obey(answer, response.content_type)
                return None
            self._note_error(f"Wrong response from the webhook: {response.status} {response.reason}")
            asked = response.headers.get("Retry-After", "")
            return float(min(int(asked), LONGEST_RETRY_AFTER_SECONDS)) if asked.isdigit() else 0.0

    async def _obey(self, answer: bytes, content_type: str) -> None:
        values = _method_in(answer, content_type)
        if values.get("method"):
            await self._execute(self._bot, values)


def _method_in(answer: bytes, content_type: str) -> dict[str, Any]:
    text = answer.decode(errors="replace").strip()
    if content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(text))
    try:
        values = json.loads(text) if text else {}
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}
