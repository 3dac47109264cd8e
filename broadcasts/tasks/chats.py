"""The chats of a lane: one message at a time to each, a rest after it, and no repeat where none is wanted.

In the process everything is exact; Redis carries the rests and the contents to other processes and later times.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots import chats
from bots.chats import Content, Intervals
from bots.pacing import chat_key, ending

log = structlog.get_logger(__name__)
GATHER_SECONDS = 0.1
REMEMBERED_SECONDS = 10.0


class Marks:
    """Writes marks of all lanes of a pump, gathered for a moment."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.rests: dict[str, float] = {}
        self.unsaid: dict[str, str] = {}
        self.something = asyncio.Event()

    def rest(self, telegram_id: int, chat_id: int, seconds: float) -> None:
        self.rests[chat_key(telegram_id, chat_id)] = seconds
        self.something.set()

    def take_back(self, content: Content, telegram_id: int, chat_id: int) -> None:
        self.unsaid[content.key(telegram_id, chat_id)] = content.sender
        self.something.set()

    async def run(self) -> None:
        """Writes for as long as the pump lives, and once more when it ends."""
        try:
            while not ending():
                await self.something.wait()
                await asyncio.sleep(GATHER_SECONDS)
                await self._write()
        finally:
            await self._write()

    async def _write(self) -> None:
        self.something.clear()
        rests, self.rests = self.rests, {}
        unsaid, self.unsaid = self.unsaid, {}
        try:
            if rests:
                await chats.mark(self.redis, rests)
            if unsaid:
                await chats.take_back(self.redis, unsaid)
        except (RedisError, OSError) as error:  # they would have ended soon by themselves
            log.warning("marks_lost", error=type(error).__name__, number=len(rests) + len(unsaid))


class Chats:
    """Who may be written to by one bot; times are the loop's."""

    def __init__(self, telegram_id: int, intervals: Intervals, marks: Marks) -> None:
        self.telegram_id = telegram_id
        self.intervals = intervals
        self.marks = marks
        self.held: set[int] = set()
        self.free_at: dict[int, float] = {}
        self.served_at: dict[int, float] = {}
        self.history: deque[tuple[float, int]] = deque()

    async def look(self, wanted: Sequence[int], content: Content) -> list[float]:
        """Seconds until each may be written to; 0: now, and it is held for the asker; -1: it would be a repeat."""
        now = asyncio.get_running_loop().time()
        own = [self._wait(chat_id, now) for chat_id in wanted]
        asked = [chat_id for chat_id, wait in zip(wanted, own, strict=True) if not wait]
        self.held.update(asked)
        said = iter(await self._ask(asked, content))
        waits = [wait or next(said) for wait in own]
        self.held.difference_update(
            chat_id for chat_id, mine, wait in zip(wanted, own, waits, strict=True) if wait and not mine
        )
        return waits

    async def _ask(self, asked: list[int], content: Content) -> list[float]:
        try:
            return await chats.look(self.marks.redis, self.telegram_id, asked, content) if asked else []
        except (RedisError, OSError) as error:  # without Redis there are no slots either
            log.warning("marks_unknown", error=type(error).__name__)
            return [0.0] * len(asked)

    def _wait(self, chat_id: int, now: float) -> float:
        if chat_id in self.held:
            return self.intervals.after(chat_id)
        return max(0.0, self.free_at.get(chat_id, 0.0) - now)

    def let_go(self, chat_id: int) -> None:
        """Whoever held the chat is done with it."""
        self.held.discard(chat_id)

    def serve(self, chat_id: int, messages: int) -> float | None:
        """A message leaves for the chat now; when the last one before it did."""
        now = asyncio.get_running_loop().time()
        before = self.served_at.get(chat_id)
        self.served_at[chat_id] = now
        self.history.append((now, chat_id))
        self._rest(chat_id, now, self.intervals.after(chat_id, messages))
        self._forget(now)
        return before

    def close(self, chat_id: int, seconds: float) -> None:
        """Telegram asked for silence in this chat."""
        self._rest(chat_id, asyncio.get_running_loop().time(), seconds)

    def _rest(self, chat_id: int, now: float, seconds: float) -> None:
        self.free_at[chat_id] = max(self.free_at.get(chat_id, 0.0), now + seconds)
        self.marks.rest(self.telegram_id, chat_id, seconds)

    def _forget(self, now: float) -> None:
        """Chats served a while ago; one that still has to rest is known in Redis."""
        while self.history and self.history[0][0] < now - REMEMBERED_SECONDS:
            served_at, chat_id = self.history.popleft()
            if self.served_at.get(chat_id) == served_at:
                del self.served_at[chat_id]
                self.free_at.pop(chat_id, None)
