"""How posts read: people's words stay text, and what Telegram would refuse is refused when it is written."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import User
from giveaways import composition
from giveaways.composition import Promise, announcement, longest_announcement, visible_length
from tests.giveaways.rows import FIELDS, make_draft
from tests.scene import Scene

Api = Callable[[User | None], APIClient]
SPITEFUL = "<b>bold</b> & <script> </i> &lt; {title} \"quoted\" 'single'"
MESSAGES = ["public_conclusion_message", "winner_message", "loser_message"]


def room(title: str, most: int) -> int:
    """How long the body may be beside this title."""
    return most - longest_announcement(Promise(title, "", 1, "en"))


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_written_becomes_markup(title: str, body: str) -> None:
    html = announcement(Promise(title, body, 1, "en"), sha256="0" * 64)
    assert composition.TAG.findall(html) == ["<b>", "</b>", "<code>", "</code>"]


@given(st.text())
def test_length_is_counted_as_telegrams_clients_do(text: str) -> None:
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    assert visible_length(announcement(Promise("", text, 1, "en"), sha256="")) == units + visible_length(
        announcement(Promise("", "", 1, "en"), sha256="")
    )


def test_html_is_shown_as_text(scene: Scene) -> None:
    giveaway = scene.published(title=f"T {SPITEFUL}", main_body=f"B {SPITEFUL}")
    text = scene.control.posts(scene.channel)[-1]["text"]
    assert giveaway.status == "active"
    assert f"T {SPITEFUL}" in text
    assert f"B {SPITEFUL}" in text


def test_the_longest_post_that_is_taken_is_posted_and_closed(scene: Scene) -> None:
    body = "&" * room("Tea", composition.MOST_TEXT)
    giveaway = scene.published(title="Tea", main_body=body)
    scene.finished(giveaway)
    announced, _conclusion = scene.control.posts(scene.channel)
    assert announced["text"].endswith("Finished.")


def test_one_character_more_is_refused_and_names_the_body(owner: User, api: Api) -> None:
    title = "T" * 255
    body = "x" * (room(title, composition.MOST_TEXT) + 1)
    answer = api(owner).post("/api/giveaways/create", {"title": title, "main_body": body})
    assert (answer.status_code, answer.json()["code"]) == (400, "POST_TOO_LONG")
    assert list(answer.json()["errors"]) == ["main_body"]
    assert "Shorten the text by 1." in answer.json()["message"]


def test_emoji_count_twice(owner: User, api: Api) -> None:
    fields: dict[str, Any] = {**FIELDS, "main_body": "🎁" * 2100}
    assert api(owner).post("/api/giveaways/create", fields).json()["code"] == "POST_TOO_LONG"


def test_a_change_is_measured_as_well(owner: User, api: Api) -> None:
    draft = make_draft(owner, main_body="x" * room("A bag of coffee", composition.MOST_TEXT))
    answer = api(owner).patch(f"/api/giveaways/{draft.pk}", {"title": "A bag of coffee!"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["main_body"])


@pytest.mark.parametrize("field", MESSAGES)
@pytest.mark.parametrize("text", ["x" * 4000, "🎉" * 2000, "&" * 3700])
def test_a_final_message_nobody_could_be_sent_is_refused(
    owner: User, api: Api, field: str, text: str
) -> None:
    draft = make_draft(owner)
    for method, path in [("patch", ""), ("put", "/finish-messages")]:
        answer = getattr(api(owner), method)(f"/api/giveaways/{draft.pk}{path}", {field: text})
        assert (answer.status_code, answer.json()["code"]) == (400, "POST_TOO_LONG")
        assert list(answer.json()["errors"]) == [field]


def test_the_longest_final_messages_reach_the_channel_and_the_people(scene: Scene) -> None:
    draw_url = f"http://testserver/draws/{'x' * 16}/"
    text = "<" * (composition.MOST_TEXT - composition.longest_conclusion("Tea", "", draw_url=draw_url))
    giveaway = scene.published(title="Tea", **dict.fromkeys(MESSAGES, text))
    winner, loser = scene.enrolled(giveaway, 2)
    scene.finished(giveaway)
    assert text in scene.control.posts(scene.channel)[-1]["text"]
    assert [text in scene.last(person) for person in (winner, loser)] == [True, True]
