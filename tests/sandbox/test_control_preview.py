"""The public preview page: posts, views and paging in the markup of t.me/s."""

import re
from collections.abc import Iterator

import pytest

from sandbox.control.preview import abbreviated
from sandbox.control.preview_text import to_html
from tests.sandbox.conftest import ActingBot, Stage


@pytest.fixture
def name(stage: Stage, ann: int, bot: ActingBot) -> Iterator[str]:
    """A public channel with 25 posts."""
    name = f"preview{ann}"
    channel = stage.channel(ann, bot, username=name)
    for number in range(1, 26):
        bot.call("sendMessage", chat_id=channel, text=f"<b>post</b> {number}\nline", parse_mode="HTML")
    yield name
    stage.put("/preview", profile="2026")


def posts(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-post="\w+/(\d+)"', page)]


@pytest.mark.parametrize(
    ("count", "new", "old"),
    [
        (842, "842", "842"),
        (1000, "1K", "1K"),
        (1234, "1.23K", "1.2K"),
        (27_400, "27.4K", "27.4K"),
        (187_000, "187K", "187K"),
        (436_600, "436K", "436.6K"),
        (1_020_000, "1.02M", "1M"),
        (11_900_000, "11.9M", "11.9M"),
    ],
)
def test_views_are_abbreviated_as_in_either_year(count: int, new: str, old: str) -> None:
    assert (abbreviated(count, "2026"), abbreviated(count, "2023")) == (new, old)


def test_text_becomes_html_by_utf16_offsets() -> None:
    entities = [{"type": "bold", "offset": 3, "length": 4}, {"type": "italic", "offset": 5, "length": 2}]
    assert to_html("🎯 a&bc\nd", entities) == "🎯 <b>a&amp;<i>bc</i></b><br/>d"


def test_the_newest_twenty_come_oldest_first_and_lead_back(stage: Stage, name: str) -> None:
    page = stage.http.get(f"/s/{name}").text
    assert posts(page) == list(range(6, 26))
    assert "tgme_channel_info" in page
    assert (
        '<div class="tgme_widget_message_text js-message_text" dir="auto"><b>post</b> 25<br/>line</div>'
        in page
    )
    assert f'href="/s/{name}?before=6" class="tme_messages_more js-messages_more" data-before="6"' in page
    older = stage.http.get(f"/s/{name}?before=6").text
    assert posts(older) == [1, 2, 3, 4, 5]
    assert posts(stage.http.get(f"/s/{name}?after=20").text) == [21, 22, 23, 24, 25]
    assert posts(stage.http.get(f"/s/{name}?q=POST 7").text) == [7]
    assert posts(stage.http.get(f"/s/{name}?before=1").text) == []


def test_views_and_edits_are_shown(stage: Stage, name: str, bot: ActingBot) -> None:
    stage.post(f"/channels/{name}/views", post_id=25, count=1233)
    bot.call("editMessageText", chat_id=f"@{name}", message_id=25, text="changed")
    last = stage.http.get(f"/s/{name}").text.split("tgme_widget_message_wrap")[-1]
    assert '<span class="tgme_widget_message_views">1.23K</span>' in last
    assert "edited &nbsp;" in last


def test_without_a_public_channel_there_is_only_a_redirect(stage: Stage) -> None:
    answer = stage.http.get("/s/nobody_at_all")
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://t.me/nobody_at_all")
    assert answer.content == b""


def test_the_markup_may_change_beyond_recognition(stage: Stage, name: str) -> None:
    stage.put("/preview", profile="changed")
    assert "tgme_widget_message" not in stage.http.get(f"/s/{name}").text
