"""MTProto as the sandbox stands in for it: the same two questions as JSON over HTTP, at MTPROTO_URL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp
from django.conf import settings

from bots.models import Bot
from bots.mtproto.facts import Invited, InviteDead, Told, Unavailable
from bots.services.bots import token_of

SECONDS = 10


class StandIn:
    """Needs neither an api id nor a user's session."""

    async def messages(self, bot: Bot, channel_id: int, ids: Sequence[int]) -> list[Told]:
        question = {"bot_token": token_of(bot), "channel_id": channel_id, "ids": list(ids)}
        answer = await _ask("channels.getMessages", question)
        return [_told(message) for message in answer["messages"] if not message.get("empty")]

    async def open_invite(self, secret: str) -> Invited | None:
        found = await _ask("messages.checkChatInvite", {"hash": secret})
        return Invited(found["id"], found["title"], found["username"]) if "id" in found else None


async def _ask(method: str, question: dict[str, Any]) -> Any:
    limit = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as http,
            http.post(f"{settings.MTPROTO_URL}/{method}", json=question) as answer,
        ):
            told = await answer.json()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Unavailable(type(error).__name__) from error
    refusal = str(told.get("error", ""))
    if refusal.startswith("INVITE_HASH"):
        raise InviteDead(refusal)
    if refusal:
        raise Unavailable(refusal)
    return told


def _told(message: dict[str, Any]) -> Told:
    return Told(
        message_id=message["id"],
        published_at=datetime.fromtimestamp(message["date"], UTC),
        views=message.get("views"),
        album=message.get("grouped_id") or "",
        is_service=bool(message.get("service")),
    )
