"""Replies beside a broadcast: they never wait, they are counted, and the sum keeps the limit."""

import asyncio
import secrets
import threading
import time
from bisect import bisect_left

import pytest
from aiogram import methods
from django.conf import settings
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bots import pacing
from bots.crypto import decrypt
from bots.models import Bot
from bots.telegram import Telegram
from tests.broadcasts.conftest import bot, server  # noqa: F401
from tests.broadcasts.factories import chats, eventually, make_broadcast, pump
from tests.broadcasts.server import Server

RATE = 30


async def slots_beside(replies_each: float, seconds: float) -> tuple[int, int]:
    """A steady asker for slots, and a reply every so many seconds: how many of each."""
    name = secrets.randbelow(10**12)
    granted = replies = 0
    async with Redis.from_url(settings.REDIS_URL) as redis:
        end, next_reply = time.monotonic() + seconds, time.monotonic()
        while (now := time.monotonic()) < end:
            if now >= next_reply:
                await pacing.count_replies(redis, name, RATE, share=0.15, chats=[(1, 1)])
                replies, next_reply = replies + 1, next_reply + replies_each
            slots = await pacing.reserve(redis, str(name), 5, RATE, reply_share=0.15)
            granted += len(slots.delays)
            await asyncio.sleep(0.02)
    return granted, replies


@pytest.mark.parametrize("each", [0.5, 0.1, 0.05])
async def test_the_sum_of_slots_and_replies_keeps_the_limit(each: float) -> None:
    granted, replies = await slots_beside(each, 3)
    assert granted + replies <= 3 * RATE + pacing.ahead(RATE) + 3
    assert granted >= 3 * RATE - max(0.15 * 3 * RATE, replies) - 3


async def test_without_replies_broadcasts_have_everything() -> None:
    granted, _ = await slots_beside(10_000, 0.01)
    assert granted
    name = str(secrets.randbelow(10**12))
    async with Redis.from_url(settings.REDIS_URL) as redis:
        alone = await pacing.reserve(redis, name, 5, RATE, reply_share=0.15)
        await pacing.count_replies(redis, int(name), RATE, share=0.15, chats=[(1, 1)])
        beside = await pacing.reserve(redis, name, 5, RATE, reply_share=0.15)
    assert alone.delays[1] - alone.delays[0] == pytest.approx(1 / RATE, abs=0.001)
    assert beside.delays[1] - beside.delays[0] == pytest.approx(1 / (0.85 * RATE), abs=0.001)


@pytest.mark.parametrize("together", [1, 40, 400])
async def test_a_flood_of_replies_delays_broadcasts_by_a_second_at_most(together: int) -> None:
    name = secrets.randbelow(10**12)
    async with Redis.from_url(settings.REDIS_URL) as redis:
        for _ in range(400 // together):  # of thirty a second: thirteen seconds' worth
            await pacing.count_replies(redis, name, RATE, share=0.15, chats=[(1, 1)] * together)
        slots = await pacing.reserve(redis, str(name), 1, RATE, reply_share=0.15)
    assert 0.5 < max(slots.delays or [slots.retry_in]) <= 1


async def test_replies_counted_together_count_as_much_as_one_by_one() -> None:
    free, rests = [], []
    async with Redis.from_url(settings.REDIS_URL) as redis:
        for chats in ([[(7, 1)], [(8, 2)], [(8, 2)], [(9, 3)]], [[(7, 1), (8, 2), (8, 2), (9, 3)]]):
            name = secrets.randbelow(10**12)
            for written in chats:
                await pacing.count_replies(redis, name, RATE, share=0.15, chats=written)
            slots = await pacing.reserve(redis, str(name), 1, RATE, reply_share=0.15)
            free.append(slots.delays[0])
            rests.append([await redis.pttl(pacing.chat_key(name, chat)) for chat in (7, 8, 9)])
    assert free[0] == pytest.approx(free[1], abs=0.02)
    assert rests[0] == pytest.approx([1000, 2000, 3000], abs=100)
    assert rests[1] == pytest.approx([1000, 2000, 3000], abs=100)


def test_every_one_of_many_replies_at_once_is_counted() -> None:
    async def all_at_once() -> None:
        telegram = Telegram()
        replies = [methods.SendMessage(chat_id=number, text="Hello") for number in range(1, 401)]
        await asyncio.gather(*(telegram.count("123456:token", reply) for reply in replies))
        await telegram.close()

    with capture_logs() as said:
        asyncio.run(all_at_once())
    assert said == []


def most_in_a_second(times: list[float]) -> int:
    times = sorted(times)
    return max(bisect_left(times, start + 1) - index for index, start in enumerate(times))


@pytest.mark.django_db(transaction=True)
def test_a_reply_beside_a_running_broadcast_takes_no_second(bot: Bot, server: Server) -> None:  # noqa: F811
    make_broadcast(bot, chats(150))
    pumping = threading.Thread(target=pump, kwargs={"rate": RATE})
    pumping.start()
    eventually(lambda: len(server.accepted) >= 20)

    async def talk() -> list[float]:
        telegram, took = Telegram(), []
        try:
            for person in range(8):
                started = time.monotonic()
                reply = methods.SendMessage(chat_id=5_000 + person, text="Hello")
                assert (await telegram.call(decrypt(bot.token_encrypted), reply)).ok
                took.append(time.monotonic() - started)
                await asyncio.sleep(0.25)
        finally:
            await telegram.close()
        return took

    assert max(asyncio.run(talk())) < 1
    pumping.join(30)
    times = [accepted.at for accepted in server.accepted]
    assert len(times) == 158
    assert most_in_a_second(times) <= RATE + 4  # the slots reserved before the first reply
