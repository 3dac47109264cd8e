"""Whether Telegram would take a content: asked when it is written, not when it is sent. Pure."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Protocol, TypeGuard
from urllib.parse import urlsplit

from bots.entities import HTML, PARSE_MODES
from bots.markdown.addresses import link_address
from bots.markdown.formatted import MOST_CAPTION, MOST_TEXT
from bots.media import address_problem, file_id_problem
from broadcasts.content import sentences
from broadcasts.content.words import problem_of_text
from config.language import Text

ALIASES = {"circle": "video_note"}
# Which uploaded files may be sent as what; a document may be anything.
FITS: dict[str, tuple[str, ...]] = {
    "photo": ("photo",),
    "video": ("video",),
    "animation": ("animation", "video"),
    "audio": ("audio",),
    "voice": ("voice",),
    "video_note": ("video",),
    "document": ("photo", "video", "animation", "audio", "voice", "document"),
}
TYPES = ("text", *FITS, "album")
TOGETHER = ({"photo", "video"}, {"audio"}, {"document"})  # Bot API, sendMediaGroup
LEAST_ITEMS, MOST_ITEMS = 2, 10
BY_ADDRESS = {  # endings Telegram takes from an address; one without an ending is for Telegram to look at
    "document": (".gif", ".pdf", ".zip"),
    "voice": (".ogg", ".oga", ".opus"),
}
FALLBACKS: dict[str, tuple[str, ...]] = {
    "voice": ("audio", "document", "text"), "video_note": ("video", "document", "text"),
}  # fmt: skip
MOST_ROWS, MOST_IN_A_ROW, MOST_BUTTON_TEXT, MOST_CALLBACK_BYTES = 100, 8, 64, 64
MOST_BUTTONS = 100
SOURCES = ("media_id", "media_url", "file_id")
EVERYWHERE = ("type", "parse_mode", "placeholders", "silent", "protected")
FLAGS = ("placeholders", "silent", "protected", "link_preview")
Found = Iterator[tuple[str, Text]]


class File(Protocol):
    """What is asked of an uploaded file."""

    kind: str


Files = Mapping[int, File]


def normalised(content: Any) -> Any:
    """The same content with the names it is stored under."""
    if isinstance(content, dict) and isinstance(content.get("type"), str):
        return {**content, "type": ALIASES.get(content["type"], content["type"])}
    return content


def media_ids(content: Any) -> set[int]:
    """The uploaded files a content names, right or wrong."""
    if not isinstance(content, dict):
        return set()
    album = content.get("album")
    parts = [content, *(album if isinstance(album, list) else [])]
    named = [part.get("media_id") for part in parts if isinstance(part, dict)]
    return {number for number in named if _is_id(number)}


def _is_id(number: Any) -> TypeGuard[int]:
    return isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**63


def problems(content: Any, files: Files | None = None) -> dict[str, Text]:
    """What is wrong, by field in dotted names; `files` are the account's uploads that the content names."""
    if not isinstance(content, dict):
        return {"content": sentences.AN_OBJECT}
    kind = content.get("type")
    if kind not in TYPES:
        return {"type": sentences.ONE_OF.filled(names=", ".join(TYPES))}
    found: dict[str, Text] = {}
    for field, sentence in _found(content, str(kind), files or {}):
        found.setdefault(field, sentence)
    return found


def _found(content: dict[str, Any], kind: str, files: Files) -> Found:
    rules: dict[str, Callable[[dict[str, Any], Files], Found]] = {"text": _text, "album": _album}
    yield from _options(content)
    if content.get("parse_mode", HTML) in PARSE_MODES:
        yield from rules.get(kind, _file_message)(content, files)
    if kind != "album":
        yield from _buttons(content.get("buttons", []))


def _options(content: dict[str, Any]) -> Found:
    for name in FLAGS:
        if not isinstance(content.get(name, False), bool):
            yield name, sentences.A_FLAG
    if content.get("parse_mode", HTML) not in PARSE_MODES:
        yield "parse_mode", sentences.ONE_OF.filled(names=", ".join(PARSE_MODES))


def _unknown(content: Mapping[str, Any], *known: str) -> Found:
    for name in content.keys() - {*known}:
        yield str(name), sentences.UNKNOWN


def _words(content: dict[str, Any], text: Any, *, most: int, may_be_empty: bool = True) -> Text | None:
    return problem_of_text(
        text,
        content.get("parse_mode", HTML),
        most=most,
        personal=content.get("placeholders") is True,
        may_be_empty=may_be_empty,
    )


def _text(content: dict[str, Any], files: Files) -> Found:  # noqa: ARG001
    yield from _unknown(content, *EVERYWHERE, "text", "link_preview", "buttons")
    if sentence := _words(content, content.get("text"), most=MOST_TEXT, may_be_empty=False):
        yield "text", sentence


def _file_message(content: dict[str, Any], files: Files) -> Found:
    kind = content["type"]
    caption = () if kind == "video_note" else ("caption",)  # Bot API, sendVideoNote has none
    fallback = ("fallback",) if kind in FALLBACKS else ()
    yield from _unknown(content, *EVERYWHERE, *SOURCES, *caption, *fallback, "buttons")
    yield from _source(content, kind, files)
    if sentence := _words(content, content.get("caption", ""), most=MOST_CAPTION):
        yield "caption", sentence
    if content.get("fallback") is not None and fallback:
        yield from _fallback(content)


