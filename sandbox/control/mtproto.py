"""A stand-in for MTProto as JSON over HTTP: messages by id for a bot's token, and what an invite link leads to.

The user whose session would open invite links is in every channel but those that let nobody in unasked.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.control.requests import Refused, answer, body_of, number_in, telegram_of, text_in
from sandbox.telegram.core import Telegram
from sandbox.telegram.models import JSON, Bot, Channel, Message

MOST_IDS = 100  # channels.getMessages
Method = Callable[[Telegram, JSON], JSON]


def get_messages(telegram: Telegram, body: JSON) -> JSON:
    """channels.getMessages: one answer for each id, an empty one for what is not there."""
    bot = _authorized(telegram, text_in(body, "bot_token"))
    channel = telegram.world.channels.get(number_in(body, "channel_id", low=-(10**15)))
    if channel is None or not telegram.world.member(channel.id, bot.id).is_inside:
        raise Refused("CHANNEL_INVALID")
    ids = body.get("ids")
    if not isinstance(ids, list) or not all(isinstance(number, int) for number in ids):
        raise Refused("MESSAGE_IDS_EMPTY")
    if len(ids) > MOST_IDS:
        raise Refused("LIMIT_INVALID")
    box = telegram.world.boxes[channel.id]
    return {"messages": [_message(box.get(number), number) for number in ids]}


def check_invite(telegram: Telegram, body: JSON) -> JSON:
    """messages.checkChatInvite: the channel to who is in it, else its title alone."""
    url = f"https://t.me/+{text_in(body, 'hash')}"
    for channel in telegram.world.channels.values():
        link = next((link for link in channel.links if link["invite_link"] == url), None)
        if url == channel.invite_link or (link and not link["is_revoked"]):
            asks = link["creates_join_request"] if link else channel.join_by_request
            return {"title": channel.title} if asks else _chat(channel)
    raise Refused("INVITE_HASH_EXPIRED")


def _authorized(telegram: Telegram, token: str) -> Bot:
    bot = telegram.world.tokens.get(token)
    if bot is None:
        raise Refused("ACCESS_TOKEN_INVALID")
    return bot


def _message(note: Message | None, number: int) -> JSON:
    if note is None:
        return {"id": number, "empty": True}
    shape: JSON = {"id": number, "date": note.date}
    if "pinned" in note.content:
        return shape | {"service": True}
    return shape | {"views": note.views, "grouped_id": note.content.get("media_group_id")}


def _chat(channel: Channel) -> JSON:
    return {"id": channel.id, "title": channel.title, "username": channel.username}


def door(name: str, method: Method) -> Callable[[web.Request], Awaitable[web.Response]]:
    """One method with the faults asked for it; a refusal has Telegram's own code as its error."""

    async def serve(request: web.Request) -> web.Response:
        telegram, body = telegram_of(request), await body_of(request)
        for fault in telegram.faults.meet(name, json.dumps(body)):
            if fault.kind == "delay":
                await asyncio.sleep(fault.ms / 1000)
            elif fault.kind == "error":
                raise Refused(fault.description or f"FLOOD_WAIT_{fault.retry_after}", fault.code)
            else:
                return web.Response(status=502, text="<html>", content_type="text/html")
        return answer(method(telegram, body))

    return serve


ROUTES = [
    web.post("/mtproto/channels.getMessages", door("channels.getMessages", get_messages)),
    web.post("/mtproto/messages.checkChatInvite", door("messages.checkChatInvite", check_invite)),
]
