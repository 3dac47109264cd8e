"""How fast a bot may speak: evenly spaced slots on Redis' clock, shared by all processes that send for it.

GCRA: one number per bot, the time of the next free slot. Slots may be reserved a little ahead, so that one
call serves many messages; a gate closes them all for as long as Telegram asked. `plan` is the arithmetic of
the script in Python, for tests with a clock of their own. Rates are messages per second.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple

from redis.asyncio import Redis

LEAST_AHEAD = 20  # slots: enough for one round trip to the database at ordinary rates
AHEAD_SECONDS = 0.1  # at high rates 20 slots are over before the next call returns
LISTEN_SECONDS = 1.0
CLOSED = "pacing:closed"  # the channel on which a closed gate is told to those who hold slots


class Slots(NamedTuple):
    """`delays`: seconds from now at which one message each may leave; `retry_in`: when to ask for more."""

    delays: list[float]
    retry_in: float


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
local next_free = tonumber(redis.call('GET', KEYS[1]) or '0')
local closed_until = tonumber(redis.call('GET', KEYS[2]) or '0')
local wanted, gap, most_ahead = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if closed_until > now then return {0, 0, closed_until - now} end
local first = math.max(next_free, now)
local granted = math.max(0, math.min(wanted, math.floor((now + most_ahead * gap - first) / gap)))
local following = first + granted * gap
if granted > 0 then
  redis.call('SET', KEYS[1], string.format('%d', following), 'PX', math.ceil((following - now) / 1000) + 1000)
end
return {granted, first - now, math.max(0, following - math.floor(most_ahead / 2) * gap - now)}
"""
CLOSE = """
local until_us = now + tonumber(ARGV[1])
if until_us > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], string.format('%d', until_us), 'PX', math.ceil(ARGV[1] / 1000) + 1000)
end
redis.call('PUBLISH', ARGV[3], ARGV[2] .. ' ' .. ARGV[1])
return 1
"""


async def reserve(redis: Redis, telegram_id: int, slots: int, rate: float) -> Slots:
    """Reserves up to `slots` slots of the bot with this Telegram id; none while its gate is closed."""
    gap = gap_us(rate)
    keys = [f"pacing:{telegram_id}:next", f"pacing:{telegram_id}:closed"]
    granted, first, retry = await _run(redis, NOW + RESERVE, keys, [slots, gap, ahead(rate)])
    delays = [(first + index * gap) / 1_000_000 for index in range(granted)]
    return Slots(delays, retry / 1_000_000)


async def close_gate(redis: Redis, telegram_id: int, seconds: float) -> None:
    """No slot of this bot before `seconds` have passed, in any process; whoever holds slots is told."""
    keys = [f"pacing:{telegram_id}:closed"]
    await _run(redis, NOW + CLOSE, keys, [int(seconds * 1_000_000), telegram_id, CLOSED])


async def closures(redis: Redis) -> AsyncIterator[tuple[int, float]]:
    """(Telegram id, seconds) of every gate as it closes, for as long as it is iterated."""
    async with redis.pubsub() as subscription:
        await subscription.subscribe(CLOSED)
        while not ending():
            message = await subscription.get_message(ignore_subscribe_messages=True, timeout=LISTEN_SECONDS)
            if message is not None:
                telegram_id, microseconds = message["data"].split()
                yield int(telegram_id), int(microseconds) / 1_000_000


def ending() -> bool:
    """Whether the present task was cancelled: the client may swallow that while it connects."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _run(redis: Redis, script: str, keys: list[str], arguments: list[int | str]) -> list[int]:
    answer: list[int] = await redis.register_script(script)(keys=keys, args=arguments)
    return answer
