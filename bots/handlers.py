"""Telegram's door of the bots app: rights that changed, people who blocked or came back, a plain hello."""

from typing import Any

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.methods import TelegramMethod
from aiogram.types import ChatMemberUpdated, Message

from bots import gateway, texts
from bots.database import database
from bots.gateway import ChannelFacts
from bots.services import channels, subscribers
from bots.telegram import Served

router = Router(name="bots")
last_router = Router(name="bots-last")


@router.my_chat_member(F.chat.type.in_({ChatType.CHANNEL, ChatType.SUPERGROUP}))
async def rights_changed(event: ChatMemberUpdated, served: Served) -> None:
    """The bot was promoted, demoted, added or removed somewhere."""
    allowed, reason = gateway.may_post(event.new_chat_member)
    facts = ChannelFacts(event.chat.id, event.chat.title or "", event.chat.username or "")
    await database(
        channels.record_promotion, bot_id=served.id, channel=facts, may_post=allowed, reason=reason
    )


@router.my_chat_member(F.chat.type == ChatType.PRIVATE)
async def person_blocked_or_came_back(event: ChatMemberUpdated, served: Served) -> None:
    """Whoever blocks the bot is not written to any more."""
    if event.new_chat_member.status == "kicked":
        await database(
            subscribers.record_unreachable, bot_id=served.id, chat_id=event.chat.id, kind="blocked"
        )
    else:
        language = event.from_user.language_code or ""
        await database(
            subscribers.record_subscriber, bot_id=served.id, chat_id=event.chat.id, language_code=language
        )


@last_router.message(F.chat.type == ChatType.PRIVATE)
async def anything_else(message: Message, served: Served) -> TelegramMethod[Any]:
    """Nobody is left without an answer."""
    language = message.from_user.language_code if message.from_user else None
    await database(
        subscribers.record_subscriber, bot_id=served.id, chat_id=message.chat.id, language_code=language or ""
    )
    return message.answer(texts.WELCOME.to(language))
