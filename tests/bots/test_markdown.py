"""Markdown as owners write it becomes text and entities that Telegram's own library and server take as they are."""

import json
from dataclasses import astuple
from typing import Any

import httpx
import pytest
import tdjson
from aiogram.types import MessageEntity
from hypothesis import example, given
from hypothesis import strategies as st

from bots.markdown import (
    MOST_CAPTION,
    MOST_ENTITIES,
    MOST_TEXT,
    MOST_URL,
    Entity,
    Formatted,
    problem,
    to_telegram,
)
from bots.markdown.addresses import link_address
from tests.bots.conftest import Made
from tests.scene import Control

SITE = "https://example.com/a?b=1"
KINDS = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "blockquote": "BlockQuote",
}
# What Telegram's library would read as its own markup in a text.
ITS_MARKUP = dict.fromkeys(map(ord, "*_~|`["), "x")

MARKUP = [
    "**", "*", "_", "__", "~~", "||", "|", "`", "```", "<b>", "</b>", "<i>", "</i>", "<u>", "</u>", "<code>",
    "</code>", "<tg-spoiler>", "</spoiler>", "<div>", "<br>", "<!-- ", " -->", "<a href='http://a.bc'>", "</a>",
    "[", "](http://a.bc)", "](x)", "![", "> ", "- ", "1. ", "# ", "    ", "---", "[ ] ", "\t", "&amp;", "&nbsp;",
    "&#x200b;", "&#10;", "&#32;", "\\", "[x]: http://a.bc", "[x]", "<http://a.bc>", "\ufeff", " ", " a", "é", "🎯",
    "𝒳", "\u030a", "\u2028", "日本", "\r", "\0", "a", "b", "1", "\n", "\n", "\n\n", "\n|a|b|\n|-|-:|\n|c|",
]  # fmt: skip
markdown = st.lists(st.sampled_from(MARKUP) | st.text(max_size=3), max_size=40).map("".join)


def entities(text: str) -> list[tuple[Any, ...]]:
    return [astuple(entity) for entity in to_telegram(text).entities]


def shape(kind: str, offset: int, length: int, url: str | None = None, language: str | None = None) -> Any:
    return kind, offset, length, url, language


def units(text: str) -> bytes:
    return text.encode("utf-16-le")


def telegrams_own(formatted: Formatted) -> tuple[str, list[tuple[Any, ...]]] | str:
    """What Telegram's library makes of a text and its entities, or why it refuses them."""
    asked = {
        "@type": "parseMarkdown",
        "text": {
            "@type": "formattedText",
            "text": formatted.text.translate(ITS_MARKUP),
            "entities": [_to_library(entity) for entity in formatted.entities],
        },
    }
    answer = json.loads(tdjson.td_execute(json.dumps(asked).encode()))
    if answer["@type"] == "error":
        return str(answer["message"])
    return answer["text"], [_from_library(entity) for entity in answer["entities"]]


def _to_library(entity: Entity) -> dict[str, Any]:
    kind: dict[str, Any] = {"@type": f"textEntityType{KINDS.get(entity.type)}"}
    if entity.type == "text_link":
        kind = {"@type": "textEntityTypeTextUrl", "url": entity.url}
    elif entity.language:
        kind = {"@type": "textEntityTypePreCode", "language": entity.language}
    return {"@type": "textEntity", "offset": entity.offset, "length": entity.length, "type": kind}


