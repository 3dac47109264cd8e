"""The writing of messages: posted, edited, pinned and deleted, with the updates each one causes."""

from typing import Any

from sandbox.telegram import views
from sandbox.telegram.core import Telegram
from sandbox.telegram.models import JSON, PRIVATE_BOX, Bot, Channel, Message
from sandbox.telegram.world import PRIVATE_MESSAGES, Chat


def write(
    telegram: Telegram,
    chat: Chat,
    content: JSON,
    *,
    bot: Bot | None,
    sender_id: int,
    markup: JSON | None = None,
) -> Message:
    """Puts a message into a chat. In a private chat `bot` is its other side; in a channel, the poster."""
    world = telegram.world
    is_channel = isinstance(chat, Channel)
    box = chat.id if is_channel else PRIVATE_BOX
    note = Message(
        box=box,
        message_id=world.next(chat.id if is_channel else PRIVATE_MESSAGES),
        chat_id=chat.id,
        bot_id=bot.id if bot else 0,
        sender_id=chat.id if is_channel else sender_id,
        date=world.clock.unix(),
        content=content,
        markup=markup,
        views=1 if is_channel else 0,
    )
    world.keep_message(note)
    announce(telegram, note)
    _tell(telegram, "message", note)
    return note


def announce(telegram: Telegram, note: Message, *, edited: bool = False) -> None:
    """Emits the update of a message; nobody is told of what they wrote themselves."""
    world = telegram.world
    prefix = "edited_" if edited else ""
    if note.box == PRIVATE_BOX:
        if note.sender_id != note.bot_id:
            bot = world.bots[note.bot_id]
            telegram.updates.emit(bot, prefix + "message", views.message(world, note, bot.id), note.chat_id)
        return
    for bot, _ in world.bots_inside(note.chat_id):
        if bot.id != note.bot_id:
            shape = views.message(world, note, bot.id)
            telegram.updates.emit(bot, prefix + "channel_post", shape, note.chat_id)


def edit(telegram: Telegram, note: Message, content: JSON, markup: JSON | None) -> None:
    """Changes what a message says; a change of the buttons alone leaves no edit date, as on Telegram."""
    if content != note.content:
        note.edit_date = telegram.world.clock.unix()
    note.content = content
    note.markup = markup
    telegram.world.keep_message(note)
    announce(telegram, note, edited=True)
    _tell(telegram, "edit", note)


def delete(telegram: Telegram, note: Message) -> None:
    telegram.world.drop_message(note)
    _tell(telegram, "delete", note)


def pin(telegram: Telegram, channel: Channel, note: Message, bot: Bot) -> None:
    channel.pinned_id = note.message_id
    telegram.world.keep_channel(channel)
    write(telegram, channel, {"pinned": note.message_id}, bot=bot, sender_id=bot.id)


def unpin(telegram: Telegram, channel: Channel) -> None:
    channel.pinned_id = 0
    telegram.world.keep_channel(channel)
    telegram.world.tell("chat", chat_id=channel.id)


def add_views(telegram: Telegram, note: Message, count: int) -> None:
    note.views += count
    telegram.world.keep_message(note)
    _tell(telegram, "edit", note)


def _tell(telegram: Telegram, kind: str, note: Message) -> None:
    about: dict[str, Any] = {"chat_id": note.chat_id, "message_id": note.message_id}
    if note.box == PRIVATE_BOX:
        about |= {
            "person_id": note.chat_id,
            "bot_id": note.bot_id,
            "from_bot": note.sender_id == note.bot_id,
        }
    telegram.world.tell(kind, **about)
