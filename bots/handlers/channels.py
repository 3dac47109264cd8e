"""Telegram's door of the bots app: rights that changed, publications, people who blocked or came back, a hello."""

from typing import Any

from aiogram import F, Router
from aiogram.enums import ChatType, ContentType
from aiogram.filters import CommandStart
from aiogram.filters.command import CommandObject
from aiogram.methods import TelegramMethod
from aiogram.types import CallbackQuery, ChatInviteLink, ChatMemberUpdated, Message, User

from bots import gateway, texts
from bots.database import database, together
from bots.filters import Where
from bots.gateway import ChannelFacts
from bots.services import channels, members, owners, statistics, subscribers
from bots.services.members import Change, Link
from bots.telegram import Served

router = Router(name="bots")
last_router = Router(name="bots-last")
change_together = together(members.record_changes)  # a post brings subscribers by the hundreds
NOTICES = {  # what a channel says of itself is no publication
    ContentType.PINNED_MESSAGE,
    ContentType.NEW_CHAT_TITLE,
    ContentType.NEW_CHAT_PHOTO,
    ContentType.DELETE_CHAT_PHOTO,
    ContentType.CHANNEL_CHAT_CREATED,
    ContentType.MESSAGE_AUTO_DELETE_TIMER_CHANGED,
    ContentType.CHAT_BACKGROUND_SET,
    ContentType.VIDEO_CHAT_SCHEDULED,
    ContentType.VIDEO_CHAT_STARTED,
    ContentType.VIDEO_CHAT_ENDED,
    ContentType.VIDEO_CHAT_PARTICIPANTS_INVITED,
    ContentType.GIVEAWAY_CREATED,
    ContentType.GIVEAWAY_COMPLETED,
}


@router.message(
    Where(F.chat.type == ChatType.PRIVATE),
    CommandStart(deep_link=True, magic=F.args.startswith(owners.PREFIX)),
)
async def link_owner(message: Message, command: CommandObject, served: Served) -> TelegramMethod[Any] | None:
    """A user of the platform shows who they are on Telegram."""
    person = message.from_user
    if person is None:
        return None
    language = person.language_code or ""
    await database(subscribers.record_subscriber, bot_id=served.id, chat_id=person.id, language_code=language)
    code = (command.args or "").removeprefix(owners.PREFIX)
    linked = await database(owners.link, code=code, bot_id=served.id, chat_id=person.id)
    if linked is None:
        return message.answer(texts.LINK_DEAD.to(language))
    about = {"user": linked.user.get_username(), "account": linked.user.account.name}
    return message.answer(texts.LINKED.plain(language, **about))


@router.my_chat_member(Where(F.chat.type.in_({ChatType.CHANNEL, ChatType.SUPERGROUP})))
async def rights_changed(event: ChatMemberUpdated, served: Served) -> None:
    """The bot was promoted, demoted, added or removed somewhere."""
    allowed, reason = gateway.may_post(event.new_chat_member)
    could, _ = gateway.may_post(event.old_chat_member)
    facts = ChannelFacts(event.chat.id, event.chat.title or "", event.chat.username or "")
    await database(
        channels.record_promotion,
        bot_id=served.id,
        channel=facts,
        may_post=allowed,
        reason=reason,
        gained=not could,
    )


@router.chat_member(
    Where(F.chat.type.in_({ChatType.CHANNEL, ChatType.SUPERGROUP})), Where(~F.new_chat_member.user.is_bot)
)
async def membership_changed(event: ChatMemberUpdated) -> None:
    """Somebody joined, left, was banned or promoted, in a channel where the bot is an administrator."""
    change = Change(
        channel_id=event.chat.id,
        person_id=event.new_chat_member.user.id,
        was_inside=gateway.is_inside(event.old_chat_member),
        is_inside=gateway.is_inside(event.new_chat_member),
        at=event.date,
        link=_link(event.invite_link),
    )
    await change_together(change)


def _link(link: ChatInviteLink | None) -> Link:
    if link is None:
        return Link()
    creator = f"@{link.creator.username}" if link.creator.username else link.creator.full_name
    return Link(link.invite_link, link.name or "", creator)


@router.my_chat_member(Where(F.chat.type == ChatType.PRIVATE))
async def person_blocked_or_came_back(event: ChatMemberUpdated, served: Served) -> None:
    """Whoever blocks the bot is not written to any more."""
    if event.new_chat_member.status == "kicked":
        await database(
            subscribers.record_unreachable, bot_id=served.id, chat_id=event.chat.id, kind="blocked"
        )
    else:
        await record_subscriber(served, event.chat.id, event.from_user)


@router.channel_post(Where(~F.content_type.in_(NOTICES)))
@router.edited_channel_post(Where(~F.content_type.in_(NOTICES)))
async def published(message: Message) -> None:
    """A publication in a channel; a change to one that was never heard of tells of it too."""
    await database(
        statistics.record_update,
        telegram_id=message.chat.id,
        message_id=message.message_id,
        published_at=message.date,
        album=message.media_group_id or "",
    )


@last_router.callback_query()
async def any_other_button(query: CallbackQuery) -> TelegramMethod[Any]:
    """A button nobody knows any more: the query is answered all the same, or the button spins on."""
    return query.answer()


@last_router.message(Where(F.chat.type == ChatType.PRIVATE))
async def anything_else(message: Message, served: Served) -> TelegramMethod[Any]:
    """Nobody is left without an answer."""
    language = message.from_user.language_code if message.from_user else None
    await record_subscriber(served, message.chat.id, message.from_user)
    return message.answer(texts.WELCOME.to(language))


async def record_subscriber(served: Served, chat_id: int, person: User | None) -> None:
    """Remembers whoever writes, with what mailings may call them by."""
    await database(
        subscribers.record_subscriber,
        bot_id=served.id,
        chat_id=chat_id,
        language_code=(person and person.language_code) or "",
        first_name=(person and person.first_name) or "",
        username=(person and person.username) or "",
    )