def _from_library(entity: dict[str, Any]) -> tuple[Any, ...]:
    names = {f"textEntityType{name}": kind for kind, name in KINDS.items()}
    names |= {"textEntityTypeTextUrl": "text_link", "textEntityTypePreCode": "pre"}
    kind = entity["type"]
    return names[kind["@type"]], entity["offset"], entity["length"], kind.get("language")


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("**b** *i* ~~s~~ `c`", "b i s c", ["bold 0 1", "italic 2 1", "strikethrough 4 1", "code 6 1"]),
        ("__b__ _i_ snake_case_name", "b i snake_case_name", ["bold 0 1", "italic 2 1"]),
        ("||secret|| a || b", "secret a || b", ["spoiler 0 6"]),
        ("\\|\\|open|| \\*a\\*", "||open|| *a*", []),
        ("**a *b***", "a b", ["bold 0 2", "bold 2 1", "italic 2 1"]),
        ("**a `c` b**", "a c b", ["bold 0 2", "code 2 1", "bold 3 2"]),
        ("***both***", "both", ["bold 0 4", "italic 0 4"]),
        ("🎯 **b**", "🎯 b", ["bold 3 1"]),
        ("# Title **x**\n\ntext", "Title x\n\ntext", ["bold 0 7"]),
        ("# Title\ntext", "Title\ntext", ["bold 0 5"]),
        ("a\n\n\n\nb  \nc\nd", "a\n\nb\nc\nd", []),
        ("#hashtag @name /command http://a.bc", "#hashtag @name /command http://a.bc", []),
        ("<http://a.bc/%20ü> <me@a.bc>", "http://a.bc/%20ü me@a.bc", []),
        ("&amp; &lt;b&gt; &#128512;", "& <b> 😀", []),
        ("2 * 3 * 4 < 5 [x] _", "2 * 3 * 4 < 5 [x] _", []),
        ("a\n\n---\n\nb", "a\n\n———\n\nb", []),
        ("```python run\nx = '**'\n```", "x = '**'", ["pre 0 8 python"]),
        ("```\n\tx\n\n  y\n```\nz", "    x\n\n  y\nz", ["pre 0 10"]),
        ("    code\n\ntext", "code\n\ntext", ["pre 0 4"]),
        ("> a\n> > **b**\n>\n> c\n\nd", "a\nb\n\nc\n\nd", ["blockquote 0 6", "bold 2 1"]),
        ("> `c`\n> - x", "c\n• x", ["blockquote 0 5", "code 0 1"]),
        ("> a\n\n\n> b", "a\n\nb", ["blockquote 0 1", "blockquote 3 1"]),
        ("- a\n  b\n  - c\n    1. d\n- e", "• a\n  b\n  • c\n    1. d\n• e", []),
        ("- a\n\n- b\n\n  c", "• a\n\n• b\n\n  c", []),
        ("3) x\n4) y", "3) x\n4) y", []),
        ("1986. Great", "1986. Great", []),
        (
            "- **a**\n- > q\n-\n- ```\n  x\n  ```",
            "• a\n•\nq\n•\n•\nx",
            ["bold 2 1", "blockquote 6 1", "pre 12 1"],
        ),
        ("- [ ] a\n- [x] **b**\n1. [X] c", "☐ a\n☑ b\n1. ☑ c", ["bold 6 1"]),
        ("<b>a <i>b</i></b> <u>c</u>", "a b c", ["bold 0 2", "bold 2 1", "italic 2 1", "underline 4 1"]),
        (
            "<s>a</s><tg-spoiler>b</tg-spoiler><code>c**d**</code>",
            "abcd",
            ["strikethrough 0 1", "spoiler 1 1", "code 2 2"],
        ),
        ("<b>a **b</b> c** </i> <div>d</div>", "<b>a b</b> c </i> <div>d</div>", ["bold 5 7"]),
        ("a<br>b <!-- nobody sees it -->c", "a\nb c", []),
        ("<div>\n**b**", "<div>\nb", ["bold 6 1"]),
        ("", "", []),
        ("[Note]: hello", "[Note]: hello", []),
        ("\ud800 a\u2028b\x07", "\ufffd ab", []),
    ],
)
def test_markdown_reads_as_its_author_meant_it(source: str, text: str, expected: list[str]) -> None:
    formatted = to_telegram(source)
    found = [
        " ".join(map(str, filter(lambda part: part is not None, astuple(entity))))
        for entity in formatted.entities
    ]
    assert (formatted.text, found) == (text, expected)


