"""Messages per CPU-second of the sender: our durable delivery beside bare loops that keep nothing.

    python -m benchmarks.bulk_send [--messages 5000] [--runs 5] [--json FILE]

Every contender runs in a fresh process against a server of zero latency in another one. Ours includes the
snapshot, grants, results and completion; it needs the environment of the platform (DATABASE_URL, REDIS_URL)
and removes its rows.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import secrets
import statistics
import time
from collections.abc import Callable, Coroutine
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiogram
import aiohttp
import django
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from accounts.audit import SYSTEM  # noqa: E402
from accounts.models import Account, AuditEntry  # noqa: E402
from bots import crypto  # noqa: E402
from bots.models import Bot  # noqa: E402
from broadcasts import services  # noqa: E402
from broadcasts.models import Broadcast  # noqa: E402
from broadcasts.tasks.slice import Options, Slice  # noqa: E402

TOKEN = "123456789:abcdefghijklmnopqrstuvwxyzABCDEFGHI"
AT_ONCE = 100
UNLIMITED = 20_000.0  # messages a second: pacing is measured elsewhere
CONTENT = {"type": "text", "text": "Hello, this is a message of ordinary length for everybody."}
spawn = multiprocessing.get_context("spawn")


class Answering(asyncio.Protocol):
    """Enough HTTP to answer sendMessage, and nothing more."""

    number = 0

    def connection_made(self, transport: Any) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            if len(self.buffer) < end + 4 + length:
                return
            self.buffer = self.buffer[end + 4 + length :]
            Answering.number += 1
            body = (
                b'{"ok":true,"result":{"message_id":%d,"date":1,"chat":{"id":1,"type":"private"}}}'
                % self.number
            )
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
                body
            )
            self.transport.write(head + body)


def serve(told: Connection) -> None:
    """Answers until it is terminated; tells its port."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=1024)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


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
            body = {"chat_id": chat_id, "text": CONTENT["text"], "parse_mode": "HTML"}
            async with session.post(f"{url}/bot{TOKEN}/sendMessage", json=body) as response:
                await response.json()

        await many(messages, send)


async def bare_aiogram(messages: int, url: str) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(url), limit=AT_ONCE)
    async with aiogram.Bot(TOKEN, session=session) as bot:
        await many(messages, lambda chat_id: bot.send_message(chat_id, CONTENT["text"], parse_mode="HTML"))


def ours(messages: int, url: str) -> None:
    settings.TELEGRAM_API_URL = url
    token = f"{10**9 + secrets.randbelow(10**9)}:{secrets.token_hex(20)}"
    account = Account.objects.create(name="Benchmark")
    bot = Bot.objects.create(
        account=account,
        telegram_id=int(token.split(":")[0]),
        username="benchmark_bot",
        token_encrypted=crypto.encrypt(token),
        token_fingerprint=crypto.token_fingerprint(token),
    )
    try:
        audience = range(1, messages + 1)
        made = services.create(
            account_id=account.pk, bot_id=bot.pk, content=CONTENT, chats=audience, by=SYSTEM
        )
        asyncio.run(Slice(Options(rate=UNLIMITED)).run())
        assert services.counts([made.pk])[made.pk].sent == messages
    finally:
        Broadcast.objects.filter(account=account).delete()
        AuditEntry.objects.filter(account=account).delete()
        bot.delete()
        account.delete()


def contend(name: str, messages: int, url: str, told: Connection) -> None:
    """One run in this process; tells messages per CPU-second and per second."""
    run = {"bare aiohttp": bare_aiohttp, "bare aiogram": bare_aiogram}.get(name)
    if run is None:
        ours(100, url)  # imports and first connections are not what is measured
    else:
        asyncio.run(run(100, url))
    cpu, wall = time.process_time(), time.perf_counter()
    ours(messages, url) if run is None else asyncio.run(run(messages, url))
    told.send((messages / (time.process_time() - cpu), messages / (time.perf_counter() - wall)))


def in_a_process(target: Callable[..., None], *arguments: Any) -> tuple[Any, Any]:
    """Starts it; its first word, and the process."""
    here, there = spawn.Pipe()
    process = spawn.Process(target=target, args=(*arguments, there), daemon=True)
    process.start()
    return here.recv(), process


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    port, server = in_a_process(serve)
    names = ["bare aiohttp", "bare aiogram", "durable delivery"]
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for _ in range(options.runs):
        for name in names:  # in turn, so that a slow minute of the machine meets all of them
            speeds, process = in_a_process(contend, name, options.messages, f"http://127.0.0.1:{port}")
            process.join()
            runs[name].append(speeds)
    server.terminate()
    medians = {
        name: [statistics.median(column) for column in zip(*runs[name], strict=True)] for name in names
    }
    own = medians["durable delivery"][0]
    print(f"{'sender':<18}{'per CPU-second':>16}{'per second':>12}{'delivery is':>13}")
    for name, (per_cpu, per_second) in medians.items():
        print(f"{name:<18}{per_cpu:>16,.0f}{per_second:>12,.0f}{own / per_cpu:>12.2f}x")
    if options.json:
        options.json.write_text(json.dumps({"messages": options.messages, "medians": medians, "runs": runs}))


if __name__ == "__main__":
    main()
