"""How fast a bot may speak: evenly spaced slots on Redis' clock, shared by all processes that send for it.

GCRA: one number per bot, the time of the next free slot. Slots may be reserved a little ahead, so that one
call serves many messages; a gate closes them all for as long as Telegram asked. `plan` is the arithmetic of
the script in Python, for tests with a clock of their own. Rates are messages per second.

Replies and posts never wait for a slot: they are counted. While there are some, broadcasts leave them a share
of the limit; those beyond the share each take a slot from the broadcasts.
"""

import asyncio
import functools
import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from redis import Redis as SyncRedis
from redis.asyncio import Redis
from redis.exceptions import NoScriptError

LEAST_AHEAD = 20  # slots: enough for one round trip to the database at ordinary rates
AHEAD_SECONDS = 0.1  # at high rates 20 slots are over before the next call returns
LISTEN_SECONDS = 1.0
LEARNED_SECONDS = 86_400  # how long a learned rate is remembered
REPLIED_MS = 5_000  # how long after a reply broadcasts still leave room for the next
REPLIES_AT_ONCE = 2
# Replies may be far more than the limit for a while, as when a post brings a thousand people. Telegram counts by
# the second: what was said too much before costs broadcasts one second, not as long as it lasted.
MOST_DEBT_US = 1_000_000
CLOSED = "pacing:closed"  # the channel on which a closed gate is told to those who hold slots


class Slots(NamedTuple):
    """`delays`: seconds from now at which one message each may leave; `retry_in`: when to ask for more.

    `learned` is the rate all processes have agreed on, None as long as it is the limit.
    """

    delays: list[float]
    retry_in: float
    learned: float | None


@dataclass(frozen=True)
class Plan:
    """What a reservation comes to, in microseconds."""

    starts: list[int]
    next_free: int
    retry_at: int