@pytest.mark.parametrize(
    ("source", "text", "url"),
    [
        (f"[x]({SITE})", "x", SITE),
        ("[x](<http://a.bc/d e> 'title')", "x", "http://a.bc/d%20e"),
        ("[x](t.me/name)", "x", "t.me/name"),
        ("[x](tg://resolve?domain=name)", "x", "tg://resolve?domain=name"),
        ("[x](https://пример.рф/путь)", "x", "https://пример.рф/путь"),
        ("[x][1]\n\n[1]: http://a.bc", "x", "http://a.bc"),
        ("<a class='k' href=\"http://a.bc?d=1&amp;e\">x</a>", "x", "http://a.bc?d=1&e"),
        (f"![alt *text*]({SITE})", "alt text", SITE),
        (f"![]({SITE})", SITE, SITE),
        (f"[]({SITE})", SITE, SITE),
        (f"[![alt](http://a.bc/i.png)]({SITE})", "alt", SITE),
        (f"[`x`]({SITE})", "x", SITE),
        ("[x](#part)", "x", None),
        ("[x](page.html?q='><script>)", "x", "page.html?q='><script>"),
        ("[x](javascript:alert(1))", "x", None),
        ("[x](ftp://a.bc)", "x", None),
        ("[x](https://bank.com@a.bc)", "x", None),
        ("<a href='nowhere'>x</a>", "x", None),
        ("[write](mailto:me@a.bc?subject=x)", "write (me@a.bc)", None),
        ("[me@a.bc](mailto:me@a.bc)", "me@a.bc", None),
        ("[call](tel:+79990000000)", "call (+79990000000)", None),
    ],
)
def test_a_link_is_hidden_behind_its_words_only_when_telegram_can_open_it(
    source: str, text: str, url: str | None
) -> None:
    length = len(units(text)) // 2
    assert to_telegram(source).text == text
    assert entities(source) == ([shape("text_link", 0, length, url)] if url else [])


def test_styles_stay_inside_and_around_a_link() -> None:
    assert entities(f"**a [b *c*]({SITE}) d**") == [
        shape("bold", 0, 2),
        shape("text_link", 2, 3, SITE),
        shape("bold", 2, 2),
        shape("bold", 4, 1),
        shape("italic", 4, 1),
        shape("bold", 5, 2),
    ]


def test_a_table_is_drawn_in_columns_and_keeps_its_addresses() -> None:
    source = f"| Name | Sum |\n|:---|---:|\n| **Ann** | 5 |\n| 日本 | 1200 |\n| [x]({SITE}) |"
    formatted = to_telegram(source)
    wide = len(f"x ({SITE})")
    assert formatted.text.split("\n") == [
        f"{'Name':{wide}} |  Sum",
        f"{'-' * wide}-+-----",
        f"{'Ann':{wide}} |    5",
        f"日本{' ' * (wide - 4)} | 1200",
        f"x ({SITE}) |",
    ]
    assert formatted.entities == (Entity("pre", 0, formatted.length),)


def test_cells_beyond_the_head_are_kept() -> None:
    assert to_telegram("|a|b|\n|-|-|\n|c|d|e||f|").text == "a | b\n--+----------\nc | d | e | f"


def test_the_words_in_quotes_too_deep_for_the_parser_are_kept() -> None:
    formatted = to_telegram(">" * 500 + " deep\n\nafter")
    assert formatted.text.endswith("> deep\n\nafter")
    assert len(to_telegram("![" * 500 + "alt" + "](http://a.bc)" * 500).text) > len("alt")


