"""Sending and replacing media, one by one and as albums."""

from typing import Any

from sandbox.telegram import attachments, files, targets, text
from sandbox.telegram.errors import BotApiError, bad_request
from sandbox.telegram.methods.registry import Call, method
from sandbox.telegram.methods.send import deliver, shown
from sandbox.telegram.models import JSON, Person
from sandbox.telegram.views import MEDIA
from sandbox.telegram.world import ALBUMS, Chat

DOWNLOAD_BYTES = 20 * 1024 * 1024
ALBUM_LIMIT = 10
ALBUM_KINDS = {"photo", "video", "audio", "document"}
# These two never mix with anything else in one album.
EXCLUSIVE = {"audio", "document"}
KINDS = {
    "sendPhoto": "photo",
    "sendVideo": "video",
    "sendAnimation": "animation",
    "sendDocument": "document",
    "sendAudio": "audio",
    "sendVoice": "voice",
    "sendVideoNote": "video_note",
}


@method(*KINDS, sends=True)
async def send_media(call: Call) -> JSON:
    kind = KINDS[call.method]
    caption = (
        {} if kind == "video_note" else _caption(call.params.values, call.params.json("caption_entities"))
    )
    chat = _receiver(call, kind)
    reference = call.params.uploads.get(kind) or call.params.raw(kind)
    file = await attachments.take(call.telegram, call.bot, call.params, kind, reference)
    content = attachments.content(file, kind, call.params.values) | caption | _look(call.params.values)
    return shown(call, deliver(call, content, chat))


@method("sendMediaGroup", sends=True)
async def send_media_group(call: Call) -> list[JSON]:
    items: Any = call.params.json("media")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise bad_request("can't parse media JSON object")
    if not items:
        raise bad_request("there are no messages to send")
    if len(items) > ALBUM_LIMIT:
        raise bad_request("too many messages to send as an album")
    _check_mixture({str(item.get("type")) for item in items})
    chat = _receiver(call, "album")
    contents = [await input_media(call, item) for item in items]
    album = {"media_group_id": str(call.world.next(ALBUMS))}
    return [shown(call, deliver(call, album | content, chat)) for content in contents]


def _check_mixture(kinds: set[str]) -> None:
    if kinds - ALBUM_KINDS:
        raise bad_request("can't parse InputMedia: Media type is invalid for an album")
    for kind in sorted(kinds & EXCLUSIVE):
        if kinds != {kind}:
            raise bad_request(f"{kind} can't be mixed with other media types")


async def input_media(call: Call, media: JSON) -> JSON:
    """The content an InputMedia object describes."""
    kind = str(media.get("type", ""))
    if kind not in ALBUM_KINDS | {"animation"}:
        raise bad_request("can't parse InputMedia: Media type is unsupported")
    caption = _caption(media, media.get("caption_entities"))
    file = await attachments.take(call.telegram, call.bot, call.params, kind, media.get("media"))
    return attachments.content(file, kind, media) | caption | _look(media)


def attachment_of(content: JSON) -> JSON:
    """The media of a content, without its caption."""
    kept = (*MEDIA, "has_media_spoiler", "show_caption_above_media")
    return {key: value for key, value in content.items() if key in kept}


def _caption(values: JSON, entities: Any) -> JSON:
    return text.caption(str(values.get("caption") or ""), str(values.get("parse_mode") or ""), entities)


def _look(values: JSON) -> JSON:
    names = {"has_spoiler": "has_media_spoiler", "show_caption_above_media": "show_caption_above_media"}
    return {name: True for key, name in names.items() if str(values.get(key, "")).lower() in {"true", "1"}}


def _receiver(call: Call, kind: str) -> Chat:
    chat = targets.writable(call.world, call.bot, call.params.raw("chat_id"))
    if isinstance(chat, Person) and chat.refuses_voice and kind in {"voice", "video_note"}:
        raise bad_request("VOICE_MESSAGES_FORBIDDEN")
    return chat


@method("getFile")
def get_file(call: Call) -> JSON:
    asked = call.params.text("file_id")
    try:
        file = files.by_file_id(call.world, asked, call.bot.id)
    except BotApiError as error:
        raise bad_request("invalid file_id") from error
    if file.size > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": asked,
        "file_unique_id": files.unique_id(file, files.side_of(asked)),
        "file_size": file.size,
        "file_path": files.file_path(file),
    }
