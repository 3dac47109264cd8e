"""A message as Telegram takes it: text and entities, and what Telegram would refuse about it."""

import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

from config.language import Text

# Bot API, sendMessage and sendPhoto: characters after entities parsing, counted here in UTF-16 units.
MOST_TEXT = 4096
MOST_CAPTION = 1024
MOST_ENTITIES = 100
# Telegram names no limit; browsers and servers agree on about this much.
MOST_URL = 2048
EMPTY = Text(en="The text is empty.", ru="Текст пуст.")
TOO_LONG = Text(
    en="The text has {length} characters, Telegram takes {most} at most.",
    ru="В тексте {length} знаков, Telegram принимает не больше {most}.",
)
TOO_FORMATTED = Text(
    en="The text has {number} pieces of formatting, Telegram takes {most} at most and ignores the rest.",
    ru="В тексте {number} элементов форматирования, Telegram принимает не больше {most} и остальные не видит.",
)
LONG_LINK = Text(
    en="A link is {length} characters long, {most} is the most.",
    ru="Длина ссылки — {length} знаков, а можно не больше {most}.",
)
# Letters and symbols by category, and yet nothing is seen: Hangul fillers, an empty Braille cell.
BLANK = set("\u115f\u1160\u2800\u3164\uffa0\ufffc")


@dataclass(frozen=True)
class Entity:
    """A MessageEntity of the Bot API; offset and length count UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None

    @property
    def end(self) -> int:
        return self.offset + self.length

    def as_dict(self) -> dict[str, Any]:
        """What a request carries: no fields that say nothing."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Formatted:
    """For sendMessage(text=..., entities=[...]): nothing to escape, nothing to parse."""

    text: str
    entities: tuple[Entity, ...] = ()

    @property
    def length(self) -> int:
        return utf16_length(self.text)

    def entities_as_dicts(self) -> list[dict[str, Any]]:
        return [entity.as_dict() for entity in self.entities]


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def problem(formatted: Formatted, *, most_text: int = MOST_TEXT) -> Text | None:
    """What Telegram would refuse, or silently leave out; `most_text` is MOST_CAPTION under a picture."""
    if not any(_is_visible(sign) for sign in formatted.text):
        return EMPTY
    if formatted.length > most_text:
        return TOO_LONG.filled(length=formatted.length, most=most_text)
    if len(formatted.entities) > MOST_ENTITIES:
        return TOO_FORMATTED.filled(number=len(formatted.entities), most=MOST_ENTITIES)
    longest = max((len(entity.url or "") for entity in formatted.entities), default=0)
    if longest > MOST_URL:
        return LONG_LINK.filled(length=longest, most=MOST_URL)
    return None


def _is_visible(sign: str) -> bool:
    return unicodedata.category(sign)[0] not in "ZCM" and sign not in BLANK