def _source(part: dict[str, Any], kind: str, files: Files) -> Found:
    """Exactly one place the file comes from, and a file that can be sent as this kind."""
    given = [name for name in SOURCES if name in part]
    if len(given) != 1:
        which = sentences.WHICH_FILE.filled(names=", ".join(SOURCES))
        yield (given or SOURCES)[-1 if given else 0], which
        return
    name, value = given[0], part[given[0]]
    if name == "media_id":
        sentence = _problem_of_upload(value, kind, files)
    elif not isinstance(value, str):
        sentence = sentences.A_TEXT
    else:
        sentence = file_id_problem(value) if name == "file_id" else _problem_of_address(value, kind)
    if sentence:
        yield name, sentence


def _problem_of_upload(number: Any, kind: str, files: Files) -> Text | None:
    file = files.get(number) if _is_id(number) else None
    if file is None:
        return sentences.NOT_UPLOADED
    if file.kind not in FITS[kind]:
        return sentences.UNFIT_FILE.filled(kind=file.kind, wanted=kind)
    return None


def _problem_of_address(address: str, kind: str) -> Text | None:
    if kind == "video_note":
        return sentences.CIRCLE_BY_ADDRESS
    if sentence := address_problem(address):
        return sentences.UNUSABLE.filled(why=sentence)
    ending = PurePosixPath(urlsplit(address).path).suffix.lower()
    allowed = BY_ADDRESS.get(kind)
    if allowed and ending and ending not in allowed:
        return sentences.UNFIT_ENDING.filled(ending=ending, kind=kind, allowed=", ".join(allowed))
    return None


def _fallback(content: dict[str, Any]) -> Found:
    fallback, kind = content["fallback"], content["type"]
    if not isinstance(fallback, dict) or fallback.get("type") not in FALLBACKS[kind]:
        yield "fallback", sentences.WHICH_FALLBACK.filled(names=", ".join(FALLBACKS[kind]))
    elif fallback["type"] == "text":
        yield from _unknown(fallback, "type", "text")
        if sentence := _words(content, fallback.get("text"), most=MOST_TEXT, may_be_empty=False):
            yield "fallback.text", sentence
    elif fallback.keys() != {"type"}:
        yield "fallback", sentences.TYPE_ALONE
    elif "media_id" not in content:
        yield "fallback", sentences.ONLY_TEXT


def _album(content: dict[str, Any], files: Files) -> Found:
    yield from _unknown(content, *EVERYWHERE, "album", "buttons")
    if "buttons" in content:
        yield "buttons", sentences.UNDER_ALBUM
    items = content.get("album")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        yield "album", sentences.LIST_OF_OBJECTS
    elif not LEAST_ITEMS <= len(items) <= MOST_ITEMS:
        yield "album", sentences.HOW_MANY.filled(least=LEAST_ITEMS, most=MOST_ITEMS)
    elif not any({str(item.get("type")) for item in items} <= kinds for kinds in TOGETHER):
        yield "album", sentences.MIXED
    else:
        yield from _items(content, items, files)


def _items(content: dict[str, Any], items: list[dict[str, Any]], files: Files) -> Found:
    for number, item in enumerate(items):
        yield from ((f"album.{number}.{name}", sentence) for name, sentence in _item(content, item, files))


def _item(content: dict[str, Any], item: dict[str, Any], files: Files) -> Found:
    yield from _unknown(item, "type", *SOURCES, "caption")
    yield from _source(item, item["type"], files)
    if sentence := _words(content, item.get("caption", ""), most=MOST_CAPTION):
        yield "caption", sentence


def _buttons(rows: Any) -> Found:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        yield "buttons", sentences.LIST_OF_ROWS
    elif (
        len(rows) > MOST_ROWS
        or sum(map(len, rows)) > MOST_BUTTONS
        or any(len(row) > MOST_IN_A_ROW for row in rows)
    ):
        yield "buttons", sentences.TOO_MANY_BUTTONS.filled(row=MOST_IN_A_ROW, most=MOST_BUTTONS)
    else:
        for place, button in (
            (f"{at}.{number}", button) for at, row in enumerate(rows) for number, button in enumerate(row)
        ):
            if sentence := _problem_of_button(button):
                yield f"buttons.{place}", sentence


def _problem_of_button(button: Any) -> Text | None:
    if not isinstance(button, dict) or button.keys() not in ({"text", "url"}, {"text", "callback_data"}):
        return sentences.WHAT_BUTTON
    if not all(isinstance(value, str) for value in button.values()):
        return sentences.BUTTON_OF_TEXTS
    if not button["text"].strip() or len(button["text"]) > MOST_BUTTON_TEXT:
        return sentences.BUTTON_TEXT.filled(most=MOST_BUTTON_TEXT)
    if "url" in button and not link_address(button["url"]):
        return sentences.NO_ADDRESS
    if "url" not in button and not 1 <= len(button["callback_data"].encode()) <= MOST_CALLBACK_BYTES:
        return sentences.CALLBACK_SIZE.filled(most=MOST_CALLBACK_BYTES)
    return None
