"""How often one chat may be written to, and whether it just got the same: marks in Redis that end by themselves.

A mark is a key with a time to live. Losing Redis loses the marks: then only the unique constraints of the
database keep a chat from getting one broadcast twice, and two broadcasts may meet in a chat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from bots.pacing import chat_key, run

MINUTE_SECONDS = 60

# Per chat: milliseconds to wait, 0 when it is free, -1 when another sender gave it the same content.
LOOK = """
local answer = {}
for index = 1, #KEYS, 2 do
  local wait = redis.call('PTTL', KEYS[index])
  if wait <= 0 and ARGV[1] ~= '0' then
    if not redis.call('SET', KEYS[index + 1], ARGV[2], 'NX', 'PX', ARGV[1])
       and redis.call('GET', KEYS[index + 1]) ~= ARGV[2] then wait = -10 end
  end
  answer[#answer + 1] = wait == -10 and -1 or math.max(0, wait)
end
return answer
"""
TAKE_BACK = """
for index = 1, #KEYS do
  if redis.call('GET', KEYS[index]) == ARGV[index] then redis.call('DEL', KEYS[index]) end
end
return {}
"""
MARK = """
for index = 1, #KEYS do
  if redis.call('PTTL', KEYS[index]) < tonumber(ARGV[index]) then
    redis.call('SET', KEYS[index], 1, 'PX', ARGV[index])
  end
end
return {}
"""


@dataclass(frozen=True)
class Intervals:
    """Seconds between two messages to one chat."""

    private: float
    group: float

    @classmethod
    def of(cls, *, per_second_in_private: float, per_minute_in_groups: float) -> "Intervals":
        return cls(1 / per_second_in_private, MINUTE_SECONDS / per_minute_in_groups)

    def after(self, chat_id: int, messages: int = 1) -> float:
        """How long a chat rests after so many messages; groups and channels have negative ids."""
        return messages * (self.group if chat_id < 0 else self.private)


@dataclass(frozen=True)
class Content:
    """What is said, by its digest, and by whom; remembered for `seconds`, not at all when 0."""

    digest: str = ""
    sender: str = ""
    seconds: int = 0

    def key(self, telegram_id: int, chat_id: int) -> str:
        return f"repeat:{telegram_id}:{self.digest}:{chat_id}"


async def look(redis: Redis, telegram_id: int, chats: Sequence[int], content: Content) -> list[float]:
    """Seconds until each chat may be written to; 0: now; -1: another sender gave it the same content lately.

    Chats that are free are marked as given this content, to be taken back if it is not sent after all.
    """
    keys = [key for chat in chats for key in (chat_key(telegram_id, chat), content.key(telegram_id, chat))]
    waits = await run(redis, LOOK, keys, [content.seconds * 1000, content.sender])
    return [wait if wait < 0 else wait / 1000 for wait in waits]


async def take_back(redis: Redis, marks: Mapping[str, str]) -> None:
    """Content marks (key -> sender) of messages that were not sent; those of other senders stay."""
    await run(redis, TAKE_BACK, list(marks), list(marks.values()))


async def mark(redis: Redis, rests: Mapping[str, float]) -> None:
    """Chats (by their key) that rest for so many seconds from now; a longer rest is not shortened."""
    await run(redis, MARK, list(rests), [max(1, int(rest * 1000)) for rest in rests.values()])
