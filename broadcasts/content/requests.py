"""The Bot API request a content becomes: prepared once, only the chat and the words for a person vary. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bots.entities import HTML, PLAIN, escaped
from broadcasts.content.checks import SOURCES
from broadcasts.content.placeholders import Placeholder, Values, split

FileIds = Mapping[tuple[int, str], str]  # by uploaded file and the kind it is sent as
METHODS = {
    "photo": "sendPhoto",
    "video": "sendVideo",
    "animation": "sendAnimation",
    "audio": "sendAudio",
    "voice": "sendVoice",
    "video_note": "sendVideoNote",
    "document": "sendDocument",
}
SLOT = "\0%d\0"  # NUL is in no text, and JSON writes it as an escape that nothing else looks like
SLOT_IN_JSON = re.compile(rb"\\u0000(\d+)\\u0000")


def needed(content: Mapping[str, Any]) -> list[tuple[int, str]]:
    """The uploaded files a content sends, in order, each with the kind it is sent as."""
    parts = content["album"] if content["type"] == "album" else [content]
    return [(part["media_id"], part["type"]) for part in parts if "media_id" in part]


def cost(content: Mapping[str, Any]) -> int:
    """As how many messages Telegram counts it."""
    return len(content["album"]) if content["type"] == "album" else 1


def fallback(content: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is sent to those who refuse voice and video messages, as a content of its own; None: nothing."""
    standard = {"voice": {"type": "audio"}, "video_note": {"type": "video"}}.get(content["type"])
    chosen = content.get("fallback", standard if "media_id" in content else None)
    if chosen is None or standard is None:
        return None
    rest = {name: value for name, value in content.items() if name not in ("fallback", "type")}
    if chosen["type"] == "text":
        rest = {name: value for name, value in rest.items() if name not in ("caption", *SOURCES)}
    return {**rest, **chosen}


def request(content: Mapping[str, Any], files: FileIds | None = None) -> tuple[str, dict[str, Any]]:
    """The method of the Bot API and its parameters, all but `chat_id`.

    An uploaded file of which `files` has no id is named attach://<media_id>: it goes along in the form.
    """
    known = files or {}
    parameters: dict[str, Any] = {}
    if content["type"] == "text":
        method = "sendMessage"
        parameters |= _worded(content, "text", content["text"])
        if content.get("link_preview") is False:
            parameters["link_preview_options"] = {"is_disabled": True}
    elif content["type"] == "album":
        method = "sendMediaGroup"
        parameters["media"] = [_item(content, item, known) for item in content["album"]]
    else:
        method = METHODS[content["type"]]
        parameters[content["type"]] = _file(content, content["type"], known)
        parameters |= _worded(content, "caption", content.get("caption", ""))
    return method, parameters | _options(content)


def _item(content: Mapping[str, Any], item: Mapping[str, Any], known: FileIds) -> dict[str, Any]:
    caption = _worded(content, "caption", item.get("caption", ""))
    return {"type": item["type"], "media": _file(item, item["type"], known)} | caption


def _file(part: Mapping[str, Any], kind: str, known: FileIds) -> str:
    if "media_id" in part:
        return known.get((part["media_id"], kind)) or f"attach://{part['media_id']}"
    return str(part.get("media_url") or part["file_id"])


def _worded(content: Mapping[str, Any], name: str, text: str) -> dict[str, Any]:
    mode = content.get("parse_mode", HTML)
    return ({name: text} | ({} if mode == PLAIN else {"parse_mode": mode})) if text else {}


def _options(content: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if content.get("silent"):
        options["disable_notification"] = True
    if content.get("protected"):
        options["protect_content"] = True
    if rows := [row for row in content.get("buttons", []) if row]:
        options["reply_markup"] = {"inline_keyboard": rows}
    return options


@dataclass(frozen=True, slots=True)
class Prepared:
    """The parameters after the chat's, as JSON in pieces: bytes as they are, placeholders to be filled."""

    pieces: tuple[bytes | Placeholder, ...]
    parse_mode: str

    @property
    def is_personal(self) -> bool:
        return len(self.pieces) > 1

    def rest(self, person: Values) -> bytes:
        """Everything that follows the chat, for this person."""
        return b"".join(
            piece if isinstance(piece, bytes) else _in_json(escaped(piece.value(person), self.parse_mode))
            for piece in self.pieces
        )


def _in_json(word: str) -> bytes:
    return json.dumps(word)[1:-1].encode()


def prepared(content: Mapping[str, Any], files: FileIds | None = None, **more: Any) -> tuple[str, Prepared]:
    """The method, and its parameters ready but for the chat; `more` are further parameters."""
    words: list[Placeholder] = []
    method, parameters = request(_slotted(content, words), files)
    text = json.dumps({**parameters, **more}).encode()
    parts = SLOT_IN_JSON.split(b", " + text[1:])
    pieces = [words[int(part)] if at % 2 else part for at, part in enumerate(parts)]
    return method, Prepared(tuple(pieces), content.get("parse_mode", HTML))


def filled(content: Mapping[str, Any], person: Values) -> dict[str, Any]:
    """The content with this person's words in it, for a request that is made only once."""
    mode = content.get("parse_mode", HTML)
    return _reworded(content, lambda word: escaped(word.value(person), mode))


def _slotted(content: Mapping[str, Any], words: list[Placeholder]) -> dict[str, Any]:
    def slot(word: Placeholder) -> str:
        words.append(word)
        return SLOT % (len(words) - 1)

    return _reworded(content, slot)


def _reworded(content: Mapping[str, Any], word: Any) -> dict[str, Any]:
    """The content with its texts rewritten, where it has placeholders at all."""
    changed = dict(content)
    if not content.get("placeholders"):
        return changed
    for name in ("text", "caption"):
        if name in changed:
            changed[name] = "".join(_words(changed[name], word))
    if "album" in changed:
        changed["album"] = [_reworded({**item, "placeholders": True}, word) for item in changed["album"]]
    return changed


def _words(text: str, word: Any) -> Iterator[str]:
    for piece in split(text):
        yield piece if isinstance(piece, str) else word(piece)
