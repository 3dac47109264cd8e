"""The client: the only module that opens a session to Telegram and the only importer of aiogram's Bot.

Asynchronous code awaits `Telegram.call`; synchronous doors and tasks go through `wait_for`, which runs the
same coroutines on one background loop per process, so that one HTTP session serves all of it.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiogram import Bot as AiogramBot
from aiogram import exceptions
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import TelegramMethod
from aiohttp import ClientConnectorError
from django.conf import settings
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from bots import pacing
from bots.answers import Answer, Outcome, classify
from bots.chats import Intervals
from bots.together import Together
from config.background import kept, wait_for

__all__ = ["Served", "Telegram", "meaning", "shared", "wait_for"]

log = structlog.get_logger(__name__)
REDIS_SECONDS = 1.0
REDIS_CONNECTIONS = 16
MESSAGE = re.compile("send(?!ChatAction)|copyMessage|forwardMessage")

CODES: dict[type[exceptions.TelegramAPIError], int] = {
    exceptions.TelegramEntityTooLarge: 413,
    exceptions.TelegramUnauthorizedError: 401,
    exceptions.TelegramForbiddenError: 403,
    exceptions.TelegramConflictError: 409,
    exceptions.TelegramNotFound: 404,
    exceptions.RestartingTelegram: 500,
    exceptions.TelegramServerError: 500,
    exceptions.TelegramBadRequest: 400,
}


def meaning(error: Exception) -> Answer:
    """What an exception of the client means; descriptions never hold the address, which contains the token."""
    match error:
        case exceptions.TelegramRetryAfter():
            return classify(429, error.message, retry_after=error.retry_after)
        case exceptions.TelegramMigrateToChat():
            return classify(400, error.message, migrate_to=error.migrate_to_chat_id)
        case exceptions.TelegramEntityTooLarge():
            return classify(413, error.message)
        case exceptions.TelegramNetworkError():
            return _network(error)
        case exceptions.ClientDecodeError() | UnicodeDecodeError():  # a proxy's page, or an answer cut short
            return Answer(Outcome.UNKNOWN, "not_json", description="the answer was not JSON")
        case exceptions.TelegramAPIError():
            # aiogram has no type of its own for a 429 that names no time.
            flood = error.message.startswith("Too Many Requests")
            return classify(429 if flood else CODES.get(type(error), 400), error.message)
    return Answer(Outcome.UNKNOWN, "unexpected", description=type(error).__name__)


def _network(error: exceptions.TelegramNetworkError) -> Answer:
    """A connection that was never made sent nothing; anything later is unknown."""
    cause = error.__cause__
    outcome = Outcome.NOT_SENT if isinstance(cause, ClientConnectorError) else Outcome.UNKNOWN
    kind = "no_connection" if outcome is Outcome.NOT_SENT else "no_answer"
    return Answer(outcome, kind, description=type(cause).__name__)


@dataclass(frozen=True)
class Served:
    """A bot as the update process holds it: its token in clear, in memory only."""

    id: int
    telegram_id: int
    username: str
    token: str = field(repr=False)
    fingerprint: str


class Telegram:
    """One HTTP session of one event loop, shared by every bot of the process."""

    def __init__(self, *, connections: int = 100) -> None:
        self.session = AiohttpSession(
            api=TelegramAPIServer.from_base(settings.TELEGRAM_API_URL),
            limit=connections,
            timeout=settings.TELEGRAM_TIMEOUT_SECONDS,
        )
        # Many who ask at once wait for one of a few connections: one that was refused would go uncounted.
        pool = BlockingConnectionPool.from_url(
            settings.REDIS_URL,
            max_connections=REDIS_CONNECTIONS,
            timeout=REDIS_SECONDS,
            socket_timeout=REDIS_SECONDS,
        )
        self.redis: Redis = Redis.from_pool(pool)
        self._counted = Together(self._count_all, apart=False)

    def bot(self, token: str) -> AiogramBot:
        """A bot of aiogram on the shared session: cheap, made when needed."""
        return AiogramBot(token, session=self.session)

    async def call(
        self, token: str, method: TelegramMethod[Any], *, timeout_seconds: float | None = None
    ) -> Answer:
        """Calls one method of the Bot API and says what its answer means; never raises for Telegram's faults."""
        await self.count(token, method)
        limit = None if timeout_seconds is None else int(timeout_seconds)
        try:
            return Answer(Outcome.OK, "ok", result=await self.bot(token)(method, request_timeout=limit))
        except (exceptions.TelegramAPIError, exceptions.ClientDecodeError, UnicodeDecodeError) as error:
            return meaning(error)

    async def count(self, token: str, method: TelegramMethod[Any]) -> None:
        """A message counts in its bot's allowance, and its chat rests; it does not wait: broadcasts give way."""
        chat_id = getattr(method, "chat_id", None)
        if isinstance(chat_id, int) and MESSAGE.match(method.__api_method__):
            await self.count_message(token, chat_id)

    async def count_message(self, token: str, chat_id: int) -> None:
        try:
            await self._counted((int(token.split(":")[0]), chat_id))
        except (RedisError, OSError, ValueError) as error:  # a reply is worth more than its count
            log.warning("message_not_counted", error=type(error).__name__)

    async def _count_all(self, messages: Sequence[tuple[int, int]]) -> list[None]:
        """Messages by (bot, chat) that leave at one moment: each bot is asked for once."""
        rest = Intervals.of(
            per_second_in_private=settings.MESSAGES_PER_SECOND_PER_CHAT,
            per_minute_in_groups=settings.MESSAGES_PER_MINUTE_PER_GROUP,
        )
        chats: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for telegram_id, chat_id in messages:
            chats[telegram_id].append((chat_id, rest.after(chat_id)))
        rate, share = settings.MESSAGES_PER_SECOND_PER_BOT, settings.REPLIES_SHARE
        for telegram_id, written in chats.items():
            await pacing.count_replies(self.redis, telegram_id, rate, share=share, chats=written)
        return [None] * len(messages)

    async def close(self) -> None:
        await self.session.close()
        await self.redis.aclose()


def shared() -> Telegram:
    """The client of this process's background loop, for coroutines handed to `wait_for`."""
    return kept(Telegram)
