"""Telegram's order among entities: which may hold which, and where styles are cut. Pure.

A style may lie inside or around anything but code. Telegram's own library cuts styles at the edges of
links, quotes, code and other styles, and counts the pieces; cutting the same way shows the true number.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from bots.markdown.formatted import Entity

STYLES = ("bold", "italic", "underline", "strikethrough", "spoiler")
CODE = ("code", "pre")
# Of two entities over the same text the first holds the second.
ORDER = ("blockquote", "pre", "code", "text_link", *STYLES)


def arranged(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """The same formatting in Telegram's own form: sorted, disjoint or nested, nothing inside code."""
    everything = [entity for entity in entities if entity.length > 0]
    styles = [entity for entity in everything if entity.type in STYLES]
    firm = [entity for entity in everything if entity.type not in STYLES]
    quotes = [entity for entity in firm if entity.type == "blockquote"]
    solid = [entity for entity in firm if entity.type != "blockquote"]
    for edges in (quotes, solid):
        styles = _cut(styles, sorted(edges, key=_rank))
    return tuple(sorted(firm + styles, key=_rank))


def shifted(entities: Iterable[Entity], left: int, length: int) -> list[Entity]:
    """Entities of a text that lost `left` units at its start and then keeps `length` of them."""
    moved = []
    for entity in entities:
        start, end = max(entity.offset - left, 0), min(entity.end - left, length)
        moved.append(replace(entity, offset=start, length=end - start))
    return moved


def _rank(entity: Entity) -> tuple[int, int, int]:
    return entity.offset, -entity.length, ORDER.index(entity.type)


def _cut(styles: list[Entity], edges: list[Entity]) -> list[Entity]:
    cutter = _Cutter(styles)
    for edge in edges:
        cutter.run_to(edge.offset)
        kept = len(cutter.done)
        cutter.run_to(edge.end)
        if edge.type in CODE:
            del cutter.done[kept:]
    cutter.run_to(max((style.end for style in styles), default=0))
    return cutter.done


class _Cutter:
    """Goes through the text once; every style that begins, and every edge, cuts all running styles."""

    def __init__(self, styles: list[Entity]) -> None:
        self.waiting = deque(sorted(styles, key=_rank))
        self.running: dict[str, tuple[int, int]] = {}
        self.done: list[Entity] = []

    def run_to(self, end: int) -> None:
        while self.waiting and self.waiting[0].offset < end:
            self._begin(self.waiting.popleft())
        self._cut_at(end)

    def _begin(self, style: Entity) -> None:
        start, end = self.running.get(style.type, (style.offset, -1))
        if style.offset > end:
            self._cut_at(style.offset)
            start = style.offset
        self.running[style.type] = start, max(end, style.end)

    def _cut_at(self, offset: int) -> None:
        for name in STYLES:
            start, end = self.running.get(name, (offset, offset))
            if start >= offset:
                continue
            self.done.append(Entity(name, start, min(end, offset) - start))
            del self.running[name]
            if end > offset:
                self.running[name] = offset, end
