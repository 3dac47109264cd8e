"""Each update once: a mark in Redis says whose turn it is. Updates that come at one moment are marked together."""

from collections.abc import Sequence
from enum import StrEnum

from django.conf import settings
from redis.asyncio import Redis

from bots.pacing import run
from bots.together import Together

REMEMBERED_MS = 86_400_000  # Telegram keeps an update for 24 hours at most (Bot API, getUpdates)
WORKING_SECONDS = 30

BEGIN = """
local held = {}
for index = 1, #KEYS do
  held[index] = redis.call('SET', KEYS[index], 'working', 'NX', 'PX', ARGV[1], 'GET')
end
return held
"""
DONE = """
for index = 1, #KEYS do redis.call('SET', KEYS[index], 'done', 'PX', ARGV[1]) end
return KEYS
"""


class Turn(StrEnum):
    MINE = "mine"
    BUSY = "busy"  # somebody works on it this moment
    DONE = "done"


class Turns:
    """The marks of updates, by (bot, update)."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self._begin = Together(self._begin_all, apart=False)
        self._done = Together(self._done_all, apart=False)

    async def begin(self, bot_id: int, update_id: int) -> Turn:
        """Takes the update for this process. The effects themselves are idempotent in the database;
        this keeps a repeated update from being answered twice."""
        return await self._begin(key(bot_id, update_id))

    async def done(self, bot_id: int, update_id: int) -> None:
        await self._done(key(bot_id, update_id))

    async def give_back(self, bot_id: int, update_id: int) -> None:
        """Whoever asks next may take it."""
        await self.redis.delete(key(bot_id, update_id))

    async def _begin_all(self, keys: Sequence[str]) -> list[Turn]:
        milliseconds = int(WORKING_SECONDS * 1000 * settings.LEASE_SCALE)
        held: list[bytes | None] = await run(self.redis, BEGIN, list(keys), [milliseconds])
        return [turn_of(mark) for mark in held]

    async def _done_all(self, keys: Sequence[str]) -> list[bytes]:
        return await run(self.redis, DONE, list(keys), [REMEMBERED_MS])


def key(bot_id: int, update_id: int) -> str:
    return f"update:{bot_id}:{update_id}"


def turn_of(mark: bytes | None) -> Turn:
    """What the mark that was there says to whoever asks."""
    if mark is None:
        return Turn.MINE
    return Turn.BUSY if mark == b"working" else Turn.DONE
