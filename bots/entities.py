"""Text in Telegram's own markup: what a reader will see of it, or where Telegram stops reading. Pure.

Telegram's own parser (tdjson) reads it where it is installed, as in production. Without it nothing is refused
for its markup: lengths are estimated, and the first recipients of a mailing meet what is broken.
"""

import importlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from typing import Any

from bots.markdown.formatted import utf16_length

HTML, MARKDOWN, PLAIN = "HTML", "MarkdownV2", "none"
PARSE_MODES = (HTML, MARKDOWN, PLAIN)
MODES: dict[str, dict[str, Any]] = {
    HTML: {"@type": "textParseModeHTML"},
    MARKDOWN: {"@type": "textParseModeMarkdown", "version": 2},
}
TAG = re.compile(r"<[^>]*>")
SIGNS_OF_MARKDOWN = re.compile(r"([_*\[\]()~`>#+\-=|{}.!\\])")
PLACE = re.compile(r"byte offset (\d+)")


@dataclass(frozen=True)
class Read:
    """What a reader sees, and how many pieces of formatting it has."""

    text: str
    entities: int = 0

    @property
    def length(self) -> int:
        """As Telegram's clients count, in UTF-16 units."""
        return utf16_length(self.text)


class Unreadable(Exception):
    """Telegram's own sentence, and the place in UTF-16 units where it names one."""

    def __init__(self, sentence: str, offset: int | None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.offset = offset


def read(text: str, parse_mode: str) -> Read:
    """Reads a text as Telegram would; raises Unreadable."""
    execute = parser()
    if parse_mode == PLAIN:
        return Read(text.strip())
    if execute is None:
        return Read(unescape(TAG.sub("", text)).strip() if parse_mode == HTML else text.strip())
    request = {"@type": "parseTextEntities", "text": text, "parse_mode": MODES[parse_mode]}
    answer = json.loads(execute(json.dumps(request).encode()) or b"{}")
    if answer.get("@type") == "error":
        raise Unreadable(str(answer["message"]), _offset(text, str(answer["message"])))
    return Read(str(answer["text"]).strip(), len(answer["entities"]))


@cache
def parser() -> Callable[[bytes], bytes | None] | None:
    """Telegram's library, loaded when first needed and kept from writing texts into the log; None without it."""
    try:
        execute: Callable[[bytes], bytes | None] = importlib.import_module("tdjson").td_execute
    except ImportError:
        return None
    execute(b'{"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}')
    return execute


def _offset(text: str, sentence: str) -> int | None:
    """Telegram names a place in bytes; people and programs count UTF-16 units."""
    named = PLACE.search(sentence)
    if named is None:
        return None
    return utf16_length(text.encode()[: int(named[1])].decode(errors="ignore"))


def escaped(value: str, parse_mode: str) -> str:
    """The value as part of a text in that markup, meaning nothing but itself."""
    if parse_mode == HTML:
        return escape(value)
    return SIGNS_OF_MARKDOWN.sub(r"\\\1", value) if parse_mode == MARKDOWN else value
