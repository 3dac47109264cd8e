"""Deleting and pinning messages."""

from sandbox.telegram import history, targets
from sandbox.telegram.errors import bad_request
from sandbox.telegram.methods.registry import Call, method
from sandbox.telegram.methods.send import MOST_AT_ONCE, found
from sandbox.telegram.models import PRIVATE_BOX, Channel, Message
from sandbox.telegram.world import Chat

DELETABLE_SECONDS = 48 * 3600


@method("deleteMessage")
def delete_message(call: Call) -> bool:
    chat = targets.editable(call.world, call.bot, call.params.raw("chat_id"))
    note = found(call, chat, call.params.integer("message_id"))
    if note is None:
        raise bad_request("message to delete not found")
    if not _deletable(call, note):
        raise bad_request("message can't be deleted")
    history.delete(call.telegram, note)
    return True


def _deletable(call: Call, note: Message) -> bool:
    """In a channel the right to delete has no age; a bot's own messages can go for 48 hours."""
    if note.box != PRIVATE_BOX and call.world.member(note.chat_id, call.bot.id).may("can_delete_messages"):
        return True
    is_young = call.world.clock.now() - note.date < DELETABLE_SECONDS
    return is_young and (note.box == PRIVATE_BOX or note.bot_id == call.bot.id)


@method("deleteMessages")
def delete_messages(call: Call) -> bool:
    """Deletes what can be deleted; messages that are gone already are passed over."""
    chat = targets.editable(call.world, call.bot, call.params.raw("chat_id"))
    asked = call.params.integers("message_ids", MOST_AT_ONCE)
    notes = [note for note in (found(call, chat, message_id) for message_id in asked) if note]
    if not all(_deletable(call, note) for note in notes):
        raise bad_request("message can't be deleted")
    for note in notes:
        history.delete(call.telegram, note)
    return True


@method("pinChatMessage")
def pin_chat_message(call: Call) -> bool:
    chat = _pinnable(call)
    note = found(call, chat, call.params.integer("message_id"))
    if note is None:
        raise bad_request("message to pin not found")
    if isinstance(chat, Channel):
        history.pin(call.telegram, chat, note, call.bot)
    return True


@method("unpinChatMessage")
def unpin_chat_message(call: Call) -> bool:
    chat = _pinnable(call)
    if isinstance(chat, Channel):
        asked = call.params.integer("message_id")
        if asked and asked != chat.pinned_id:
            raise bad_request("message to unpin not found")
        history.unpin(call.telegram, chat)
    return True


def _pinnable(call: Call) -> Chat:
    """Pinning in a channel needs the right to edit its posts."""
    chat = targets.editable(call.world, call.bot, call.params.raw("chat_id"))
    if isinstance(chat, Channel) and not call.world.member(chat.id, call.bot.id).may("can_edit_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat


@method("unpinAllChatMessages")
def unpin_all_chat_messages(call: Call) -> bool:
    chat = _pinnable(call)
    if isinstance(chat, Channel):
        history.unpin(call.telegram, chat)
    return True
