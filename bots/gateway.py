"""Questions asked of Telegram about bots, channels and people. Coroutines; no transaction may be open."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aiogram import methods
from aiogram.methods import TelegramMethod
from aiogram.types import (
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberOwner,
    ChatMemberRestricted,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
)

from bots import attachments
from bots.answers import Answer, Outcome
from bots.attachments import Sendable
from bots.errors import BotTokenDead, BotUnreachable
from bots.models import ChannelMessage
from bots.services.bots import token_of
from bots.telegram import Telegram


@dataclass(frozen=True)
class BotFacts:
    """What getMe tells."""

    telegram_id: int
    username: str
    name: str


@dataclass(frozen=True)
class ChannelFacts:
    """What getChat tells."""

    telegram_id: int
    title: str
    username: str


class Membership(StrEnum):
    """Whether a person is subscribed. UNKNOWN never counts against anybody: it is asked again."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


async def get_me(telegram: Telegram, token: str) -> tuple[BotFacts | None, Answer]:
    """Proves a token."""
    answer = await telegram.call(token, methods.GetMe())
    if not answer.ok:
        return None, answer
    me = answer.result
    return BotFacts(telegram_id=me.id, username=me.username or "", name=me.full_name), answer


async def get_channel(telegram: Telegram, token: str, chat: int | str) -> tuple[ChannelFacts | None, Answer]:
    """The channel behind an @name or a numeric id."""
    answer = await telegram.call(token, methods.GetChat(chat_id=chat))
    if not answer.ok:
        return None, answer
    found = answer.result
    if found.type not in ("channel", "supergroup"):
        return None, Answer(Outcome.RECIPIENT, "not_a_channel", description="not a channel")
    return ChannelFacts(found.id, found.title or "", found.username or ""), answer


async def count_members(telegram: Telegram, token: str, chat: int) -> int | None:
    """How many subscribe to the channel now; None when Telegram did not tell."""
    answer = await telegram.call(token, methods.GetChatMemberCount(chat_id=chat))
    return int(answer.result) if answer.ok else None


@dataclass(frozen=True)
class Right:
    """Whether a bot may post in a channel; None when Telegram did not tell, which says nothing about the bot."""

    allowed: bool | None
    reason: str
    answer: Answer


async def posting_right(telegram: Telegram, token: str, channel_id: int, bot_id: int) -> Right:
    """Asks for the bot's own membership. A refused token is no word about the channel."""
    answer = await telegram.call(token, methods.GetChatMember(chat_id=channel_id, user_id=bot_id))
    if answer.ok:
        allowed, reason = may_post(answer.result)
        return Right(allowed, reason, answer)
    refused = answer.outcome in (Outcome.RIGHTS, Outcome.RECIPIENT)
    return Right(False if refused else None, answer.kind, answer)


def may_post(member: ChatMember | object) -> tuple[bool, str]:
    """An administrator without can_post_messages may not post in a channel (Bot API, ChatMemberAdministrator)."""
    if isinstance(member, ChatMemberOwner):
        return True, ""
    if isinstance(member, ChatMemberAdministrator):
        return (True, "") if member.can_post_messages else (False, "not_enough_rights")
    return False, "not_an_administrator"


def is_inside(member: ChatMember | object) -> bool:
    """Whether this is somebody in the channel; who is restricted may be in it or not."""
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return getattr(member, "status", "") in ("creator", "administrator", "member")


async def membership(telegram: Telegram, token: str, chat_id: int, person_id: int) -> Membership:
    """Whether the person is subscribed; any error is UNKNOWN, because errors say nothing about the person."""
    answer = await telegram.call(
        token, methods.GetChatMember(chat_id=chat_id, user_id=person_id), timeout_seconds=5
    )
    if not answer.ok:
        return Membership.UNKNOWN
    return Membership.YES if is_inside(answer.result) else Membership.NO


async def prove(telegram: Telegram, token: str) -> BotFacts:
    """Who the token is, asked live; raises BotTokenDead or BotUnreachable."""
    facts, answer = await get_me(telegram, token)
    if facts is not None:
        return facts
    if answer.outcome in (Outcome.BOT_DEAD, Outcome.REFUSED):  # an unknown token is 401 or 404
        raise BotTokenDead
    raise BotUnreachable(reason=answer.description or answer.kind)


async def forget_webhook(telegram: Telegram, token: str) -> Answer:
    """Asks Telegram to send this bot's updates nowhere; a dead token has none to send."""
    return await telegram.call(token, methods.DeleteWebhook(), timeout_seconds=5)


async def tell(telegram: Telegram, token: str, chat_id: int, text: str) -> Answer:
    """Writes plain text to a person who started the bot."""
    return await telegram.call(token, methods.SendMessage(chat_id=chat_id, text=text), timeout_seconds=10)


async def refund_stars(telegram: Telegram, token: str, person_id: int, charge_id: str) -> Answer:
    """Gives the Stars of one charge back to whoever paid them."""
    method = methods.RefundStarPayment(user_id=person_id, telegram_payment_charge_id=charge_id)
    return await telegram.call(token, method)


async def star_transactions(telegram: Telegram, token: str, offset: int, limit: int) -> Answer:
    """A page of what the bot was ever paid and gave back, the oldest first."""
    return await telegram.call(token, methods.GetStarTransactions(offset=offset, limit=limit))


# --- messages in channels: the row comes with its binding, bot and channel ----------------------------------
async def post_message(telegram: Telegram, message: ChannelMessage, file: Sendable | None = None) -> Answer:
    """Posts the message; `file` is what it shows: an upload, an id or an address."""
    where: dict[str, Any] = {"chat_id": _chat_of(message), "reply_markup": _keyboard(message)}
    if file is None:
        method: TelegramMethod[Any] = methods.SendMessage(
            text=message.text, entities=_entities(message), **where
        )
    else:
        kind = message.media.kind if message.media else "photo"
        where |= {"caption": message.text, "caption_entities": _entities(message)}
        method = attachments.sending(kind, file, **where)
    return await telegram.call(
        token_of(message.binding.bot), method, timeout_seconds=attachments.patience(file)
    )


async def edit_message(telegram: Telegram, message: ChannelMessage) -> Answer:
    """Makes the post say what the row says; without a keyboard its buttons go."""
    where: dict[str, Any] = {
        "chat_id": _chat_of(message), "message_id": message.message_id, "reply_markup": _keyboard(message),
    }  # fmt: skip
    method: TelegramMethod[Any]
    if message.shows_file:
        method = methods.EditMessageCaption(
            caption=message.text, caption_entities=_entities(message), **where
        )
    else:
        method = methods.EditMessageText(text=message.text, entities=_entities(message), **where)
    return await telegram.call(token_of(message.binding.bot), method)


async def delete_message(telegram: Telegram, message: ChannelMessage) -> Answer:
    """Takes the post out of the channel."""
    method = methods.DeleteMessage(chat_id=_chat_of(message), message_id=message.message_id or 0)
    return await telegram.call(token_of(message.binding.bot), method)


def _chat_of(message: ChannelMessage) -> int:
    return message.binding.channel.telegram_id if message.binding.channel else 0


def _entities(message: ChannelMessage) -> list[MessageEntity]:
    return [MessageEntity(**entity) for entity in message.entities]


def _keyboard(message: ChannelMessage) -> InlineKeyboardMarkup | None:
    if not message.buttons:
        return None
    rows = [[InlineKeyboardButton(**button) for button in row] for row in message.buttons]
    return InlineKeyboardMarkup(inline_keyboard=rows)
