"""Writes a message from its start to its end and remembers which stretch of it carries which entity."""

from collections.abc import Iterable
from dataclasses import dataclass

from bots.markdown.formatted import Entity, Formatted, utf16_length
from bots.markdown.nesting import CODE, STYLES, arranged, shifted

# What Telegram does to a text it receives: control characters become spaces, and these vanish.
VANISHING = "\r\u030a\u0333\u033f" + "".join(map(chr, range(0x2028, 0x202F)))
CLEAN: dict[int, str | None] = {code: " " for code in range(0x20) if code != 0x0A}
CLEAN |= {ord(sign): None for sign in VANISHING}
BLANKS = " \n"


@dataclass
class _Open:
    type: str
    url: str | None
    language: str | None
    start: int | None = None


class Writer:
    """`gap` and `lead` are owed: they are written before the next text, if there is any.

    A quote begins between the two, because the bullet of a list is part of it; all else begins after them.
    """

    def __init__(self) -> None:
        self.gap = ""
        self.lead = ""
        self._parts: list[str] = []
        self._length = 0
        self._open: list[_Open] = []
        self._entities: list[Entity] = []

    def write(self, text: str) -> None:
        text = text.translate(CLEAN)
        if not text:
            return
        self._append(self.gap if self._parts else "")
        self._start(entity for entity in self._open if entity.type == "blockquote")
        self._append(self.lead)
        self.gap = self.lead = ""
        self._start(self._open)
        self._append(text)

    def open(self, entity: str, *, url: str | None = None, language: str | None = None) -> None:
        """Begins an entity at the next text; an empty name, or a link or code inside another, adds nothing."""
        if entity not in STYLES and entity != "blockquote" and self._is_inside_link_or_code():
            entity = ""
        self._open.append(_Open(entity, url, language))

    def close(self) -> None:
        closed = self._open.pop()
        if closed.type and closed.start is not None:
            length = self._length - closed.start
            self._entities.append(Entity(closed.type, closed.start, length, closed.url, closed.language))

    def finish(self) -> Formatted:
        """The message without white space around it, but for what belongs to code at its start."""
        text = "".join(self._parts)
        left = len(text) - len(text.lstrip(BLANKS))
        left = min([left, *(entity.offset for entity in self._entities if entity.type in CODE)])
        text = text[left:].rstrip(BLANKS)
        return Formatted(text, arranged(shifted(self._entities, left, utf16_length(text))))

    def _append(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self._length += utf16_length(text)

    def _start(self, entities: Iterable[_Open]) -> None:
        for entity in entities:
            if entity.start is None:
                entity.start = self._length

    def _is_inside_link_or_code(self) -> bool:
        return any(entity.type in (*CODE, "text_link") for entity in self._open)
