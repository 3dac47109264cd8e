"""A crowd follows a button and plays the bot's captcha."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from sandbox.control.captcha import solution
from tests.sandbox.conftest import ActingBot, Stage, wait_for


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("7 + 5 = ?", 12),
        ("How much is 7 × 5?", 35),
        ("Solve: 9−4=?", 5),
        ("Сколько будет 3 * 8 ?", 24),
        ("You have 3 attempts.\n\n10 - 2 = ?", 8),
        ("Ends 2026-11-21. What is 2 + 2", 4),
        ("Welcome, you are in!", None),
        ("Ends 2026-11-21 at 10:00", None),
        ("Results in 3-5 minutes, your code is a9-22", None),
        ("Please add: 2 + 2.", 4),
    ],
)
def test_a_question_is_read_liberally(words: str, expected: int | None) -> None:
    assert solution(words) == expected


@contextmanager
def captcha_bot(bot: ActingBot, attempts: int = 3) -> Iterator[dict[int, list[str]]]:
    """A bot with a captcha, polling in a thread; gives what everybody said."""
    said: dict[int, list[str]] = {}
    leaving = threading.Event()

    def reply(text: str, before: list[str]) -> str:
        if text == "12":
            return "You are in!"
        return "Too many attempts." if len(before) > attempts else "What is 7 + 5 = ?"

    def serve() -> None:
        offset = 0
        with httpx.Client(base_url=bot.http.base_url, timeout=30) as http:
            while not leaving.is_set():
                path = f"/bot{bot.token}/"
                found = http.post(path + "getUpdates", json={"offset": offset, "timeout": 1}).json()["result"]
                for update in found:
                    offset = update["update_id"] + 1
                    message: dict[str, Any] = update.get("message") or {}
                    if message:
                        words = said.setdefault(message["chat"]["id"], [])
                        words.append(message["text"])
                        body = {"chat_id": message["chat"]["id"], "text": reply(message["text"], words)}
                        http.post(path + "sendMessage", json=body)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield said
    finally:
        leaving.set()
        thread.join()


@pytest.fixture
def gather(stage: Stage, bot: ActingBot, channel: int) -> Callable[..., dict[str, Any]]:
    button = {"text": "Join", "url": f"https://t.me/{bot.username}?start=giveaway_1"}
    markup = {"inline_keyboard": [[button]]}
    post = bot.call("sendMessage", chat_id=channel, text="Win!", reply_markup=markup)["message_id"]

    def begin(**about: Any) -> dict[str, Any]:
        body = {"channel_id": channel, "post_id": post, "over_seconds": 0.2, **about}
        return dict(stage.post("/crowd", **body))

    return begin


def finished(stage: Stage, crowd: dict[str, Any]) -> dict[str, Any]:
    def done() -> Any:
        state = stage.get(f"/crowd/{crowd['crowd_id']}")
        return state if state["done"] else None

    return dict(wait_for(done, 15))


@pytest.mark.parametrize(
    ("captcha", "expected"),
    [
        ("solve", ["/start giveaway_1", "12"]),
        ("fail", ["/start giveaway_1", "13", "13", "13"]),
        ("fail_then_solve", ["/start giveaway_1", "13", "12"]),
    ],
)
def test_a_crowd_plays_the_captcha(
    stage: Stage, bot: ActingBot, gather: Any, channel: int, captcha: str, expected: list[str]
) -> None:
    with captcha_bot(bot) as said:
        crowd = gather(count=20, captcha=captcha)
        state = finished(stage, crowd)
    assert len(crowd["people"]) == 20
    assert state.items() >= {"count": 20, "started": 20, "answered": 20, "done": True}.items()
    assert [said[person] for person in crowd["people"]] == [expected] * 20
    assert bot.call("getChatMemberCount", chat_id=channel) == 22


def test_a_crowd_may_stay_outside_the_channel(
    stage: Stage, bot: ActingBot, gather: Any, channel: int
) -> None:
    crowd = gather(count=2, subscribe=False)
    wait_for(lambda: stage.get(f"/crowd/{crowd['crowd_id']}")["started"] == 2)
    assert bot.call("getChatMember", chat_id=channel, user_id=crowd["people"][0])["status"] == "left"
    assert not stage.get(f"/crowd/{crowd['crowd_id']}")["done"]


def test_a_crowd_needs_a_button_to_follow(stage: Stage, channel: int) -> None:
    post = stage.post(f"/channels/{channel}/posts", text="no button")["message_id"]
    answer = stage.http.post("/sandbox/crowd", json={"channel_id": channel, "post_id": post, "count": 1})
    assert answer.status_code == 404
    assert re.search("button", answer.json()["error"])