@pytest.mark.parametrize(
    ("formatted", "said"),
    [
        (to_telegram(""), "The text is empty."),
        (to_telegram("&nbsp;\u200b\n\n<!-- x -->"), "The text is empty."),
        (to_telegram("a" * MOST_TEXT), None),
        (to_telegram("😀" * (MOST_TEXT // 2)), None),
        (to_telegram("**" + "a" * MOST_TEXT + "**"), None),
        (to_telegram("a" * MOST_TEXT + "b"), "The text has 4097 characters, Telegram takes 4096 at most."),
        (
            to_telegram("😀" * (MOST_TEXT // 2) + "b"),
            "The text has 4097 characters, Telegram takes 4096 at most.",
        ),
        (to_telegram("*i* " * MOST_ENTITIES), None),
        (
            to_telegram("*i* " * MOST_ENTITIES + "**b**"),
            "The text has 101 pieces of formatting, Telegram takes 100 at most and ignores the rest.",
        ),
        (
            to_telegram(f"[x](http://a.bc/{'d' * MOST_URL})"),
            f"A link is {MOST_URL + len('http://a.bc/')} characters long, {MOST_URL} is the most.",
        ),
    ],
)
def test_what_telegram_would_refuse_is_said_in_one_sentence(formatted: Formatted, said: str | None) -> None:
    found = problem(formatted)
    assert (str(found) if found else None) == said


def test_a_caption_is_shorter_than_a_text() -> None:
    formatted = to_telegram("a" * (MOST_CAPTION + 1))
    assert problem(formatted) is None
    assert problem(formatted, most_text=MOST_CAPTION)


@given(st.text() | st.text(alphabet=st.characters(categories=["Cs", "Ll", "Po"])) | markdown)
@example("||" * 500)
@example("[" * 500)
def test_any_text_at_all_becomes_a_message(source: str) -> None:
    formatted = to_telegram(source)
    problem(formatted)
    assert formatted.text == formatted.text.rstrip(" \n")


@given(markdown)
def test_entities_lie_on_whole_signs_inside_the_text_nested_or_apart(source: str) -> None:
    formatted = to_telegram(source)
    around: list[Entity] = []
    for entity in formatted.entities:
        assert 0 <= entity.offset < entity.end <= formatted.length
        units(formatted.text)[2 * entity.offset : 2 * entity.end].decode("utf-16-le")
        while around and around[-1].end <= entity.offset:
            around.pop()
        assert all(entity.end <= outer.end for outer in around)
        assert all(outer.type not in ("code", "pre", entity.type) for outer in around)
        around.append(entity)


@given(markdown)
def test_telegrams_own_library_changes_nothing(source: str) -> None:
    formatted = to_telegram(source)
    expected = [(e.type, e.offset, e.length, e.language) for e in formatted.entities]
    assert telegrams_own(formatted) == (formatted.text.translate(ITS_MARKUP), expected)


@given(
    st.from_regex(r"(https?://|tg://|ton://|tonsite://|)[a-z0-9я.:@_/?#%-]{0,12}", fullmatch=True)
    | st.text(max_size=9).map(lambda end: "http://a.bc" + end)
)
def test_telegrams_own_library_takes_every_address_we_make_a_link_of(written: str) -> None:
    address = link_address(written)
    if address is None:
        return
    taken = telegrams_own(Formatted("x", (Entity("text_link", 0, 1, url=address),)))
    assert taken == ("x", [("text_link", 0, 1, None)])


words = st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=5)
marks = st.sampled_from(
    ["**", "*", "_", " __", "~~", "||", "`", " ", "<b>", "</b>", "<i>", "</u>", "<x>", "\n", "\n\n", "\n> ", "\n- ",
     "\n  - ", "\n# ", "\n===\n", "\n---\n", "[", "]", "](http://a.bc)", "![", "\\", "&", ": ", "\n|", "|", "\n1. ",
     "\n|-|\n", "\n    ", "\n[x]: ", "<br>", "||**", "**||", "🎯"]
)  # fmt: skip


@given(st.lists(st.tuples(marks, words), max_size=25))
def test_no_word_is_lost_whatever_marks_stand_around_it(parts: list[tuple[str, str]]) -> None:
    shown = to_telegram("".join(mark + word for mark, word in parts)).text
    place = 0
    for _, word in parts:
        place = shown.index(word, place) + len(word)


@given(st.lists(st.lists(words, min_size=1, max_size=5).map(" ".join), max_size=6))
def test_text_without_marks_stays_as_it_is(lines: list[str]) -> None:
    text = "\n\n".join(lines).replace("а\n\n", "а\n")
    assert to_telegram(text) == Formatted(text)


@pytest.mark.parametrize(
    "source",
    [
        f"# 🎯 Title\n\n**a *b*** `c` [d **e**]({SITE}) ~~f~~ ||g||\n\n> q **h**\n> `i`\n\n- j\n\n```py\n  k\n```",
        "```\n  indented\n```",
        "<u>a</u>\n\n| x | y |\n|---|---|\n| 1 | 2 |",
    ],
)
def test_the_server_gives_back_what_was_sent(source: str, control: Control, made: Made) -> None:
    person = control.person()
    control.start(person, made.id)
    formatted = to_telegram(source)
    request = {"chat_id": person, "text": formatted.text, "entities": formatted.entities_as_dicts()}
    answer = httpx.post(f"{control.url}/bot{made.token}/sendMessage", json=request)
    message = answer.raise_for_status().json()["result"]
    assert message["text"] == formatted.text
    assert message["entities"] == formatted.entities_as_dicts()


def test_entities_are_what_the_client_library_takes() -> None:
    for entity in to_telegram(f"**a** [b]({SITE})\n```py\nc\n```").entities:
        assert MessageEntity(**entity.as_dict()).model_dump(exclude_none=True) == entity.as_dict()
