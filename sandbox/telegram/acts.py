"""What people do in their client: start a bot, write, press buttons, follow links, post as the owner."""

import re
from urllib.parse import parse_qs, urlsplit

from sandbox.telegram import history, membership, text, views
from sandbox.telegram.core import Telegram
from sandbox.telegram.models import JSON, PRIVATE_BOX, Bot, Channel, Message, Person, Query
from sandbox.telegram.world import QUERIES

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")


class NotPossible(Exception):
    """The client would not let the person do this; the sentence says why."""


def start(telegram: Telegram, person: Person, bot: Bot, payload: str = "") -> Message:
    """Opens the deep link and presses Start; a person who starts again no longer blocks."""
    if not PAYLOAD.fullmatch(payload):
        raise NotPossible("A start payload has at most 64 characters of A-Z, a-z, 0-9, _ and -.")
    membership.block(telegram, bot, person, blocked=False)
    return say(telegram, person, bot, f"/start {payload}".rstrip())


def say(telegram: Telegram, person: Person, bot: Bot, words: str) -> Message:
    world = telegram.world
    if person.deleted:
        raise NotPossible("This account is deleted.")
    dialog = world.acquaint(bot.id, person.id)
    if dialog.blocked:
        raise NotPossible("This person blocks the bot; unblock or start it first.")
    if not dialog.started:
        dialog.started = True
        world.keep_dialog(dialog)
    content = text.message_text(words, "", None)
    return history.write(telegram, person, content, bot=bot, sender_id=person.id)


def post_as_owner(telegram: Telegram, channel: Channel, words: str) -> Message:
    content = text.message_text(words, "", None)
    return history.write(telegram, channel, content, bot=None, sender_id=channel.owner_id)


def find_button(note: Message, label: str) -> JSON:
    """The button with this text; a different case or space around it is forgiven."""
    rows = (note.markup or {}).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    for fold in (str, lambda words: words.strip().casefold()):
        for button in buttons:
            if fold(button["text"]) == fold(label):
                return dict(button)
    raise NotPossible(f"The message has no button {label!r}.")


def press_callback(telegram: Telegram, person: Person, note: Message, button: JSON) -> Query:
    """Sends the callback query to the bot that wrote the message."""
    world = telegram.world
    bot = world.bots.get(note.bot_id)
    if bot is None:
        raise NotPossible("No bot listens to this button.")
    world.acquaint(bot.id, person.id)
    query = Query(world.next(QUERIES), bot.id, person.id, world.clock.now())
    world.keep_query(query)
    shape = {
        "id": str(query.id),
        "from": views.author(world, person.id),
        "message": views.message(world, note, bot.id),
        "chat_instance": str(8_000_000_000_000_000_000 - abs(note.chat_id)),
        "data": str(button["callback_data"]),
    }
    telegram.updates.emit(bot, "callback_query", shape, person.id)
    return query


def bot_link(telegram: Telegram, url: str) -> tuple[Bot, str] | None:
    """The bot and the payload of a `t.me/<bot>?start=` or `tg://resolve` link."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if parts.scheme == "tg" and parts.netloc == "resolve":
        name = query.get("domain", [""])[0]
    elif parts.hostname in {"t.me", "telegram.me", "www.t.me"}:
        name = parts.path.strip("/")
    else:
        return None
    bot = telegram.world.names.get(name.lower())
    return (bot, query.get("start", [""])[0]) if isinstance(bot, Bot) else None


def deep_link(telegram: Telegram, note: Message) -> tuple[Bot, str] | None:
    """The first button of a message that opens a bot."""
    for row in (note.markup or {}).get("inline_keyboard", []):
        for button in row:
            link = bot_link(telegram, button.get("url", ""))
            if link:
                return link
    return None


def pressable(telegram: Telegram, person: Person, chat_id: int, message_id: int) -> Message | None:
    """The message in a channel or in the person's own chats; `chat_id` may name either side of a chat."""
    world = telegram.world
    if chat_id in world.channels:
        return world.message(chat_id, message_id)
    note = world.message(PRIVATE_BOX, message_id)
    if note is None or note.chat_id != person.id or chat_id not in {person.id, note.bot_id}:
        return None
    return note
