"""What stands inside a paragraph: styles, links, code and Telegram's tags, as a row of pieces with proper pairs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape

from markdown_it.token import Token

from bots.markdown.addresses import link_address, spoken_address
from bots.markdown.writer import Writer

MARKDOWN_STYLES = {"strong": "bold", "em": "italic", "s": "strikethrough"}
TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "spoiler": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
}
TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-z][a-z0-9-]*)(?P<attributes>[^>]*)>", re.IGNORECASE | re.DOTALL)
HREF = re.compile(r"\shref\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')", re.IGNORECASE)
SPOILER = "||"
SPOILER_MARK = re.compile(r"(\|\|)")


@dataclass(frozen=True)
class Piece:
    """`tag` pairs an opening with its closing; pieces without one were paired by Markdown itself."""

    kind: str  # text, code, break, open, close, or mark: either of the last two
    text: str = ""  # what is shown, or was written if the pair is never completed
    entity: str = ""
    url: str | None = None
    tag: str = ""


def write_inline(writer: Writer, children: list[Token], *, indent: str = "") -> None:
    for piece in paired(_pieces(children)):
        match piece.kind:
            case "open":
                writer.open(piece.entity, url=piece.url)
            case "close":
                writer.close()
            case "break":
                writer.write("\n" + indent)
            case "code":
                writer.open("code")
                writer.write(piece.text)
                writer.close()
            case _:
                writer.write(piece.text)


def plain(children: list[Token]) -> str:
    """The words alone on one line, with the addresses that would otherwise be lost."""
    pieces = paired(_pieces(children, with_addresses=True))
    return "".join(" " if piece.kind == "break" else piece.text for piece in pieces)


def paired(pieces: list[Piece]) -> list[Piece]:
    """The same row where whatever opens also closes, in proper nesting; the rest is text as it was written."""
    row = list(pieces)
    waiting: list[int] = []
    complete: set[int] = set()
    for number, piece in enumerate(pieces):
        place = _opening(row, waiting, piece) if piece.kind in ("close", "mark") else None
        if place is not None:
            complete |= {waiting[place], number}
            row[number] = replace(piece, kind="close")
            del waiting[place:]
        elif piece.kind in ("open", "mark") and not _stands_before_space(pieces, number):
            waiting.append(number)
            row[number] = replace(piece, kind="open")
    return [
        (replace(piece, text="") if number in complete else replace(piece, kind="text"))
        if piece.kind in ("open", "close", "mark")
        else piece
        for number, piece in enumerate(row)
    ]


def _opening(row: list[Piece], waiting: list[int], closing: Piece) -> int | None:
    """The place in `waiting` of what `closing` closes; no tag reaches out of Markdown's own pair around it."""
    for place in range(len(waiting) - 1, -1, -1):
        tag = row[waiting[place]].tag
        if tag == closing.tag:
            return place
        if not tag:
            return None
    return None


def _stands_before_space(pieces: list[Piece], number: int) -> bool:
    """`a || b` is an either-or, not the beginning of a secret."""
    if pieces[number].kind != "mark":
        return False
    after = pieces[number + 1] if number + 1 < len(pieces) else Piece("break")
    return after.kind == "break" or (after.kind == "text" and after.text[:1].isspace())


def _pieces(children: list[Token], *, with_addresses: bool = False) -> list[Piece]:
    pieces: list[Piece] = []
    links: list[tuple[Token, int]] = []
    for token in children:
        if token.type == "link_open":
            links.append((token, len(pieces)))
        elif token.type == "link_close":
            opening, start = links.pop()
            words = pieces[start:]
            pieces[start:] = _link(opening, words, with_address=with_addresses)
        else:
            pieces.extend(_simple(token))
    return pieces


def _link(opening: Token, words: list[Piece], *, with_address: bool) -> list[Piece]:
    if opening.markup == "autolink":
        return words  # Telegram finds it
    written = str(opening.attrGet("href") or "")
    url = link_address(written)
    aside = spoken_address(written) or (url if with_address else None)
    said = "".join(piece.text for piece in words)
    words = words if said else [Piece("text", aside or url or "")]
    after = [Piece("text", f" ({aside})")] if aside and said and aside not in said else []
    return [Piece("open", entity="text_link" if url else "", url=url), *words, Piece("close"), *after]


def _simple(token: Token) -> Iterator[Piece]:
    match token.type:
        case "text":
            yield from _text(token.content)
        case "softbreak" | "hardbreak":
            yield Piece("break")
        case "code_inline":
            yield Piece("code", token.content)
        case "html_inline":
            yield from _tag(token.content)
        case "image":
            yield from _picture(token)
        case _ if token.nesting > 0:
            yield Piece("open", entity=MARKDOWN_STYLES.get(token.tag, ""))
        case _ if token.nesting < 0:
            yield Piece("close")
        case _:
            yield Piece("text", token.content)


def _text(text: str) -> Iterator[Piece]:
    for part in SPOILER_MARK.split(text):
        if part == SPOILER:
            yield Piece("mark", part, "spoiler", tag=SPOILER)
        elif part:
            yield Piece("text", part)


def _tag(written: str) -> Iterator[Piece]:
    found = TAG.fullmatch(written)
    name = found["name"].lower() if found else ""
    if written.startswith("<!--"):
        return
    if name == "br":
        yield Piece("break")
    elif not found or name not in TAGS:
        yield Piece("text", written)
    elif found["close"]:
        yield Piece("close", written, tag=name)
    else:
        href = HREF.search(found["attributes"])
        url = link_address(unescape(href["double"] or href["single"] or "")) if href else None
        yield Piece("open", written, TAGS[name] if name != "a" or url else "", url=url, tag=name)


def _picture(token: Token) -> Iterator[Piece]:
    url = link_address(str(token.attrGet("src") or ""))
    yield Piece("open", entity="text_link" if url else "", url=url)
    yield Piece("text", plain(token.children or []).strip() or url or "")
    yield Piece("close")
