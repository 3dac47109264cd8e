"""Joins per CPU-second of the update process, beside a minimal bot that does the same insert and the same answer.

    python -m benchmarks.joins [--people 5000] [--at-once 200] [--runs 5] [--json FILE]

Both are webhook servers in a process of their own, asked by the same driver: an update in, the entry committed in
PostgreSQL, the answer out in the webhook's own response. The rival is aiogram with asyncpg and one INSERT. Ours
checks the secret, takes each update once, knows the person, the captcha and the subscription, signs the entry and
counts it. Every person solved the captcha before, and Telegram told that they came into the channel.
"""

import asyncio
import gc
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

import aiohttp
import asyncpg
import psutil
from aiogram import Bot, Dispatcher
from aiogram.filters import CommandObject, CommandStart
from aiogram.methods import SendMessage
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from benchmarks import results

from benchmarks.delivery.pumps import prepare  # isort: skip (it gives settings to what follows)
from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis.asyncio import BlockingConnectionPool, Redis

from accounts.models import Account, AuditEntry
from bots import crypto
from bots.models import Binding, Channel, MemberChange, Subscriber
from bots.models import Bot as BotRow
from bots.telegram import Telegram
from bots.updates.intake import Intake
from bots.updates.roster import served_of
from bots.updates.webhook import SECRET_HEADER, Webhooks
from config.telegram import dispatcher
from giveaways.models import Giveaway, Status
from participants.models import Entry, Person
from participants.services.people import Visitor, know_many

TOKEN = "123456789:abcdefghijklmnopqrstuvwxyzABCDEFGHI"
CHANNEL = -1009999999999
FIRST = 10**9  # the first person's id at Telegram
spawn = get_context("spawn")


# --- the two servers --------------------------------------------------------------------------------
def ours(told: Connection) -> None:
    """The update process in webhook mode."""

    async def application() -> web.Application:
        pool = BlockingConnectionPool.from_url(settings.REDIS_URL, max_connections=50, timeout=20)
        intake = Intake(telegram=Telegram(), dispatcher=dispatcher(), redis=Redis.from_pool(pool))
        webhooks = Webhooks(intake=intake)
        row = await asyncio.to_thread(BotRow.objects.get, telegram_id=int(TOKEN.split(":")[0]))
        webhooks.served[row.pk] = served_of(row)
        return webhooks.application()

    asyncio.run(serve(application, told))


def rival(told: Connection) -> None:
    """aiogram and asyncpg: one INSERT, one answer."""

    async def application() -> web.Application:
        database = settings.DATABASES["default"]
        pool = await asyncpg.create_pool(
            host=database["HOST"] or None, port=database["PORT"] or None, user=database["USER"],
            password=database["PASSWORD"] or None, database=database["NAME"], min_size=8, max_size=8,
        )  # fmt: skip
        table = Dispatcher()

        @table.message(CommandStart(deep_link=True))
        async def join(message: Message, command: CommandObject) -> SendMessage:
            giveaway = int((command.args or "").removeprefix("giveaway_"))
            await pool.execute(
                "INSERT INTO benchmark_join (giveaway, person) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                giveaway,
                message.from_user.id if message.from_user else 0,
            )
            return message.answer("You are in")

        app = web.Application()
        SimpleRequestHandler(table, Bot(TOKEN), handle_in_background=False).register(app, path="/telegram/0")
        return app

    asyncio.run(serve(application, told))


async def serve(application: Callable[[], Any], told: Connection) -> None:
    """Tells its port and answers until it is terminated."""
    runner = web.AppRunner(await application(), access_log=None)
    await runner.setup()
    gc.freeze()  # as runbots does; for the rival too, which has all our imports here
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    told.send(runner.addresses[0][1])
    await asyncio.Event().wait()


SERVERS = {"ours": ours, "aiogram + asyncpg": rival}


# --- the driver ---------------------------------------------------------------------------------------
def update(number: int, giveaway_id: int, update_id: int) -> bytes:
    """/start giveaway_N of the person with this number, as Telegram sends it."""
    person = {"id": FIRST + number, "is_bot": False, "first_name": f"P{number}", "language_code": "en"}
    text = f"/start giveaway_{giveaway_id}"
    message = {
        "message_id": 2 * number + 1,
        "date": int(time.time()),
        "from": person,
        "chat": {"id": person["id"], "first_name": person["first_name"], "type": "private"},
        "text": text,
        "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
    }
    return json.dumps({"update_id": update_id, "message": message}).encode()


async def ask(url: str, bodies: Sequence[bytes], at_once: int, secret: str) -> int:
    """Posts every update, that many at a time; how many were answered with a message that lets in."""
    headers = {"Content-Type": "application/json", SECRET_HEADER: secret}
    window = asyncio.Semaphore(at_once)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def one(body: bytes) -> bool:
            async with window, session.post(url, data=body) as response:
                return b"You are in" in (await response.read()).replace(b"+", b" ")

        return sum(await asyncio.gather(*map(one, bodies)))


