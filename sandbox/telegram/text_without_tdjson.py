"""A modest text parser for machines without Telegram's own: common marks, common errors, no more."""

import html
import re
from html.parser import HTMLParser

from sandbox.telegram.errors import bad_request
from sandbox.telegram.models import JSON

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
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
# Longer marks first: `__` must not be read as two `_`.
MARKS_V2 = {
    "```": "pre",
    "||": "spoiler",
    "__": "underline",
    "*": "bold",
    "_": "italic",
    "~": "strikethrough",
    "`": "code",
}
MARKS_V1 = {"```": "pre", "*": "bold", "_": "italic", "`": "code"}
RESERVED_V2 = set("_*[]()~`>#+-=|{}.!")
LINK = re.compile(r"\[((?:\\.|[^\]\\])*)\]\(((?:\\.|[^)\\])*)\)")
FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,!?;:)]|(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|org|net|me|ru|io)(?:/[^\s]*)?)"
    r"|(?P<email>[\w.+-]+@[\w-]+\.[a-z]{2,})"
    r"|(?<![\w/])(?P<mention>@[A-Za-z]\w{3,31})"
    r"|(?<![\w/])(?P<hashtag>#\w*[^\W\d]\w*)"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/])",
    re.IGNORECASE,
)


class ModestParser:
    name = "none"

    def parse(self, text: str, mode: str) -> tuple[str, list[JSON]]:
        if mode == "html":
            reader = _Html()
            reader.feed(text)
            return reader.finish()
        return _Markdown(text, version=2 if mode == "markdownv2" else 1).finish()

    def find(self, text: str) -> list[JSON]:
        return [
            {"offset": _units(text[: hit.start()]), "length": _units(hit.group()), "type": hit.lastgroup}
            for hit in FOUND.finditer(text)
        ]


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._out = ""
        self._open: list[tuple[str, int, JSON]] = []
        self._entities: list[JSON] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise _unparsable(f'Unsupported start tag "{tag}" at byte offset {self.getpos()[1]}')
        details: JSON = {"url": dict(attrs).get("href") or ""} if tag == "a" else {}
        self._open.append((tag, _units(self._out), details))

    def handle_endtag(self, tag: str) -> None:
        offset = self.getpos()[1]
        if not self._open:
            raise _unparsable(f"Unexpected end tag at byte offset {offset}")
        name, start, details = self._open.pop()
        if name != tag:
            raise _unparsable(
                f'Unmatched end tag at byte offset {offset}, expected "</{name}>", found "</{tag}>"'
            )
        length = _units(self._out) - start
        if length:
            self._entities.append({"offset": start, "length": length, "type": TAGS[tag], **details})

    def handle_data(self, data: str) -> None:
        if "<" in data:
            raise _unparsable(f"Unclosed start tag at byte offset {self.getpos()[1]}")
        self._out += data

    def handle_entityref(self, name: str) -> None:
        self._out += html.unescape(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._out += html.unescape(f"&#{name};")

    def finish(self) -> tuple[str, list[JSON]]:
        self.close()
        if self._open:
            raise _unparsable(f'Can\'t find end tag corresponding to start tag "{self._open[-1][0]}"')
        return self._out, _ordered(self._entities)


class _Markdown:
    def __init__(self, source: str, version: int) -> None:
        self._source = source
        self._strict = version == 2
        self._marks = MARKS_V2 if self._strict else MARKS_V1
        self._out = ""
        self._open: list[tuple[str, int, int]] = []
        self._entities: list[JSON] = []
        self._at = 0

    def finish(self) -> tuple[str, list[JSON]]:
        while self._at < len(self._source):
            self._step()
        if self._open:
            mark, _, at = self._open[-1]
            name = self._marks[mark].capitalize()
            raise _unparsable(
                f"Can't find end of {name} entity at byte offset {len(self._source[:at].encode())}"
            )
        return self._out, _ordered(self._entities)

    def _step(self) -> None:
        rest = self._source[self._at :]
        if rest[0] == "\\" and len(rest) > 1 and rest[1] in RESERVED_V2 | {"\\"}:
            self._out += rest[1]
            self._at += 2
        elif link := LINK.match(rest):
            self._link(link)
        elif mark := next((mark for mark in self._marks if rest.startswith(mark)), None):
            self._toggle(mark)
        else:
            self._plain(rest[0])

    def _link(self, link: re.Match[str]) -> None:
        label, url = (re.sub(r"\\(.)", r"\1", part) for part in link.groups())
        entity = {"offset": _units(self._out), "length": _units(label), "type": "text_link", "url": url}
        self._out += label
        self._entities.append(entity)
        self._at += link.end()

    def _toggle(self, mark: str) -> None:
        if self._open and self._open[-1][0] == mark:
            _, start, _ = self._open.pop()
            length = _units(self._out) - start
            if length:
                self._entities.append({"offset": start, "length": length, "type": self._marks[mark]})
        else:
            self._open.append((mark, _units(self._out), self._at))
        self._at += len(mark)

    def _plain(self, letter: str) -> None:
        inside_code = bool(self._open) and self._open[-1][0] in {"`", "```"}
        if self._strict and letter in RESERVED_V2 and not inside_code:
            raise _unparsable(f"Character '{letter}' is reserved and must be escaped with the preceding '\\'")
        self._out += letter
        self._at += 1


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _ordered(entities: list[JSON]) -> list[JSON]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _unparsable(reason: str) -> Exception:
    return bad_request(f"can't parse entities: {reason}")
