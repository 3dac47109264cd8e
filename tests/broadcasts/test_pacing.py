"""Pacing: never faster than asked, no slot behind a closed gate, no slot lost while somebody asks."""

import asyncio
import secrets
import time
from bisect import bisect_left
from collections.abc import Sequence

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from bots import pacing
from bots.pacing import ahead, gap_us, plan

SECOND = 1_000_000
START = 1_800_000_000 * SECOND

rates = st.sampled_from([0.5, 1, 7, 29.9, 30, 33, 500, 1000])
askings = st.lists(st.tuples(st.integers(0, SECOND // 2), st.integers(0, 200)), min_size=1, max_size=80)
closings = st.lists(st.tuples(st.integers(0, 3 * SECOND), st.integers(1, SECOND)), max_size=4)


def simulate(
    rate: float, askings: list[tuple[int, int]], closings: Sequence[tuple[int, int]] = ()
) -> list[int]:
    """Any number of processes asking at any times: all granted starts."""
    now, next_free, closed_until = START, 0, 0
    starts: list[int] = []
    pending = sorted((START + at, length) for at, length in closings)
    for pause, wanted in askings:
        now += pause
        while pending and pending[0][0] <= now:
            at, length = pending.pop(0)
            closed_until = max(closed_until, at + length)
        made = plan(
            now=now,
            next_free=next_free,
            closed_until=closed_until,
            wanted=wanted,
            gap=gap_us(rate),
            most_ahead=ahead(rate),
        )
        assert all(start >= now for start in made.starts)
        assert len(made.starts) <= wanted
        assert made.retry_at >= now
        assert not (made.starts and closed_until > now)
        next_free = made.next_free
        starts += made.starts
    return starts


def most_in_a_second(starts: list[int]) -> int:
    return max((bisect_left(starts, start + SECOND) - index for index, start in enumerate(starts)), default=0)


@given(rates, askings)
def test_no_second_holds_more_than_the_rate(rate: float, askings: list[tuple[int, int]]) -> None:
    starts = simulate(rate, askings)
    assert starts == sorted(starts)
    assert most_in_a_second(starts) <= max(1, rate + 1)


@given(rates, askings, closings)
def test_nothing_is_granted_while_the_gate_is_closed(
    rate: float, askings: list[tuple[int, int]], closings: list[tuple[int, int]]
) -> None:
    simulate(rate, askings, closings)


@given(rates, st.integers(1, 30))
def test_a_steady_asker_gets_the_whole_rate(rate: float, wanted: int) -> None:
    step = gap_us(rate) * min(wanted, ahead(rate) // 2)
    starts = simulate(rate, [(step, wanted)] * 200)
    assert len(starts) >= 0.97 * 200 * step / SECOND * rate - 1


@given(rates, st.integers(0, 500), st.integers(-5, 500))
def test_slots_are_reserved_a_little_ahead_only(rate: float, wanted: int, taken_ahead: int) -> None:
    gap, most = gap_us(rate), ahead(rate)
    next_free = START + taken_ahead * gap
    made = plan(now=START, next_free=next_free, closed_until=0, wanted=wanted, gap=gap, most_ahead=most)
    assert all(start < START + most * gap for start in made.starts)
    assert len(made.starts) == max(0, min(wanted, most - max(0, taken_ahead)))


@given(
    st.integers(-SECOND, SECOND),
    st.integers(-SECOND, SECOND),
    st.integers(0, 300),
    st.sampled_from([1, 30, 1000]),
    st.sampled_from([0, 1, 17, 900]),
    st.booleans(),
)
async def test_the_script_computes_what_the_plan_says(
    free_in: int, closed_in: int, wanted: int, rate: int, learned: int, replied: bool
) -> None:
    names = [f"test:{secrets.token_hex(8)}:{part}" for part in ("next", "closed", "learned", "replies")]
    gap, shared, most = gap_us(rate), gap_us(rate * 0.85), ahead(rate)
    async with Redis.from_url(settings.REDIS_URL, decode_responses=True) as redis:
        await redis.mset({names[0]: START + free_in, names[1]: START + closed_in})
        await redis.mset({names[2]: gap_us(learned)} if learned else {"test": 0})
        await redis.mset({names[3]: START} if replied else {"test": 0})
        script = f"local now = {START}\n" + pacing.RESERVE
        answer = await redis.eval(script, 4, *names, wanted, gap, most, shared)
        granted, first, retry_in, used, told = answer
        stored = int(await redis.get(names[0]))
    assert told == (gap_us(learned) if learned else 0)
    gap = max(gap, told, shared if replied else 0)
    assert used == gap
    made = plan(
        now=START,
        next_free=START + free_in,
        closed_until=START + closed_in,
        wanted=wanted,
        gap=gap,
        most_ahead=most,
    )
    assert [START + first + index * gap for index in range(granted)] == made.starts
    assert START + retry_in == made.retry_at
    if granted:
        assert stored == made.next_free


@pytest.fixture
def name() -> str:
    return str(secrets.randbelow(10**12))


async def test_several_processes_share_one_allowance(name: str) -> None:
    """Four askers, each with a connection of its own, for two seconds at 100 a second."""
    times: list[float] = []

    async def ask(until: float) -> None:
        async with Redis.from_url(settings.REDIS_URL, decode_responses=True) as redis:
            while time.monotonic() < until:
                slots = await pacing.reserve(redis, name, 5, 100)
                times.extend(time.monotonic() + delay for delay in slots.delays)
                await asyncio.sleep(max(0.005, slots.retry_in))

    await asyncio.gather(*(ask(time.monotonic() + 2) for _ in range(4)))
    times.sort()
    rate = (len(times) - 1) / (times[-1] - times[0])
    assert 97 <= rate <= 101


async def test_a_closed_gate_is_told_to_those_who_hold_slots(name: str) -> None:
    async with (
        Redis.from_url(settings.REDIS_URL, decode_responses=True) as redis,
        Redis.from_url(settings.REDIS_URL, decode_responses=True) as other,
    ):
        closures = pacing.closures(other)
        heard = asyncio.ensure_future(anext(closures))
        while not heard.done():
            await pacing.close_gate(redis, name, 5)
            await asyncio.wait([heard], timeout=0.05)
        assert heard.result() == (name, 5)
        await closures.aclose()
        slots = await pacing.reserve(redis, name, 5, 30)
    assert slots.delays == []
    assert 4 < slots.retry_in <= 5


async def test_a_shorter_closing_does_not_open_the_gate_earlier(name: str) -> None:
    async with Redis.from_url(settings.REDIS_URL, decode_responses=True) as redis:
        await pacing.close_gate(redis, name, 60)
        await pacing.close_gate(redis, name, 1)
        assert (await pacing.reserve(redis, name, 1, 30)).retry_in > 50
