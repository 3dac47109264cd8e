"""Sending: the text message, copies and forwards, and the one way any new message is delivered."""

from sandbox.telegram import history, markup, targets, text, views
from sandbox.telegram.errors import bad_request
from sandbox.telegram.methods.registry import Call, method
from sandbox.telegram.models import JSON, PRIVATE_BOX, Channel, Message
from sandbox.telegram.params import Params
from sandbox.telegram.world import Chat

MOST_AT_ONCE = 100

CHAT_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


@method("sendMessage", sends=True)
def send_message(call: Call) -> JSON:
    params = call.params
    content = text.message_text(params.text("text"), params.text("parse_mode"), params.json("entities"))
    preview = params.object("link_preview_options")
    if preview:
        content["link_preview_options"] = preview
    elif params.flag("disable_web_page_preview"):
        content["link_preview_options"] = {"is_disabled": True}
    return shown(call, deliver(call, content))


def deliver(call: Call, content: JSON, chat: Chat | None = None) -> Message:
    """Writes the message where the call says, and notes it as accepted."""
    keyboard = markup.read(call.params.raw("reply_markup"))
    chat = chat or targets.writable(call.world, call.bot, call.params.raw("chat_id"))
    content = content | _options(call, chat)
    note = history.write(call.telegram, chat, content, bot=call.bot, sender_id=call.bot.id, markup=keyboard)
    call.world.accept(call.bot.id, call.method, note)
    return note


def shown(call: Call, note: Message) -> JSON:
    return views.message(call.world, note, call.bot.id)


def _options(call: Call, chat: Chat) -> JSON:
    options: JSON = {}
    target = replied(call, chat)
    if target is not None:
        options["reply_to"] = target.message_id
    if call.params.flag("protect_content"):
        options["has_protected_content"] = True
    return options


def replied(call: Call, chat: Chat) -> Message | None:
    reply = Params(call.params.object("reply_parameters"))
    message_id = reply.integer("message_id") or call.params.integer("reply_to_message_id")
    if not message_id:
        return None
    note = found(call, chat, message_id)
    forgiving = reply.flag("allow_sending_without_reply") or call.params.flag("allow_sending_without_reply")
    if note is None and not forgiving:
        raise bad_request("message to be replied not found")
    return note


def found(call: Call, chat: Chat, message_id: int) -> Message | None:
    """The message of this chat, as far as this bot shares it."""
    note = call.world.message(chat.id if isinstance(chat, Channel) else PRIVATE_BOX, message_id)
    if note is None or note.chat_id != chat.id:
        return None
    return note if note.box != PRIVATE_BOX or note.bot_id == call.bot.id else None


def _source(call: Call, message_id: int, verb: str) -> Message:
    chat = targets.readable(call.world, call.bot, call.params.raw("from_chat_id"))
    note = found(call, chat, message_id)
    if note is None:
        raise bad_request(f"message to {verb} not found")
    told_by_telegram = {"pinned", "successful_payment", "refunded_payment"} & note.content.keys()
    if (
        note.content.get("has_protected_content")
        or told_by_telegram
        or (verb == "copy" and "invoice" in note.content)
    ):
        raise bad_request(f"the message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return note


@method("copyMessage", sends=True)
def copy_message(call: Call) -> JSON:
    return {"message_id": _copy(call, call.params.integer("message_id")).message_id}


def _copy(call: Call, message_id: int) -> Message:
    note = _source(call, message_id, "copy")
    content = {key: value for key, value in note.content.items() if key not in {"reply_to", "forward_origin"}}
    if "caption" in call.params and "text" not in content:
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= text.caption(
            call.params.text("caption"), call.params.text("parse_mode"), call.params.json("caption_entities")
        )
    return deliver(call, content)


@method("forwardMessage", sends=True)
def forward_message(call: Call) -> JSON:
    return shown(call, _forward(call, call.params.integer("message_id")))


def _forward(call: Call, message_id: int) -> Message:
    note = _source(call, message_id, "forward")
    content = {key: value for key, value in note.content.items() if key != "reply_to"}
    content.setdefault("forward_origin", _origin(call, note))
    return deliver(call, content)


def _origin(call: Call, note: Message) -> JSON:
    if note.box == PRIVATE_BOX:
        return {"type": "user", "sender_user": views.user(call.world, note.sender_id), "date": note.date}
    return {
        "type": "channel",
        "chat": views.chat(call.world, note.chat_id),
        "message_id": note.message_id,
        "date": note.date,
    }


@method("copyMessages", sends=True)
def copy_messages(call: Call) -> list[JSON]:
    return [{"message_id": _copy(call, message_id).message_id} for message_id in _many(call, "copy")]


@method("forwardMessages", sends=True)
def forward_messages(call: Call) -> list[JSON]:
    return [{"message_id": _forward(call, message_id).message_id} for message_id in _many(call, "forward")]


def _many(call: Call, verb: str) -> list[int]:
    """Those of the asked messages that exist; none at all is an error."""
    asked = call.params.integers("message_ids", MOST_AT_ONCE)
    chat = targets.readable(call.world, call.bot, call.params.raw("from_chat_id"))
    there = [message_id for message_id in asked if found(call, chat, message_id)]
    if not there:
        raise bad_request(f"there are no messages to {verb}")
    return there


@method("sendChatAction")
def send_chat_action(call: Call) -> bool:
    targets.writable(call.world, call.bot, call.params.raw("chat_id"))
    if call.params.text("action") not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


@method("setMessageReaction")
def set_message_reaction(call: Call) -> bool:
    chat = targets.readable(call.world, call.bot, call.params.raw("chat_id"))
    if found(call, chat, call.params.integer("message_id")) is None:
        raise bad_request("message to react not found")
    return True
