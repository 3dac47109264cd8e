"""Polling: one poller per bot across all processes, by lease; true offsets; order kept per person."""

import asyncio
from collections import defaultdict
from contextlib import suppress

import structlog
from aiogram import methods
from aiogram.types import Update
from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

from bots.answers import Answer, Outcome
from bots.telegram import Served
from bots.updates.intake import Intake, TokenRefused
from bots.updates.turns import Turn

log = structlog.get_logger(__name__)
ALLOWED_UPDATES = [
    "message", "callback_query", "my_chat_member", "chat_member", "channel_post", "edited_channel_post",
    "pre_checkout_query",
]  # fmt: skip
POLL_SECONDS = 25
LONGEST_PAUSE_SECONDS = 30.0
OUTAGE_PAUSE_SECONDS = 0.5
MOST_FAILURES = 3


class Poller:
    """Polls one bot until it is cancelled or its token dies."""

    def __init__(self, *, intake: Intake, served: Served) -> None:
        self.intake = intake
        self.served = served
        self.offset: int | None = None
        self.failures = 0

    async def run(self) -> None:
        with suppress(TokenRefused):  # what was not answered comes again, to whoever has a working token
            await self._run()

    async def _run(self) -> None:
        while True:
            answer = await self._poll()
            if answer.ok:
                self.failures = 0
                await self._take_all(answer.result)
            elif answer.outcome is Outcome.BOT_DEAD:
                await self.intake.quarantine(self.served, answer)
                return
            else:
                await self._recover(answer)

    async def _poll(self) -> Answer:
        method = methods.GetUpdates(
            offset=self.offset, limit=100, timeout=POLL_SECONDS, allowed_updates=ALLOWED_UPDATES
        )
        return await self.intake.telegram.call(self.served.token, method, timeout_seconds=POLL_SECONDS + 10)

    async def _recover(self, answer: Answer) -> None:
        """A webhook left from another mode is removed; anything else is waited out, longer each time."""
        self.failures += 1
        log.info("poll_failed", bot_id=self.served.id, kind=answer.kind, description=answer.description)
        if "webhook is active" in answer.description:
            await self.intake.telegram.call(self.served.token, methods.DeleteWebhook())
            return
        await asyncio.sleep(answer.retry_after or min(0.5 * 2**self.failures, LONGEST_PAUSE_SECONDS))

    async def _take_all(self, updates: list[Update]) -> None:
        """People side by side, one person's updates in order. The offset moves when all are handled:
        whatever dies before that comes again."""
        lines: dict[int, list[Update]] = defaultdict(list)
        for update in updates:
            lines[line_of(update)].append(update)
        await asyncio.gather(*(self._take_line(line) for line in lines.values()))
        if updates:
            self.offset = updates[-1].update_id + 1

    async def _take_line(self, updates: list[Update]) -> None:
        for update in updates:
            await self._take_until_done(update)

    async def _take_until_done(self, update: Update) -> None:
        """An outage of ours is waited out; an update that our own fault breaks is given up, so that
        it does not hold up everybody behind it."""
        failures = 0
        while failures < MOST_FAILURES:
            try:
                await self._take(update)
                return
            except TokenRefused:
                raise
            except (OperationalError, InterfaceError, RedisError):
                log.warning("update_waits_for_the_outage", bot_id=self.served.id, update_id=update.update_id)
            except Exception:
                failures += 1
                log.exception("update_failed", bot_id=self.served.id, update_id=update.update_id)
            await asyncio.sleep(OUTAGE_PAUSE_SECONDS)

    async def _take(self, update: Update) -> None:
        # BUSY is a process that died holding it, or an earlier try: this bot has no other poller.
        if await self.intake.turns.begin(self.served.id, update.update_id) is not Turn.DONE:
            await self.intake.take(self.served, update)
            await self.intake.turns.done(self.served.id, update.update_id)


def line_of(update: Update) -> int:
    """Whose update it is; updates of one person are handled in order."""
    if update.chat_member:  # whose membership it is, which need not be who changed it
        return update.chat_member.new_chat_member.user.id
    event = update.message or update.callback_query or update.my_chat_member or update.pre_checkout_query
    return event.from_user.id if event and event.from_user else update.update_id
