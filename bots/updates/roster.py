"""Which bots this process serves right now: a bot added, renewed or removed is followed without a restart."""

import asyncio
import os
import socket

import structlog
from aiogram import Dispatcher
from aiohttp import web
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import InterfaceError, OperationalError
from prometheus_client import Gauge
from prometheus_client.aiohttp import make_aiohttp_handler
from redis.asyncio import BlockingConnectionPool, Redis

from bots.database import database
from bots.models import Bot
from bots.services import bots
from bots.telegram import Served, Telegram
from bots.updates.intake import Intake
from bots.updates.polling import Poller
from bots.updates.webhook import Webhooks

log = structlog.get_logger(__name__)
SERVED = Gauge("telegram_bots_served", "Bots this process serves", multiprocess_mode="livesum")
LEASE_SECONDS = 15
REFRESH_SECONDS = 2.0
MOST_BOTS = 500
REDIS_CONNECTIONS = 32


def served_of(bot: Bot) -> Served:
    """The bot with its token in clear, for this process's memory only."""
    return Served(bot.pk, bot.telegram_id, bot.username, bots.token_of(bot), bot.token_fingerprint)


def readable(rows: list[Bot]) -> list[Served]:
    """The bots whose tokens can be decrypted: a key that was lost costs its own bots and nobody else's."""
    found = []
    for row in rows:
        try:
            found.append(served_of(row))
        except InvalidToken:
            log.error("token_unreadable", bot_id=row.pk)
    return found


class Roster:
    """Keeps what is served equal to the rows of active bots."""

    def __init__(self, *, dispatcher: Dispatcher, mode: str) -> None:
        self.process = f"{socket.gethostname()[:40]}:{os.getpid()}"
        self.mode = mode
        self.telegram = Telegram(connections=1000)
        # A hundred people at once wait for one of a few connections instead of being refused one.
        pool = BlockingConnectionPool.from_url(
            settings.REDIS_URL, max_connections=REDIS_CONNECTIONS, timeout=10, socket_timeout=10
        )
        redis: Redis = Redis.from_pool(pool)
        self.intake = Intake(telegram=self.telegram, dispatcher=dispatcher, redis=redis)
        self.webhooks = Webhooks(intake=self.intake)
        self.polls: dict[int, tuple[str, asyncio.Task[None]]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set; then the bots are given back at once."""
        runner = web.AppRunner(self._application(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, settings.BOTS_HOST, settings.BOTS_PORT, reuse_port=True).start()
        try:
            while not stop.is_set():
                await self._refresh()
                await wait(stop, REFRESH_SECONDS)
        finally:
            await runner.cleanup()
            await self._serve([])
            await database(bots.release_polls, process=self.process)
            await self.telegram.close()
            await self.intake.redis.aclose()

    def _application(self) -> web.Application:
        application = self.webhooks.application()
        application.router.add_get("/health", self._health)
        application.router.add_get("/metrics", make_aiohttp_handler())
        return application

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "mode": self.mode, "bots": self._count()})

    def _count(self) -> int:
        return len(self.polls) if self.mode == "polling" else len(self.webhooks.served)

    async def _refresh(self) -> None:
        try:
            if self.mode == "polling":
                rows = await database(
                    bots.claim_polls,
                    process=self.process,
                    seconds=LEASE_SECONDS * settings.LEASE_SCALE,
                    most=MOST_BOTS,
                )
                await self._serve(readable(rows))
            else:
                await self._receive(readable(await database(bots.active_bots)))
        except (OperationalError, InterfaceError) as error:
            log.warning("database_away", error=type(error).__name__)
        SERVED.set(self._count())

    async def _serve(self, wanted: list[Served]) -> None:
        """Starts and stops pollers until they are the wanted ones; a renewed token is a new poller."""
        fingerprints = {served.id: served.fingerprint for served in wanted}
        for bot_id, (fingerprint, task) in list(self.polls.items()):
            if task.done() or fingerprints.get(bot_id) != fingerprint:
                del self.polls[bot_id]
                task.cancel()
                [ended] = await asyncio.gather(task, return_exceptions=True)
                if isinstance(ended, Exception):
                    log.error("poller_crashed", bot_id=bot_id, exc_info=ended)
        for served in wanted:
            if served.id not in self.polls:
                task = asyncio.create_task(Poller(intake=self.intake, served=served).run())
                self.polls[served.id] = (served.fingerprint, task)

    async def _receive(self, wanted: list[Served]) -> None:
        """Registers webhooks of bots not served yet or renewed; forgets those gone."""
        known = self.webhooks.served
        for bot_id in known.keys() - {served.id for served in wanted}:
            del known[bot_id]
        for served in wanted:
            if known.get(served.id) != served:
                known[served.id] = served  # first, because updates may come before the answer
                if not await self.webhooks.register(served):
                    del known[served.id]


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Sleeps until the event is set, at most `seconds`."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