def gap_us(rate: float) -> int:
    """Between two slots, rounded up: never faster than asked."""
    return int(-(-1_000_000 // rate))


def ahead(rate: float) -> int:
    """How many slots may be reserved beyond the present moment."""
    return max(LEAST_AHEAD, int(rate * AHEAD_SECONDS))


def plan(*, now: int, next_free: int, closed_until: int, wanted: int, gap: int, most_ahead: int) -> Plan:
    """The slots granted at `now`: none behind a closed gate, none more than `most_ahead` gaps ahead."""
    if closed_until > now:
        return Plan([], next_free, closed_until)
    first = max(next_free, now)
    granted = max(0, min(wanted, (now + most_ahead * gap - first) // gap))
    following = first + granted * gap
    starts = list(range(first, following, gap))
    return Plan(starts, following, max(now, following - most_ahead // 2 * gap))


NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
"""
RESERVE = """
local gap, most_ahead = tonumber(ARGV[2]), tonumber(ARGV[3])
local learned = tonumber(redis.call('GET', KEYS[3]) or '0')
gap = math.max(gap, learned)
if redis.call('EXISTS', KEYS[4]) == 1 then gap = math.max(gap, tonumber(ARGV[4])) end
local next_free = tonumber(redis.call('GET', KEYS[1]) or '0')
local closed_until = tonumber(redis.call('GET', KEYS[2]) or '0')
local wanted = tonumber(ARGV[1])
if closed_until > now then return {0, 0, closed_until - now, gap, learned} end
local first = math.max(next_free, now)
local granted = math.max(0, math.min(wanted, math.floor((now + most_ahead * gap - first) / gap)))
local following = first + granted * gap
if granted > 0 then
  redis.call('SET', KEYS[1], string.format('%d', following), 'PX', math.ceil((following - now) / 1000) + 1000)
end
return {granted, first - now, math.max(0, following - math.floor(most_ahead / 2) * gap - now), gap, learned}
"""
COUNT = """
local gap, reply_gap, at_once, most_debt = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local replies = math.max(tonumber(redis.call('GET', KEYS[2]) or '0'), now)
local free, beyond = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now), 0
for index = 3, #KEYS do
  replies = replies + reply_gap
  if replies - now > at_once * reply_gap then
    replies, beyond = replies - reply_gap, beyond + 1
    free = math.max(free, math.min(free + gap, now + most_debt))
  end
  redis.call('SET', KEYS[index], 1, 'PX', ARGV[index + 3])
end
if beyond > 0 then
  redis.call('SET', KEYS[1], string.format('%d', free), 'PX', math.ceil((free - now) / 1000) + 1000)
end
redis.call('SET', KEYS[2], string.format('%d', replies), 'PX', ARGV[5])
return 1
"""
CLOSE = """
local until_us = now + tonumber(ARGV[1])
if until_us > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], string.format('%d', until_us), 'PX', math.ceil(ARGV[1] / 1000) + 1000)
end
redis.call('PUBLISH', ARGV[3], ARGV[2] .. ' ' .. ARGV[1])
return 1
"""


async def reserve(redis: Redis, name: str, slots: int, rate: float, *, reply_share: float = 0) -> Slots:
    """Reserves up to `slots` slots of the bot known here as `name`; none while its gate is closed."""
    keys = [f"pacing:{name}:{part}" for part in ("next", "closed", "learned", "replies")]
    shared_gap = gap_us(rate * (1 - reply_share))
    granted, first, retry, gap, learned = await run(
        redis, NOW + RESERVE, keys, [slots, gap_us(rate), ahead(rate), shared_gap]
    )
    delays = [(first + index * gap) / 1_000_000 for index in range(granted)]
    return Slots(delays, retry / 1_000_000, 1_000_000 / learned if learned else None)


async def count_replies(
    redis: Redis, telegram_id: int, rate: float, *, share: float, chats: Iterable[tuple[int, float]]
) -> None:
    """Messages that did not wait for a slot, to these chats; broadcasts make room for each, and each chat rests
    so many seconds."""
    rests = [(chat_key(telegram_id, chat_id), max(1, int(seconds * 1000))) for chat_id, seconds in chats]
    keys = [f"pacing:{telegram_id}:next", f"pacing:{telegram_id}:replies", *(key for key, _ in rests)]
    arguments: list[int | str] = [
        gap_us(rate * (1 - share)),
        gap_us(rate * share),
        REPLIES_AT_ONCE,
        MOST_DEBT_US,
        REPLIED_MS,
        *(milliseconds for _, milliseconds in rests),
    ]
    await run(redis, NOW + COUNT, keys, arguments)


def present_rate(client: SyncRedis, telegram_id: int, limit: float) -> float:
    """What the bot may send now, for estimates; for code that does not run on an event loop."""
    learned = client.get(f"pacing:{telegram_id}:learned")
    return min(limit, 1_000_000 / int(str(learned))) if learned else limit


async def learn(redis: Redis, name: str, rate: float | None) -> None:
    """The rate for every process of this bot, remembered; None when nothing is known against the limit."""
    key = f"pacing:{name}:learned"
    if rate is None:
        await redis.delete(key)
    else:
        await redis.set(key, gap_us(rate), ex=LEARNED_SECONDS)


def chat_key(telegram_id: int, chat_id: int) -> str:
    """Exists while the chat may not be written to, see chats.py."""
    return f"pacing:{telegram_id}:chat:{chat_id}"


async def close_gate(redis: Redis, name: str, seconds: float) -> None:
    """No slot of this bot before `seconds` have passed, in any process; whoever holds slots is told."""
    await run(redis, NOW + CLOSE, [f"pacing:{name}:closed"], [int(seconds * 1_000_000), name, CLOSED])


async def closures(redis: Redis) -> AsyncIterator[tuple[str, float]]:
    """(name, seconds) of every gate as it closes, for as long as it is iterated."""
    async with redis.pubsub() as subscription:
        await subscription.subscribe(CLOSED)
        while not ending():
            message = await subscription.get_message(ignore_subscribe_messages=True, timeout=LISTEN_SECONDS)
            if message is not None:
                name, microseconds = message["data"].split()
                yield name, int(microseconds) / 1_000_000


def ending() -> bool:
    """Whether the present task was cancelled: the client may swallow that while it connects."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def run(redis: Redis, script: str, keys: Sequence[str], arguments: Sequence[int | str]) -> list[Any]:
    """By its digest; a server that does not know it (new, or emptied) is told the script."""
    try:
        answer: list[Any] = await redis.evalsha(_digest(script), len(keys), *keys, *arguments)
    except NoScriptError:
        answer = await redis.eval(script, len(keys), *keys, *arguments)
    return answer


@functools.cache
def _digest(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
