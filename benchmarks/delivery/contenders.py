"""Those who send: ours, and real code that people use instead. Each runs in a process of its own."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from multiprocessing.connection import Connection
from typing import Any

import aiogram
import aiohttp
import telegram as ptb
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from django.conf import settings
from telegram.request import HTTPXRequest

from benchmarks.delivery import per_message
from benchmarks.delivery.pumps import CONTENT, UNLIMITED, bots, make_broadcast
from benchmarks.delivery.telegram import Telegram
from broadcasts import services
from broadcasts.tasks.slice import Options, Slice

TOKEN = "123456789:abcdefghijklmnopqrstuvwxyzABCDEFGHI"
AT_ONCE = 100
WARM_UP = 100
TEXT = CONTENT["text"]
OURS, CELERY = "durable delivery", "a Celery task per message"


async def many(messages: int, send: Callable[[int], Coroutine[Any, Any, Any]]) -> None:
    """Sends to that many chats, AT_ONCE at a time."""
    window = asyncio.Semaphore(AT_ONCE)

    async def one(chat_id: int) -> None:
        async with window:
            await send(chat_id)

    await asyncio.gather(*(one(chat_id) for chat_id in range(1, messages + 1)))


async def bare_aiohttp(messages: int, url: str) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def send(chat_id: int) -> None:
            body = {"chat_id": chat_id, "text": TEXT, "parse_mode": "HTML"}
            async with session.post(f"{url}/bot{TOKEN}/sendMessage", json=body) as response:
                await response.json()

        await many(messages, send)


async def bare_aiogram(messages: int, url: str) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(url), limit=AT_ONCE)
    async with aiogram.Bot(TOKEN, session=session) as bot:
        await many(messages, lambda chat_id: bot.send_message(chat_id, TEXT, parse_mode="HTML"))


async def python_telegram_bot(messages: int, url: str) -> None:
    requests = [HTTPXRequest(connection_pool_size=AT_ONCE, pool_timeout=60) for _ in range(2)]
    async with ptb.Bot(TOKEN, f"{url}/bot", request=requests[0], get_updates_request=requests[1]) as bot:
        await many(messages, lambda chat_id: bot.send_message(chat_id, TEXT, parse_mode="HTML"))


def durable(messages: int, url: str) -> None:
    settings.TELEGRAM_API_URL = url
    with bots(1) as (bot,):
        broadcast = make_broadcast(bot, messages)
        asyncio.run(Slice(Options(rate=UNLIMITED)).run())
        assert services.counts([broadcast.pk])[broadcast.pk].sent == messages


LOOPS: dict[str, Callable[[int, str], Coroutine[Any, Any, None]]] = {
    "bare aiohttp": bare_aiohttp,
    "bare aiogram": bare_aiogram,
    "python-telegram-bot": python_telegram_bot,
}


def contend(name: str, messages: int, url: str, told: Connection) -> None:
    """One run in this process; tells its CPU-seconds and seconds."""
    if name == CELERY:
        told.send(per_message.measure(messages, Telegram(url), f"{url}/bot{TOKEN}/sendMessage", TEXT))
        return
    play(name, WARM_UP, url)  # first imports and connections are not what is measured
    cpu, wall = time.process_time(), time.perf_counter()
    play(name, messages, url)
    told.send((time.process_time() - cpu, time.perf_counter() - wall))


def play(name: str, messages: int, url: str) -> None:
    if name == OURS:
        durable(messages, url)
    else:
        asyncio.run(LOOPS[name](messages, url))
