"""Editing what a bot has sent: text, caption, media, buttons."""

from sandbox.telegram import history, markup, targets, text
from sandbox.telegram.errors import NOT_MODIFIED, bad_request
from sandbox.telegram.methods.media import attachment_of, input_media
from sandbox.telegram.methods.registry import Call, method
from sandbox.telegram.methods.send import found, shown
from sandbox.telegram.models import JSON, PRIVATE_BOX, Message
from sandbox.telegram.views import MEDIA

KEPT_BY_EDITS = {"reply_to", "has_protected_content", "media_group_id"}


def target(call: Call) -> Message:
    """The message to edit: the bot's own, or a channel's when the bot may edit posts there."""
    if call.params.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    message_id = call.params.integer("message_id")
    if message_id <= 0:
        raise bad_request("message identifier is not specified")
    chat = targets.editable(call.world, call.bot, call.params.raw("chat_id"))
    note = found(call, chat, message_id)
    if note is None:
        raise bad_request("message to edit not found")
    if not _editable(call, note) or "pinned" in note.content or "forward_origin" in note.content:
        raise bad_request("message can't be edited")
    return note


def _editable(call: Call, note: Message) -> bool:
    if note.box == PRIVATE_BOX:
        return note.sender_id == call.bot.id
    if note.bot_id == call.bot.id:
        return True
    return call.world.member(note.chat_id, call.bot.id).may("can_edit_messages")


def change(call: Call, note: Message, content: JSON) -> JSON:
    """Saves the new content and buttons; saying the same again is an error, as on Telegram."""
    keyboard = markup.read(call.params.raw("reply_markup"))
    kept = {key: value for key, value in note.content.items() if key in KEPT_BY_EDITS}
    content = kept | content
    if content == note.content and keyboard == note.markup:
        raise bad_request(NOT_MODIFIED)
    history.edit(call.telegram, note, content, keyboard)
    return shown(call, note)


@method("editMessageText")
def edit_message_text(call: Call) -> JSON:
    params = call.params
    content = text.message_text(params.text("text"), params.text("parse_mode"), params.json("entities"))
    note = target(call)
    if "text" not in note.content:
        raise bad_request("there is no text in the message to edit")
    preview = params.object("link_preview_options")
    if preview:
        content["link_preview_options"] = preview
    return change(call, note, content)


@method("editMessageCaption")
def edit_message_caption(call: Call) -> JSON:
    params = call.params
    caption = text.caption(params.text("caption"), params.text("parse_mode"), params.json("caption_entities"))
    note = target(call)
    if not any(kind in note.content for kind in MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return change(call, note, attachment_of(note.content) | caption)


@method("editMessageMedia")
async def edit_message_media(call: Call) -> JSON:
    media = call.params.object("media")
    note = target(call)
    if not any(kind in note.content for kind in (*MEDIA, "text")):
        raise bad_request("message can't be edited")
    return change(call, note, await input_media(call, media))


@method("editMessageReplyMarkup")
def edit_message_reply_markup(call: Call) -> JSON:
    note = target(call)
    return change(call, note, note.content)
