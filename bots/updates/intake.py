"""One update, once: whichever way it came, it has its effect a single time and its replies go out."""

import asyncio
from collections.abc import Iterable
from typing import Any

import structlog
from aiogram import Dispatcher
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from prometheus_client import Counter, Histogram
from redis.asyncio import Redis
from structlog.contextvars import bound_contextvars as about

from bots.answers import Answer, Outcome
from bots.database import database
from bots.replies import Reply
from bots.services import bots, subscribers
from bots.telegram import Served, Telegram
from bots.updates.presses import Press, Shortcut
from bots.updates.turns import Turns

Message = TelegramMethod[Any] | Reply
log = structlog.get_logger(__name__)
UPDATES = Counter("telegram_updates_total", "Updates taken in", ["kind"])
SECONDS = Histogram("telegram_update_seconds", "From an update's arrival to its last reply")

REPLY_ATTEMPTS = 5
REPEATED = (Outcome.FLOOD, Outcome.NOT_SENT, Outcome.UNKNOWN)


def kind_of(update: Update | Press) -> str:
    """The one field of the update that is set besides its id, for metrics."""
    if isinstance(update, Press):
        return "callback_query" if update.query_id else "message"
    return next((name for name in update.model_fields_set if name != "update_id"), "empty")


class TokenRefused(Exception):
    """A reply met a dead token: the update is not done, and waits for a working one."""


class Intake:
    """Feeds updates to their handlers and sends what these return."""

    def __init__(self, *, telegram: Telegram, dispatcher: Dispatcher, redis: Redis) -> None:
        self.telegram = telegram
        self.dispatcher = dispatcher
        self.shortcut: Shortcut | None = dispatcher.get("shortcut")
        self.redis = redis
        self.turns = Turns(redis)

    def read(self, body: bytes) -> Update | Press:
        """The update in Telegram's JSON, with no more of it read than its handler wants; or a ValidationError."""
        press = self.shortcut.read(body) if self.shortcut else None
        return press or Update.model_validate_json(body)

    async def take(self, served: Served, update: Update | Press, *, inline: bool = False) -> Message | None:
        """Handles one update. With `inline` the last reply is returned, for the webhook's own answer."""
        with SECONDS.time(), about(bot_id=served.id, update_id=update.update_id):
            replies = await self._handle(served, update)
            kept = replies.pop() if inline and replies else None
            for reply in replies:
                await self.send(served, reply)
        UPDATES.labels(kind_of(update)).inc()
        return kept

    async def _handle(self, served: Served, update: Update | Press) -> list[Message]:
        if isinstance(update, Press):
            return await self.shortcut.serve(update, served, self.telegram) if self.shortcut else []
        bot = self.telegram.bot(served.token)
        result = await self.dispatcher.feed_update(bot, update, served=served, telegram=self.telegram)
        if isinstance(result, TelegramMethod | Reply):
            return [result]
        return list(result) if isinstance(result, Iterable) else []

    async def send(self, served: Served, message: Message) -> None:
        """Sends a reply, waiting out floods; a person who cannot be written to is remembered."""
        reply = message.method() if isinstance(message, Reply) else message
        doubts = 0
        for attempt in range(REPLY_ATTEMPTS):
            answer = await self.telegram.call(served.token, reply)
            # Said twice does no harm; never said leaves a person waiting for nothing.
            doubts += answer.outcome is Outcome.UNKNOWN
            if answer.outcome not in REPEATED or doubts > 1:
                break
            await asyncio.sleep(answer.retry_after or 0.2 * 2**attempt)
        if answer.outcome is Outcome.RECIPIENT and (chat_id := getattr(reply, "chat_id", None)):
            await database(
                subscribers.record_unreachable, bot_id=served.id, chat_id=chat_id, kind=answer.kind
            )
        elif answer.outcome is Outcome.BOT_DEAD:
            await self.quarantine(served, answer)
            raise TokenRefused
        elif not answer.ok:
            log.warning("reply_failed", bot_id=served.id, method=reply.__api_method__, kind=answer.kind)

    async def quarantine(self, served: Served, answer: Answer) -> None:
        """Telegram refused the token this process holds."""
        await database(
            bots.quarantine_bot,
            bot_id=served.id,
            reason=answer.description,
            fingerprint=served.fingerprint,
        )
