"""Whom a bot means and what it may do there: every refusal about a chat stands here."""

from typing import Any

from sandbox.telegram.errors import CHAT_NOT_FOUND, BotApiError, bad_request, forbidden
from sandbox.telegram.models import Bot, Channel, Member, Person
from sandbox.telegram.world import Chat, World

NO_RIGHTS = "need administrator rights in the channel chat"


def knows(world: World, bot: Bot, person_id: int) -> bool:
    """A bot has seen a person who wrote, pressed or shared a channel with it."""
    if world.dialog(bot.id, person_id) is not None:
        return True
    return any(
        person_id in members and bot.id in members and members[bot.id].is_inside
        for members in world.members.values()
    )


def addressed(world: World, bot: Bot, chat_id: Any) -> Bot | Chat:
    """Whoever the `chat_id` names, if the bot may know of them at all."""
    text = str(chat_id if chat_id is not None else "").strip()
    if not text:
        raise bad_request("chat_id is empty")
    by_name = text.startswith("@")
    target = world.find(text) if by_name or text.lstrip("-").isdigit() else None
    if isinstance(target, Bot):
        return target
    if isinstance(target, Person) and not by_name and knows(world, bot, target.id):
        return target
    if isinstance(target, Channel) and (target.username or bot.id in world.members[target.id]):
        return target
    raise bad_request(CHAT_NOT_FOUND)


def readable(world: World, bot: Bot, chat_id: Any) -> Chat:
    """A chat the bot may look at: a person it knows, a public channel, a private one it is in."""
    target = addressed(world, bot, chat_id)
    if isinstance(target, Bot):
        raise bad_request(CHAT_NOT_FOUND)
    if isinstance(target, Channel):
        own = world.member(target.id, bot.id)
        if own.status == "kicked":
            raise forbidden("bot was kicked from the channel chat")
        if not target.username and not own.is_inside:
            raise forbidden("bot is not a member of the channel chat")
    return target


def writable(world: World, bot: Bot, chat_id: Any, right: str = "can_post_messages") -> Chat:
    """A chat the bot may write to at this moment."""
    target = addressed(world, bot, chat_id)
    if isinstance(target, Bot):
        raise forbidden("the bot can't send messages to the bot")
    fault = channel_fault(world, bot, target, right) if isinstance(target, Channel) else None
    fault = fault or (person_fault(world, bot, target) if isinstance(target, Person) else None)
    if fault:
        raise fault
    return target


def editable(world: World, bot: Bot, chat_id: Any) -> Chat:
    """A chat whose messages the bot may change: edits reach people who block it, too, unseen by them."""
    target = readable(world, bot, chat_id)
    if isinstance(target, Channel):
        own = world.member(target.id, bot.id)
        if not own.is_inside:
            raise forbidden("bot is not a member of the channel chat")
        if not (own.may("can_post_messages") or own.may("can_edit_messages")):
            raise bad_request(NO_RIGHTS)
    return target


def person_fault(world: World, bot: Bot, person: Person) -> BotApiError | None:
    dialog = world.dialog(bot.id, person.id)
    if person.deleted:
        return forbidden("user is deactivated")
    if dialog and dialog.blocked:
        return forbidden("bot was blocked by the user")
    if not dialog or not dialog.started:
        return forbidden("bot can't initiate conversation with a user")
    return None


def channel_fault(world: World, bot: Bot, channel: Channel, right: str) -> BotApiError | None:
    own = world.member(channel.id, bot.id)
    if own.status == "kicked":
        return forbidden("bot was kicked from the channel chat")
    if not own.is_inside:
        return forbidden("bot is not a member of the channel chat")
    return None if own.may(right) else bad_request(NO_RIGHTS)


def administered(world: World, bot: Bot, chat_id: Any, right: str) -> Channel:
    """A channel in which the bot holds the right."""
    target = readable(world, bot, chat_id)
    if not isinstance(target, Channel):
        raise bad_request("method is available only for supergroup and channel chats")
    own = world.member(target.id, bot.id)
    if own.status != "administrator":
        raise bad_request("CHAT_ADMIN_REQUIRED")
    if not own.may(right):
        raise bad_request("not enough rights")
    return target


def seen_member(world: World, bot: Bot, channel: Channel, user_id: int) -> Member:
    """The member a bot asks about; only administrators may ask, and only about users they have seen."""
    if not world.member(channel.id, bot.id).is_inside:
        raise bad_request("member list is inaccessible")
    is_user = user_id in world.people or user_id in world.bots
    if not is_user or (user_id in world.people and not knows(world, bot, user_id)):
        raise bad_request("member not found")
    return world.member(channel.id, user_id)
