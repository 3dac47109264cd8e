"""What Telegram would refuse of a text, its placeholders filled in every way. Pure."""

import re
from collections.abc import Iterator

from bots.entities import Unreadable, escaped, read
from bots.markdown.formatted import MOST_ENTITIES, utf16_length
from broadcasts.content import sentences
from broadcasts.content.placeholders import (
    BRACES,
    LONGEST,
    NOBODY,
    BadPlaceholder,
    Placeholder,
    Values,
    join,
    split,
)
from config.language import Text

MOST_SOURCE_BYTES = 32_768  # Bot API server: a longer text is not even read
# A name of nothing but signs that mean something in some markup.
NASTY = {name: "<&>\"'_*[]()~`#+-=|{}.!\\"[:most] for name, most in LONGEST.items()}


def problem_of_text(
    text: object, parse_mode: str, *, most: int, personal: bool, may_be_empty: bool
) -> Text | None:
    """What is wrong with a text, in a sentence that names the place; None when nothing is."""
    if not isinstance(text, str):
        return sentences.A_TEXT
    if not _can_be_written(text):
        return sentences.UNSENDABLE_SIGNS
    if (size := len(text.encode())) > MOST_SOURCE_BYTES:
        return sentences.TOO_MANY_BYTES.filled(size=size, most=MOST_SOURCE_BYTES)
    if may_be_empty and not text:
        return None
    try:
        pieces: list[str | Placeholder] = split(text) if personal else [text]
        return _problem_of_samples(text, pieces, parse_mode, most, may_be_empty)
    except BadPlaceholder as error:
        return sentences.AT_PLACE.filled(what=error.sentence, offset=error.offset)
    except Unreadable as error:
        unreadable = sentences.UNREADABLE if error.offset is None else sentences.UNREADABLE_AT
        return unreadable.filled(why=error.sentence, offset=error.offset)


def _can_be_written(text: str) -> bool:
    """No NUL, which PostgreSQL refuses, and no half of a surrogate pair, which UTF-8 cannot carry."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _problem_of_samples(
    text: str, pieces: list[str | Placeholder], parse_mode: str, most: int, may_be_empty: bool
) -> Text | None:
    personal = pieces != [text]
    as_written = read(BRACES.sub(_same_places, text) if personal else text, parse_mode)
    for sample in _samples(pieces, parse_mode):
        seen = read(sample, parse_mode)
        if seen.entities != as_written.entities:
            return sentences.NAME_IN_MARKUP
        if seen.length > most:
            too_long = sentences.TOO_LONG_WITH_NAMES if personal else sentences.TOO_LONG
            return too_long.filled(length=seen.length, most=most)
    if as_written.entities > MOST_ENTITIES:
        return sentences.TOO_MANY_ENTITIES.filled(number=as_written.entities, most=MOST_ENTITIES)
    if may_be_empty or read(_filled(pieces, parse_mode, NOBODY), parse_mode).text:
        return None
    return sentences.EMPTY_FOR_SOME if personal else sentences.EMPTY


def _same_places(found: re.Match[str]) -> str:
    """As many bytes of letters, so that Telegram's places are those in the text; a written brace stays one."""
    sign = found[0]
    return f"{sign[0]}x" if sign in ("{{", "}}") else "x" * len(sign.encode())


def _samples(pieces: list[str | Placeholder], parse_mode: str) -> Iterator[str]:
    """The longest, and the nastiest."""
    if all(isinstance(piece, str) for piece in pieces):
        yield _filled(pieces, parse_mode, {})
        return
    yield join(pieces, lambda word: "x" * max(LONGEST[word.name], utf16_length(word.default)))
    yield _filled(pieces, parse_mode, NASTY)


def _filled(pieces: list[str | Placeholder], parse_mode: str, person: Values) -> str:
    return join(pieces, lambda word: escaped(word.value(person), parse_mode))
