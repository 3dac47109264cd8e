"""Words that differ from recipient to recipient: {first_name}, {first_name|friend}. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bots.markdown.formatted import utf16_length
from broadcasts.content import sentences
from config.language import Text

Values = Mapping[str, str]
LONGEST = {"first_name": 64, "username": 32, "language": 16}  # in UTF-16 units; longer values are cut
NAMES = tuple(LONGEST)
KNOWN = ", ".join(f"{{{name}}}" for name in NAMES)
BRACES = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}|]*)(?:\|(?P<default>[^{}]*))?\}|[{}]")
NOBODY: Values = {}


@dataclass(frozen=True)
class Placeholder:
    """`default`, plain like the values, is for those of whom nothing is known."""

    name: str
    default: str = ""

    def value(self, person: Values) -> str:
        """The word for this person, cut to what it may take."""
        return shortened(person.get(self.name, ""), LONGEST[self.name]) or self.default


class BadPlaceholder(Exception):
    """What is wrong, and where in UTF-16 units."""

    def __init__(self, sentence: Text, offset: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.offset = offset


def split(text: str) -> list[str | Placeholder]:
    """The text in pieces; raises BadPlaceholder."""
    pieces: list[str | Placeholder] = []
    at = 0
    for found in BRACES.finditer(text):
        pieces.append(text[at : found.start()])
        pieces.append(_piece(found, text))
        at = found.end()
    return [piece for piece in [*pieces, text[at:]] if piece != ""]


def _piece(found: re.Match[str], text: str) -> str | Placeholder:
    sign, name = found[0], found["name"]
    if sign in ("{{", "}}"):
        return sign[0]
    place = utf16_length(text[: found.start()])
    if name is None:
        raise BadPlaceholder(sentences.LONE_BRACE.filled(sign=sign), place)
    if name not in LONGEST:
        raise BadPlaceholder(sentences.NO_SUCH_NAME.filled(sign=sign, known=KNOWN), place)
    return Placeholder(name, found["default"] or "")


def join(pieces: list[str | Placeholder], word: Callable[[Placeholder], str]) -> str:
    """The text with a word for each placeholder."""
    return "".join(piece if isinstance(piece, str) else word(piece) for piece in pieces)


def shortened(value: str, most: int) -> str:
    """At most so many UTF-16 units, no sign cut in half."""
    while utf16_length(value) > most:
        value = value[:-1]
    return value
