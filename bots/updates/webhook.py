"""Webhooks: a small HTTP server of our own; a reply goes out in the answer to Telegram where it can."""

import asyncio
import hmac

import structlog
from aiogram import methods
from aiogram.types import Update
from aiohttp import web
from django.conf import settings
from pydantic import ValidationError

from bots.answers import Outcome
from bots.crypto import webhook_secret
from bots.replies import Reply
from bots.telegram import Served
from bots.updates.intake import Intake, Message
from bots.updates.polling import ALLOWED_UPDATES
from bots.updates.presses import Press
from bots.updates.turns import Turn

log = structlog.get_logger(__name__)
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MOST_BYTES = 4_000_000


class Webhooks:
    """Receives updates of all served bots at /telegram/<bot id>."""

    def __init__(self, *, intake: Intake) -> None:
        self.intake = intake
        self.served: dict[int, Served] = {}

    async def register(self, served: Served) -> bool:
        """Tells Telegram where to send the bot's updates; False when it has to be tried again."""
        method = methods.SetWebhook(
            url=f"{settings.WEBHOOK_URL}/telegram/{served.id}",
            secret_token=webhook_secret(served.id, served.fingerprint),
            allowed_updates=ALLOWED_UPDATES,
        )
        answer = await self.intake.telegram.call(served.token, method)
        if answer.outcome is Outcome.BOT_DEAD:
            await self.intake.quarantine(served, answer)
        elif not answer.ok:
            log.warning("webhook_not_set", bot_id=served.id, description=answer.description)
        return answer.ok

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """One update. 2xx is said only when its effect is committed, so Telegram repeats what was lost."""
        served = self.served.get(int(request.match_info["bot_id"]))
        if served is None:
            raise web.HTTPNotFound
        given = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")  # any byte may come
        if not hmac.compare_digest(given, webhook_secret(served.id, served.fingerprint).encode()):
            raise web.HTTPForbidden
        try:
            update = self.intake.read(await request.read())
        except ValidationError:
            raise web.HTTPBadRequest from None
        turn = await self.intake.turns.begin(served.id, update.update_id)
        if turn is Turn.BUSY:  # a twin is at work: Telegram shall ask again, not run beside it
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "1"})
        if turn is Turn.DONE:
            return web.Response()
        return await self._answer(served, update)

    async def _answer(self, served: Served, update: Update | Press) -> web.StreamResponse:
        """A handler that fails gives the update free, so that Telegram's next try is not refused as busy."""
        try:
            reply = await self.intake.take(served, update, inline=True)
        except BaseException:
            await asyncio.shield(self.intake.turns.give_back(served.id, update.update_id))
            raise
        await self.intake.turns.done(served.id, update.update_id)
        if reply is None:
            return web.Response()
        return await self._carrying(served, reply)

    async def _carrying(self, served: Served, reply: Message) -> web.StreamResponse:
        """The answer that makes Telegram send the reply."""
        telegram = self.intake.telegram
        if isinstance(reply, Reply):
            await telegram.count_message(served.token, reply.chat_id)
            return web.Response(body=reply.body(), content_type="application/json")
        await telegram.count(served.token, reply)
        form = telegram.session.build_form_data(telegram.bot(served.token), reply)
        form.add_field("method", reply.__api_method__)
        return web.Response(body=form())

    def application(self) -> web.Application:
        application = web.Application(client_max_size=MOST_BYTES)
        application.router.add_post(r"/telegram/{bot_id:\d{1,18}}", self.receive)
        return application
