"""What Telegram would refuse is refused when it is written; the request that is sent says what was meant."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots import entities
from bots.entities import HTML, MARKDOWN, PARSE_MODES, PLAIN, escaped, read
from broadcasts import content as contents
from broadcasts.content import prepared, problems


@dataclass
class File:
    kind: str


FILES = {
    number: File(kind)
    for number, kind in enumerate(("photo", "video", "animation", "audio", "voice", "document"), start=1)
}
FILE_ID = "AgACAgQAAxkBAAIBAgMEBQ"
BUTTON = {"text": "Read on", "url": "https://example.com"}
TEXT: dict[str, Any] = {"type": "text", "text": "Hello"}
PHOTO: dict[str, Any] = {"type": "photo", "media_id": 1}
VOICE: dict[str, Any] = {"type": "voice", "media_id": 5}
ALBUM: dict[str, Any] = {
    "type": "album",
    "album": [PHOTO, {"type": "video", "media_id": 2, "caption": "Two"}],
}


def sent(content: dict[str, Any], person: dict[str, str] | None = None, **files: Any) -> dict[str, Any]:
    """The body of the request, as Telegram reads it."""
    _, ready = prepared(content, **files)
    return dict(json.loads(b'{"chat_id": 5' + ready.rest(person or {})))


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        {**TEXT, "parse_mode": MARKDOWN, "link_preview": False, "silent": True, "protected": True},
        {**TEXT, "text": "a < b", "parse_mode": PLAIN},
        {**TEXT, "buttons": [[BUTTON, {"text": "Vote", "callback_data": "v1"}]]},
        {**TEXT, "text": "x" * 4096},
        {**TEXT, "text": "<b>" + "x" * 4096 + "</b>"},
        {**TEXT, "text": "{not a placeholder}"},
        {**TEXT, "text": "Hi {first_name|you}, {{}}", "placeholders": True},
        PHOTO,
        {**PHOTO, "caption": "x" * 1024},
        {"type": "photo", "media_url": "https://example.com/a.jpg"},
        {"type": "photo", "file_id": FILE_ID},
        {"type": "video", "media_id": 2},
        {"type": "animation", "media_id": 2},
        {"type": "animation", "media_id": 3},
        {"type": "audio", "media_id": 4},
        VOICE,
        {**VOICE, "fallback": None},
        {**VOICE, "fallback": {"type": "document"}},
        {**VOICE, "fallback": {"type": "text", "text": "Listen on our site"}},
        {"type": "video_note", "media_id": 2, "fallback": {"type": "video"}},
        {"type": "document", "media_id": 1},
        {"type": "document", "media_id": 6},
        {"type": "document", "media_url": "https://example.com/a.PDF?x=1"},
        {"type": "document", "media_url": "https://example.com/download?id=1"},
        ALBUM,
        {"type": "album", "album": [{"type": "audio", "media_id": 4}] * 10},
    ],
)
def test_it_takes_what_telegram_takes(content: dict[str, Any]) -> None:
    assert problems(content, FILES) == {}


@pytest.mark.parametrize(
    ("content", "field", "part"),
    [
        ("Hello", "content", "object"),
        ({}, "type", "text, photo"),
        ({"type": "poll"}, "type", "album"),
        ({"type": ["text"]}, "type", "must be"),
        ({"type": "text"}, "text", "must be a text"),
        ({**TEXT, "text": "  "}, "text", "empty"),
        ({**TEXT, "text": "<b> </b>"}, "text", "empty"),
        ({**TEXT, "text": "x" * 4097}, "text", "4097 characters"),
        ({**TEXT, "text": "😀" * 2049}, "text", "4098 characters"),
        ({**TEXT, "text": "<b>" + "&amp;" * 7000}, "text", "bytes"),
        ({**TEXT, "text": "a\0b"}, "text", "no message can carry"),
        ({**TEXT, "text": "a\ud800b"}, "text", "no message can carry"),
        ({**TEXT, "text": "<b>a</b>" * 101}, "text", "101 pieces"),
        ({**TEXT, "text": "<b>x"}, "text", 'end tag corresponding to start tag "b"'),
        ({**TEXT, "text": "😀é<div>x</div>"}, "text", "at offset 3 in UTF-16"),
        ({**TEXT, "text": "a. *b", "parse_mode": MARKDOWN}, "text", "'.' is reserved"),
        ({**TEXT, "parse_mode": "Markdown"}, "parse_mode", "MarkdownV2"),
        ({**TEXT, "silent": 1}, "silent", "true or false"),
        ({**TEXT, "caption": "x"}, "caption", "not known"),
        ({**TEXT, "media_id": 1}, "media_id", "not known"),
        ({**TEXT, "text": "Hi {name}", "placeholders": True}, "text", "none of {first_name}"),
        ({**TEXT, "text": "😀 {", "placeholders": True}, "text", "at offset 3"),
        ({**TEXT, "text": "{first_name}", "placeholders": True}, "text", "give a default"),
        ({**TEXT, "text": "x" * 4033 + "{first_name}", "placeholders": True}, "text", "with the longest names"),
        ({**TEXT, "text": "x{first_name|" + "y" * 4096 + "}", "placeholders": True}, "text", "4097"),
        ({**TEXT, "text": "x <{username|b}>y</b>", "placeholders": True}, "text", "Telegram"),
        ({**TEXT, "text": "<b>é{first_name}<i>", "placeholders": True}, "text", "Telegram"),
        ({"type": "photo"}, "media_id", "is needed"),
        ({**PHOTO, "file_id": FILE_ID}, "file_id", "is needed"),
        ({"type": "photo", "media_id": 99}, "media_id", "no file of yours"),
        ({"type": "photo", "media_id": True}, "media_id", "no file of yours"),
        ({"type": "photo", "media_id": 2}, "media_id", "is a video"),
        ({"type": "voice", "media_id": 4}, "media_id", "is a audio"),
        ({"type": "photo", "file_id": "cat"}, "file_id", "no file_id"),
        ({"type": "photo", "media_url": "ftp://example.com/a"}, "media_url", "no address"),
        ({"type": "video_note", "media_url": "https://example.com/a.mp4"}, "media_url", "uploads only"),
        ({"type": "document", "media_url": "https://example.com/a.docx"}, "media_url", ".docx"),
        ({"type": "voice", "media_url": "https://example.com/a.mp3"}, "media_url", ".mp3"),
        ({**PHOTO, "caption": "x" * 1025}, "caption", "1024"),
        ({**PHOTO, "link_preview": False}, "link_preview", "not known"),
        ({"type": "video_note", "media_id": 2, "caption": "x"}, "caption", "not known"),
        ({**PHOTO, "fallback": {"type": "text", "text": "x"}}, "fallback", "not known"),
        ({**VOICE, "fallback": {"type": "photo"}}, "fallback", "audio, document"),
        ({**VOICE, "fallback": {"type": "text"}}, "fallback.text", "must be a text"),
        ({**VOICE, "fallback": {"type": "audio", "media_id": 4}}, "fallback", "nothing else"),
        ({"type": "voice", "file_id": FILE_ID, "fallback": {"type": "audio"}}, "fallback", "only be a text"),
        ({"type": "album", "album": [PHOTO]}, "album", "2 to 10"),
        ({"type": "album", "album": [PHOTO] * 11}, "album", "2 to 10"),
        ({"type": "album", "album": [PHOTO, {"type": "audio", "media_id": 4}]}, "album", "of audio"),
        ({"type": "album", "album": [PHOTO, {"type": "photo", "media_id": 2}]}, "album.1.media_id", "video"),
        ({"type": "album", "album": [PHOTO, {**PHOTO, "caption": "<b>"}]}, "album.1.caption", "Telegram"),
        ({"type": "album", "album": [PHOTO, 5]}, "album", "objects"),
        ({"type": "album", "album": [PHOTO, {"type": []}]}, "album", "photos and videos"),
        ({**ALBUM, "buttons": [[BUTTON]]}, "buttons", "under an album"),
        ({**TEXT, "buttons": BUTTON}, "buttons", "rows"),
        ({**TEXT, "buttons": [[BUTTON] * 9]}, "buttons", "too many"),
        ({**TEXT, "buttons": [[BUTTON]] * 101}, "buttons", "too many"),
        ({**TEXT, "buttons": [[BUTTON, {"text": "x"}]]}, "buttons.0.1", "either a url"),
        ({**TEXT, "buttons": [[{"text": " ", "url": "https://example.com"}]]}, "buttons.0.0", "text"),
        ({**TEXT, "buttons": [[{"text": "x", "url": "javascript:alert(1)"}]]}, "buttons.0.0", "no address"),
        ({**TEXT, "buttons": [[{"text": "x", "callback_data": "é" * 33}]]}, "buttons.0.0", "64 bytes"),
        ({**TEXT, "buttons": [[{"text": 1, "url": "https://example.com"}]]}, "buttons.0.0", "texts"),
    ],
)  # fmt: skip
def test_it_names_the_field_that_telegram_would_refuse(content: Any, field: str, part: str) -> None:
    found = problems(content, FILES)
    assert list(found) == [field]
    assert part in found[field].en


def test_a_circle_is_a_video_note() -> None:
    assert contents.normalised({"type": "circle", "media_id": 2}) == {"type": "video_note", "media_id": 2}
    assert contents.normalised([]) == []


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["text", "caption", "album", "buttons", "media_id", "media_url", "file_id", "fallback", "parse_mode"]


@given(st.sampled_from([*contents.checks.TYPES, "circle"]), st.dictionaries(st.sampled_from(NAMES), ANYTHING))
def test_whatever_is_written_is_taken_or_refused_and_never_breaks(kind: str, rest: dict[str, Any]) -> None:
    content = contents.normalised({**rest, "type": kind})
    assert contents.media_ids(content) is not None
    if not problems(content, FILES):
        contents.request(content)
        contents.prepared(content)


@given(st.text(max_size=64), st.sampled_from(PARSE_MODES))
def test_an_escaped_value_means_nothing_but_itself(value: str, mode: str) -> None:
    if all(sign.isprintable() for sign in value):
        seen = read("x" + escaped(value, mode) + "x", mode)
        assert (seen.text, seen.entities) == (f"x{value}x", 0)


TEMPLATES = [
    "Hi {first_name|you}!",
    "<b>{first_name}</b>, @{username|nobody} ({language})",
    "{{{first_name|&<}}} a &lt; b",
]


@given(st.sampled_from(TEMPLATES), st.text(max_size=80), st.text(max_size=40))
def test_a_name_is_shown_as_it_is_whatever_it_is(template: str, name: str, username: str) -> None:
    content = {"type": "text", "text": template, "placeholders": True}
    assert problems(content) == {}
    if not (name.isprintable() and username.isprintable()):
        return
    person = {"first_name": name, "username": username}
    body = sent(content, person)
    assert body["text"] == contents.filled(content, person)["text"]
    shown = contents.placeholders.shortened(name, 64)
    assert shown in read("x" + body["text"] + "x", HTML).text


def test_values_take_their_place_in_markdown_and_in_plain_text() -> None:
    person = {"first_name": "A_b*[c](d)\\"}
    for mode, text in ((MARKDOWN, "*Hi* {first_name}\\!"), (PLAIN, "Hi {first_name}!")):
        body = sent({"type": "text", "text": text, "parse_mode": mode, "placeholders": True}, person)
        assert read(body["text"], mode).text == "Hi A_b*[c](d)\\!"


def test_without_the_switch_braces_are_braces() -> None:
    assert sent({**TEXT, "text": "{first_name} {{x}}"}, {"first_name": "Ann"})["text"] == "{first_name} {{x}}"


def test_the_request_says_how_it_is_to_be_shown() -> None:
    body = sent({**TEXT, "link_preview": False, "silent": True, "protected": True, "buttons": [[BUTTON], []]})
    assert body == {
        "chat_id": 5, "text": "Hello", "parse_mode": "HTML", "link_preview_options": {"is_disabled": True},
        "disable_notification": True, "protect_content": True, "reply_markup": {"inline_keyboard": [[BUTTON]]},
    }  # fmt: skip
    assert sent({**TEXT, "parse_mode": PLAIN}) == {"chat_id": 5, "text": "Hello"}


@pytest.mark.parametrize("kind", ["photo", "video", "animation", "audio", "voice", "video_note", "document"])
def test_a_file_goes_by_its_id_or_along_in_the_form(kind: str) -> None:
    content = {"type": kind, "media_id": 7}
    assert sent(content)[kind] == "attach://7"
    assert sent(content, files={(7, kind): "ID", (7, "other"): "X"})[kind] == "ID"
    assert contents.needed(content) == [(7, kind)]


def test_an_album_is_one_request_of_as_many_messages() -> None:
    method, _ = prepared(ALBUM)
    body = sent(ALBUM, files={(2, "video"): "ID"})
    assert method == "sendMediaGroup"
    assert body["media"] == [
        {"type": "photo", "media": "attach://1"},
        {"type": "video", "media": "ID", "caption": "Two", "parse_mode": "HTML"},
    ]
    assert (contents.cost(ALBUM), contents.cost(TEXT)) == (2, 1)


@pytest.mark.parametrize(
    ("content", "other"),
    [
        (TEXT, None),
        (PHOTO, None),
        ({**VOICE, "caption": "c"}, {"type": "audio", "media_id": 5, "caption": "c"}),
        ({**VOICE, "fallback": None}, None),
        ({"type": "voice", "file_id": FILE_ID}, None),
        ({**VOICE, "caption": "c", "fallback": {"type": "text", "text": "t"}}, {"type": "text", "text": "t"}),
        ({"type": "video_note", "media_id": 2, "silent": True}, {"type": "video", "media_id": 2, "silent": True}),
    ],
)  # fmt: skip
def test_whoever_refuses_voice_gets_something_else(content: dict[str, Any], other: Any) -> None:
    assert contents.fallback(content) == other


def test_without_telegrams_parser_nothing_is_refused_for_its_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entities, "parser", lambda: None)
    assert problems({**TEXT, "text": "<b>x"}) == {}
    assert "4097" in problems({**TEXT, "text": "<b>" + "x" * 4097 + "</b>"})["text"].en
