"""The public shapes of the Bot API: users, chats, members and messages as a bot is shown them."""

from typing import Any

from sandbox.telegram.files import public_media
from sandbox.telegram.models import JSON, PRIVATE_BOX, Bot, Channel, Dialog, Member, Message, Person
from sandbox.telegram.world import World

RIGHTS = (
    "can_manage_chat",
    "can_change_info",
    "can_post_messages",
    "can_edit_messages",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_promote_members",
    "can_manage_video_chats",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_manage_direct_messages",
    "can_send_welcome_messages",
    "is_anonymous",
)
MASKED_AFTER = 8
MEDIA = ("photo", "video", "animation", "document", "audio", "voice", "video_note")


def user(world: World, user_id: int) -> JSON:
    """The short form of a user; a deleted account keeps its id and loses its name."""
    bot = world.bots.get(user_id)
    if bot is not None:
        return {"id": bot.id, "is_bot": True, "first_name": bot.first_name, "username": bot.username}
    person = world.people.get(user_id)
    if person is None or person.deleted:
        return {"id": user_id, "is_bot": False, "first_name": ""}
    shape: JSON = {"id": person.id, "is_bot": False, "first_name": person.first_name}
    return shape | _present(last_name=person.last_name, username=person.username)


def author(world: World, user_id: int) -> JSON:
    """The form of a user who acts: it also carries the language of their client."""
    person = world.people.get(user_id)
    return user(world, user_id) | (_present(language_code=person.language_code) if person else {})


def me(bot: Bot) -> JSON:
    return {
        "id": bot.id,
        "is_bot": True,
        "first_name": bot.settings.get("name", {}).get("", "") or bot.first_name,
        "username": bot.username,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_guest_queries": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
        "supports_join_request_queries": False,
    }


def chat(world: World, chat_id: int) -> JSON:
    channel = world.channels.get(chat_id)
    if channel is not None:
        shape: JSON = {"id": channel.id, "title": channel.title}
        return shape | _present(username=channel.username) | {"type": "channel"}
    shape = user(world, chat_id)
    return {key: value for key, value in shape.items() if key != "is_bot"} | {"type": "private"}


def full_chat(world: World, target: Person | Channel, bot: Bot) -> JSON:
    """ChatFullInfo; an invite link is only shown to a bot that may invite."""
    shape = chat(world, target.id)
    if target.username:
        shape["active_usernames"] = [target.username]
    shape |= {
        "accent_color_id": abs(target.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            True,
        ),
    }
    if isinstance(target, Channel):
        shape |= _present(description=target.description)
        if world.member(target.id, bot.id).may("can_invite_users"):
            shape["invite_link"] = target.invite_link
        pinned = world.message(target.id, target.pinned_id)
        if pinned:
            shape["pinned_message"] = message(world, pinned, bot.id)
    return shape


def member(world: World, who: Member) -> JSON:
    shape: JSON = {"user": user(world, who.user_id), "status": who.status}
    if who.status == "creator":
        shape["is_anonymous"] = False
    if who.status == "administrator":
        rights = {right: who.rights.get(right, False) for right in RIGHTS}
        shape |= {"can_be_edited": False, **rights}
        shape["can_manage_voice_chats"] = rights["can_manage_video_chats"]
    if who.status == "kicked":
        shape["until_date"] = who.until_date
    return shape


def private_member(world: World, dialog: Dialog) -> JSON:
    """The bot as a member of a private chat: kicked while the person blocks it."""
    return member(world, Member(dialog.bot_id, "kicked" if dialog.blocked else "member"))


def invite_link(world: World, link: JSON, bot_id: int) -> JSON:
    """A link as `bot_id` sees it: of somebody else's, Telegram shows the beginning only."""
    shown = link["invite_link"]
    if link["creator"] != bot_id:
        shown = shown[: len("https://t.me/+") + MASKED_AFTER] + "..."
    return {**link, "invite_link": shown, "creator": user(world, link["creator"])}


def message(world: World, note: Message, bot_id: int, *, nested: bool = False) -> JSON:
    """A Message as `bot_id` sees it: file ids belong to the bot they are shown to."""
    shape: JSON = {"message_id": note.message_id}
    if note.box == PRIVATE_BOX:
        shape["from"] = author(world, note.sender_id)
    else:
        shape["sender_chat"] = chat(world, note.chat_id)
    shape |= {"chat": chat(world, note.chat_id), "date": note.date}
    if note.edit_date:
        shape["edit_date"] = note.edit_date
    shape |= _content(world, note, bot_id, nested)
    if note.markup and "inline_keyboard" in note.markup:
        shape["reply_markup"] = note.markup
    return shape


def _content(world: World, note: Message, bot_id: int, nested: bool) -> JSON:
    shape: JSON = {}
    for key, value in note.content.items():
        if key == "reply_to":
            target = world.message(note.box, value)
            if target and not nested:
                shape["reply_to_message"] = message(world, target, bot_id, nested=True)
        elif key == "pinned":
            shape["pinned_message"] = pinned(world, note, value, bot_id)
        elif key.startswith("_"):
            continue  # the server's own
        elif key in MEDIA:
            shape[key] = public_media(world, value, bot_id)
        elif key.endswith("entities"):
            shape[key] = [_entity(world, entity) for entity in value]
        else:
            shape[key] = value
    return shape


def pinned(world: World, note: Message, message_id: int, bot_id: int) -> JSON:
    target = world.message(note.box, message_id)
    if target is None:
        return {"chat": chat(world, note.chat_id), "message_id": message_id, "date": 0}
    return message(world, target, bot_id, nested=True)


def _entity(world: World, entity: JSON) -> JSON:
    if entity["type"] != "text_mention":
        return entity
    return {**entity, "user": user(world, entity["user"])}


def _present(**values: Any) -> JSON:
    return {key: value for key, value in values.items() if value}
