"""Text and its entities: Telegram's own parser where it is installed, a modest one where it is not."""

import importlib
import json
import os
from collections.abc import Callable
from typing import Any, Protocol

from sandbox.telegram import text_without_tdjson as modest
from sandbox.telegram.errors import bad_request
from sandbox.telegram.models import JSON

TEXT_LENGTH = 4096
CAPTION_LENGTH = 1024
RAW_BYTES = 32_768
ENTITIES = 100

NAMES = {
    "Mention": "mention",
    "Hashtag": "hashtag",
    "Cashtag": "cashtag",
    "BotCommand": "bot_command",
    "Url": "url",
    "EmailAddress": "email",
    "PhoneNumber": "phone_number",
    "Bold": "bold",
    "Italic": "italic",
    "Underline": "underline",
    "Strikethrough": "strikethrough",
    "Spoiler": "spoiler",
    "Code": "code",
    "Pre": "pre",
    "PreCode": "pre",
    "TextUrl": "text_link",
    "MentionName": "text_mention",
    "CustomEmoji": "custom_emoji",
    "BlockQuote": "blockquote",
    "ExpandableBlockQuote": "expandable_blockquote",
    "DateTime": "date_time",
}
DETAILS = {
    "url": "url",
    "language": "language",
    "custom_emoji_id": "custom_emoji_id",
    "user_id": "user",
    "unix_time": "unix_time",
}
MODES = {
    "markdown": {"@type": "textParseModeMarkdown", "version": 1},
    "markdownv2": {"@type": "textParseModeMarkdown", "version": 2},
    "html": {"@type": "textParseModeHTML"},
}
# Inside these nothing is found automatically.
OPAQUE = {"code", "pre", "text_link", "text_mention"}


class Parser(Protocol):
    name: str

    def parse(self, text: str, mode: str) -> tuple[str, list[JSON]]: ...

    def find(self, text: str) -> list[JSON]: ...


class TdJson:
    """The synchronous requests of Telegram's own library; about six microseconds each."""

    name = "tdjson"

    def __init__(self, execute: Callable[[bytes], bytes | None]) -> None:
        self._run = execute
        self._execute({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})

    def parse(self, text: str, mode: str) -> tuple[str, list[JSON]]:
        answer = self._execute({"@type": "parseTextEntities", "text": text, "parse_mode": MODES[mode]})
        if answer["@type"] == "error":
            raise bad_request(answer["message"])
        return str(answer["text"]), _public(answer["entities"])

    def find(self, text: str) -> list[JSON]:
        answer = self._execute({"@type": "getTextEntities", "text": text})
        return _public(answer.get("entities", []))

    def _execute(self, request: JSON) -> Any:
        return json.loads(self._run(json.dumps(request).encode()) or b"{}")


def choose_parser() -> Parser:
    """Telegram's parser, unless it cannot be imported or SANDBOX_PARSER=none asks to do without."""
    if os.environ.get("SANDBOX_PARSER") == "none":
        return modest.ModestParser()
    try:
        return TdJson(importlib.import_module("tdjson").td_execute)
    except ImportError:
        return modest.ModestParser()


PARSER: Parser = choose_parser()


def formatted(text: str, parse_mode: str, entities: Any) -> tuple[str, list[JSON]]:
    """The text a reader sees and its entities, given and found, in order."""
    if len(text.encode()) > RAW_BYTES:
        raise bad_request("text is too long")
    mode = parse_mode.lower()
    if mode and mode != "none":
        if mode not in MODES:
            raise bad_request("unsupported parse_mode")
        text, given = PARSER.parse(text, mode)
    else:
        given = _given(entities)
    if len(given) > ENTITIES:
        given = given[:ENTITIES]
    text, given = _trim(text, given)
    return text, _merge(given, PARSER.find(text))


def message_text(text: str, parse_mode: str, entities: Any) -> JSON:
    text, found = formatted(text, parse_mode, entities)
    if not text:
        raise bad_request("message text is empty")
    if len(text) > TEXT_LENGTH:
        raise bad_request("message is too long")
    return {"text": text} | ({"entities": found} if found else {})


def caption(text: str, parse_mode: str, entities: Any) -> JSON:
    text, found = formatted(text, parse_mode, entities)
    if len(text) > CAPTION_LENGTH:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text} | ({"caption_entities": found} if found else {})


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _public(entities: list[JSON]) -> list[JSON]:
    shapes = []
    for entity in entities:
        kind = entity["type"]
        name = NAMES.get(kind["@type"].removeprefix("textEntityType"))
        if name:
            details = {DETAILS[key]: value for key, value in kind.items() if key in DETAILS}
            shapes.append({"offset": entity["offset"], "length": entity["length"], "type": name, **details})
    return shapes


def _given(entities: Any) -> list[JSON]:
    if entities is None:
        return []
    if not isinstance(entities, list):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    shapes = []
    for entity in entities:
        if not isinstance(entity, dict) or not isinstance(entity.get("type"), str):
            raise bad_request("can't parse MessageEntity: expected an Object")
        shape = {key: entity[key] for key in ("offset", "length", "type") if key in entity}
        shape |= {key: entity[key] for key in ("url", "language", "custom_emoji_id") if key in entity}
        if entity["type"] == "text_mention":
            shape["user"] = entity.get("user", {}).get("id", 0)
        shapes.append(shape)
    return sorted(shapes, key=lambda shape: (shape["offset"], -shape["length"]))


def _trim(text: str, entities: list[JSON]) -> tuple[str, list[JSON]]:
    """Cuts white space around the text as Telegram does: the left part only up to the first entity."""
    first = entities[0]["offset"] if entities else None
    left = len(text) - len(text.lstrip())
    if first is not None:
        left = min(left, first)
    text = text[left:].rstrip()
    length = utf16_length(text)
    moved = []
    for entity in entities:
        offset = entity["offset"] - left
        end = min(offset + entity["length"], length)
        if end > offset >= 0:
            moved.append({**entity, "offset": offset, "length": end - offset})
    return text, moved


def _merge(given: list[JSON], found: list[JSON]) -> list[JSON]:
    def clashes(entity: JSON) -> bool:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        for other in given:
            begin, stop = other["offset"], other["offset"] + other["length"]
            apart = stop <= start or end <= begin
            around = begin <= start and end <= stop
            if not apart and (other["type"] in OPAQUE or not around):
                return True
        return False

    merged = given + [entity for entity in found if not clashes(entity)]
    return sorted(merged, key=lambda entity: (entity["offset"], -entity["length"]))