def measure(name: str, giveaway: Giveaway, people: int, at_once: int, round_: int) -> dict[str, float]:
    """One fresh server, everybody joins once."""
    here, there = spawn.Pipe()
    process = spawn.Process(target=SERVERS[name], args=(there,), daemon=True)
    process.start()
    port = here.recv()
    row = giveaway.binding.bot
    path = f"/telegram/{row.pk if name == 'ours' else 0}"
    secret = crypto.webhook_secret(row.pk, row.token_fingerprint)
    bodies = [update(number, giveaway.pk, round_ * people + number) for number in range(people)]
    watched = psutil.Process(process.pid)
    before, began = cpu(watched), time.perf_counter()
    joined = asyncio.run(ask(f"http://127.0.0.1:{port}{path}", bodies, at_once, secret))
    took, used = time.perf_counter() - began, cpu(watched) - before
    process.terminate()
    process.join()
    assert joined == people, f"{name}: {joined} of {people} joined"
    if name == "ours":
        assert Entry.objects.filter(giveaway=giveaway).count() == people
    return {"joins per CPU-second": people / used, "per second": people / took}


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


# --- what both need -----------------------------------------------------------------------------------
@contextmanager
def scene(people: int) -> Iterator[Giveaway]:
    """A running giveaway and people who may enter it; all of it is taken away at the end."""
    giveaway = running()
    ids = [FIRST + number for number in range(people)]
    try:
        invite(giveaway, ids)
        yield giveaway
    finally:
        clear(giveaway)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE benchmark_join")
        Person.objects.filter(telegram_id__in=ids).delete()
        forget(giveaway)


def running() -> Giveaway:
    """A giveaway of a bot in a channel, as if it had been published."""
    account = Account.objects.create(name="Benchmark")
    bot = BotRow.objects.create(
        account=account,
        telegram_id=int(TOKEN.split(":")[0]),
        username="benchmark_bot",
        token_encrypted=crypto.encrypt(TOKEN),
        token_fingerprint=crypto.token_fingerprint(TOKEN),
    )
    channel = Channel.objects.create(telegram_id=CHANNEL, title="News", username="news")
    binding = Binding.objects.create(account=account, bot=bot, channel=channel, status=Binding.Status.ACTIVE)
    return Giveaway.objects.create(
        account=account, binding=binding, public_id="benchmark", title="Benchmark", main_body="Press the button.",
        status=Status.ACTIVE, published_at=timezone.now(), message_id=1, result_token="b" * 32, opening_sha256="0" * 64,
    )  # fmt: skip


def invite(giveaway: Giveaway, ids: Sequence[int]) -> None:
    """People who solved the captcha and, as Telegram told, came into the channel; and the rival's table."""
    know_many([Visitor(number, "P", "", "en") for number in ids])
    Person.objects.filter(telegram_id__in=ids).update(captcha_passed_at=timezone.now())
    channel, at = giveaway.binding.channel, timezone.now() + timedelta(hours=1)
    changes = [MemberChange(channel=channel, person_id=number, joined=True, at=at) for number in ids]
    MemberChange.objects.bulk_create(changes, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS benchmark_join "
            "(giveaway bigint, person bigint, PRIMARY KEY (giveaway, person))"
        )


def forget(giveaway: Giveaway) -> None:
    """The giveaway, and whatever it stood on."""
    binding = giveaway.binding
    giveaway.delete()
    binding.delete()
    binding.channel.delete()
    Subscriber.objects.filter(bot=binding.bot).delete()
    AuditEntry.objects.filter(account=binding.account).delete()
    binding.bot.delete()
    binding.account.delete()


def clear(giveaway: Giveaway) -> None:
    """Everybody is out again, and new to the bot."""
    Entry.objects.filter(giveaway=giveaway).delete()
    Subscriber.objects.filter(bot=giveaway.binding.bot).delete()
    Giveaway.objects.filter(pk=giveaway.pk).update(participant_count=0)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE benchmark_join")


def main(argv: Sequence[str] | None = None) -> None:
    asked = results.options(__doc__, argv, people=5000, runs=5, **{"at-once": 200})
    prepare()
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in SERVERS}
    with scene(asked.people) as giveaway:
        for number in range(asked.runs):
            for place, name in enumerate(SERVERS):  # in turn, so that a slow minute meets both
                clear(giveaway)
                round_ = (number * len(SERVERS) + place) * 10 + int(time.time())
                runs[name].append(measure(name, giveaway, asked.people, asked.at_once, round_))
    table = results.medians(runs)
    own = table["ours"]["joins per CPU-second"]
    told = {name: {**row, "ours is": own / row["joins per CPU-second"]} for name, row in table.items()}
    results.tell("joins", asked, runs, told)


if __name__ == "__main__":
    main()
