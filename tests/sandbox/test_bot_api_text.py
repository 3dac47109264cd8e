"""Text as readers see it: entities given, written and found, in UTF-16 units; with and without Telegram's parser."""

from typing import Any

import pytest

from sandbox.telegram import text
from sandbox.telegram.errors import BotApiError
from sandbox.telegram.text_without_tdjson import ModestParser

PARSERS = [text.PARSER, ModestParser()]


@pytest.fixture(params=PARSERS, ids=lambda parser: parser.name, autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> text.Parser:
    monkeypatch.setattr(text, "PARSER", request.param)
    return request.param


def kinds(entities: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [(entity["type"], entity["offset"], entity["length"]) for entity in entities]


@pytest.mark.parametrize(
    ("source", "mode", "plain", "expected"),
    [
        ("*b _bi_*", "MarkdownV2", "b bi", [("bold", 0, 4), ("italic", 2, 2)]),
        (
            "__u__ ~s~ ||sp||",
            "MarkdownV2",
            "u s sp",
            [("underline", 0, 1), ("strikethrough", 2, 1), ("spoiler", 4, 2)],
        ),
        ("a\\.b `c.d`", "MarkdownV2", "a.b c.d", [("code", 4, 3)]),
        ("<b>b</b> &lt;&amp; <i>i</i>", "HTML", "b <& i", [("bold", 0, 1), ("italic", 5, 1)]),
        ("*b* _i_", "Markdown", "b i", [("bold", 0, 1), ("italic", 2, 1)]),
        ("🎯 *b*", "MarkdownV2", "🎯 b", [("bold", 3, 1)]),
    ],
)
def test_marks_become_entities(
    source: str, mode: str, plain: str, expected: list[tuple[str, int, int]]
) -> None:
    found, entities = text.formatted(source, mode, None)
    assert (found, kinds(entities)) == (plain, expected)


@pytest.mark.parametrize(
    ("source", "mode", "reason"),
    [
        ("a.b", "MarkdownV2", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("*b", "MarkdownV2", "Can't find end of Bold entity at byte offset 0"),
        ("<b>b", "HTML", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<div>", "HTML", 'Unsupported start tag "div" at byte offset 0'),
        ("<b>x</i>", "HTML", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("</b>", "HTML", "Unexpected end tag at byte offset 0"),
    ],
)
def test_broken_marks_are_refused_in_telegrams_words(source: str, mode: str, reason: str) -> None:
    with pytest.raises(BotApiError) as refused:
        text.formatted(source, mode, None)
    assert refused.value.description == f"Bad Request: can't parse entities: {reason}"


def test_links_mentions_tags_and_commands_are_found() -> None:
    _, entities = text.formatted("/start @durov #win https://t.me/x?start=1", "", None)
    assert [entity["type"] for entity in entities] == ["bot_command", "mention", "hashtag", "url"]


def test_nothing_is_found_inside_code_or_links() -> None:
    _, entities = text.formatted('<code>@durov</code> <a href="https://e.org/">@durov</a>', "HTML", None)
    assert [entity["type"] for entity in entities] == ["code", "text_link"]
    assert entities[1]["url"] == "https://e.org/"


def test_given_entities_are_kept_and_space_around_is_cut() -> None:
    given = [{"type": "bold", "offset": 2, "length": 3}]
    assert text.formatted("  big  ", "", given) == ("big", [{"type": "bold", "offset": 0, "length": 3}])


def test_a_caption_has_its_own_limit_after_parsing() -> None:
    assert len(text.caption("<b>" + "x" * 1024 + "</b>", "HTML", None)["caption"]) == 1024
    with pytest.raises(BotApiError, match="message caption is too long"):
        text.caption("x" * 1025, "", None)
