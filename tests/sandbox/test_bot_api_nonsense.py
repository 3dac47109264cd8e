"""Nonsense in any parameter of any method gets a refusal in the right envelope, never a broken server."""

from typing import Any

import pytest

from sandbox.telegram.methods.registry import METHODS
from tests.sandbox.conftest import ActingBot, Stage

NONSENSE: list[Any] = ["x", "{", "[]", '{"a": 1}', [], ["x"], [[1]], {"a": 1}, -1, 10**30, True, "🎯" * 3]
PARAMETERS = {
    *("allowed_updates", "callback_query_id", "caption", "caption_entities", "commands", "document"),
    *("entities", "file_id", "from_chat_id", "limit", "link_preview_options", "media", "menu_button"),
    *("message_id", "message_ids", "offset", "parse_mode", "photo", "reply_markup", "reply_parameters"),
    *("rights", "scope", "text", "timeout", "title", "until_date", "user_id", "video"),
}
FIELDS = {
    *(
        "first_name",
        "username",
        "title",
        "owner_id",
        "bot",
        "text",
        "button",
        "chat_id",
        "message_id",
        "kind",
    ),
    *("times", "ms", "code", "wait", "count", "channel_id", "post_id", "over_seconds", "enabled", "per_bot"),
}
HEADERS = {"Content-Type": "application/json"}


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
def test_nonsense_is_refused_in_shape(bot: ActingBot, channel: int, value: Any) -> None:
    names = [method.name for method in METHODS.values() if method.name not in {"setWebhook", "leaveChat"}]
    calls = [(name, {"chat_id": channel, **dict.fromkeys(PARAMETERS, value)}) for name in names]
    calls += [("sendMessage", {"chat_id": channel, "text": "x", name: value}) for name in PARAMETERS]
    calls += [("sendMessage", {"chat_id": value, "text": "x"}), ("getChat", {"chat_id": value})]
    for method, parameters in calls:
        body = bot.ask(method, **parameters | {"timeout": 0}).json()
        assert body["ok"] or body["error_code"] in range(400, 430), (method, body)


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
def test_nonsense_in_control_calls_is_a_sentence(stage: Stage, ann: int, value: Any) -> None:
    body = dict.fromkeys(FIELDS, value)
    paths = ("bots", "people", "channels", f"people/{ann}/say", f"people/{ann}/press", "faults", "crowd")
    answers = [stage.http.post(f"/sandbox/{path}", json=body) for path in paths]
    answers += [stage.http.put("/sandbox/limits", json=about) for about in (body, {"per_bot": value})]
    for answer in answers:
        assert answer.is_success or answer.json()["error"]


def test_half_a_character_is_refused(stage: Stage, bot: ActingBot, channel: int) -> None:
    half = r'{"chat_id": "@x", "text": "\ud83d", "first_name": "\ud83d"}'
    answer = stage.http.post(f"/bot{bot.token}/sendMessage", content=half, headers=HEADERS)
    assert answer.json()["description"] == "Bad Request: strings must be encoded in UTF-8"
    answer = stage.http.post("/sandbox/people", content=half, headers=HEADERS)
    assert answer.json() == {"error": "The body is not UTF-8."}
