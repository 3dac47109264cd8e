"""The stage director: faults, the log of calls, what was accepted, the page and its events."""

import json
import time

import httpx
import pytest

from tests.sandbox.conftest import ActingBot, Stage


@pytest.fixture
def chat(stage: Stage, bot: ActingBot, ann: int) -> int:
    stage.start(ann, bot)
    return ann


def accepted(stage: Stage, bot: ActingBot) -> list[str]:
    return [entry["text"] for entry in stage.get(f"/accepted?bot_id={bot.id}")]


def test_it_is_healthy_and_names_its_parser(stage: Stage) -> None:
    health = stage.get("/health")
    assert health.pop("smtp_port") > 0
    assert health == {"status": "ok", "parser": "tdjson"}


def test_an_error_happens_as_often_as_asked_and_nothing_is_sent(
    stage: Stage, bot: ActingBot, chat: int
) -> None:
    stage.post("/faults", kind="error", method="sendMessage", retry_after=7, times=2)
    for _ in range(2):
        refused = bot.ask("sendMessage", chat_id=chat, text="x")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
        assert refused.json()["parameters"] == {"retry_after": 7}
    bot.call("sendMessage", chat_id=chat, text="at last")
    assert accepted(stage, bot) == ["at last"]


def test_a_fault_meets_only_calls_that_match(stage: Stage, bot: ActingBot, chat: int) -> None:
    stage.post(
        "/faults",
        kind="error",
        match=f'"chat_id": {chat}',
        code=500,
        description="Internal Server Error: restart",
    )
    assert bot.call("getMe")
    assert bot.refusal("sendMessage", chat_id=chat, text="x") == (500, "Internal Server Error: restart")


def test_a_group_may_have_moved(stage: Stage, bot: ActingBot, chat: int) -> None:
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    moved = {"migrate_to_chat_id": -1001}
    stage.post("/faults", kind="error", code=400, description=words, parameters=moved)
    body = bot.ask("sendMessage", chat_id=chat, text="x").json()
    assert body == {"ok": False, "error_code": 400, "description": words, "parameters": moved}


def test_a_delayed_call_is_done_in_the_end(stage: Stage, bot: ActingBot, chat: int) -> None:
    stage.post("/faults", kind="delay", ms=300)
    begun = time.monotonic()
    bot.call("sendMessage", chat_id=chat, text="late")
    assert time.monotonic() - begun >= 0.3


def test_a_connection_is_cut_after_the_work_was_done(stage: Stage, bot: ActingBot, chat: int) -> None:
    stage.post("/faults", kind="reset_after_accept", method="sendMessage")
    with pytest.raises(httpx.TransportError):
        bot.ask("sendMessage", chat_id=chat, text="unknown")
    assert accepted(stage, bot) == ["unknown"]
    bot.call("sendMessage", chat_id=chat, text="again")


def test_a_proxy_answers_in_html(stage: Stage, bot: ActingBot, chat: int) -> None:
    stage.post("/faults", kind="html_502", times=None)
    for _ in range(3):
        broken = bot.ask("sendMessage", chat_id=chat, text="x")
        assert broken.status_code == 502 and broken.text.startswith("<html>")
    stage.delete("/faults")
    assert accepted(stage, bot) == []


def test_an_unknown_kind_is_refused(stage: Stage) -> None:
    answer = stage.http.post("/sandbox/faults", json={"kind": "fire"})
    assert answer.status_code == 400 and "A fault's kind" in answer.json()["error"]


def test_calls_and_accepted_messages_are_told_in_order(stage: Stage, bot: ActingBot, chat: int) -> None:
    bot.ask("sendMessage", chat_id=chat, text="one")
    bot.ask("sendMessage", chat_id=chat, text="")
    calls = stage.get(f"/calls?method=sendmessage&bot_id={bot.id}")
    assert [(call["params"]["text"], call["status"]) for call in calls] == [("one", 200), ("", 400)]
    (entry,) = stage.get(f"/accepted?bot_id={bot.id}")
    assert entry.items() >= {"method": "sendMessage", "chat_id": chat, "text": "one"}.items()
    assert entry["message_id"] and abs(entry["at"] - time.time()) < 3600


def test_the_world_lists_the_newest_two_hundred_people(fresh_stage: Stage) -> None:
    made = fresh_stage.post("/people", first_name="P", count=250)
    world = fresh_stage.get("/world")
    assert world["people_count"] == 250
    assert [person["id"] for person in world["people"]] == [person["id"] for person in made[:49:-1]]


def test_the_page_is_served_fresh_and_nothing_outside_it(stage: Stage) -> None:
    page = stage.http.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Cache-Control"] == "no-store"
    assert stage.http.get("/page/%2e%2e/server.py").status_code == 404


def test_events_tell_what_changed(stage: Stage, bot: ActingBot, ann: int, channel: int) -> None:
    with stage.http.stream("GET", "/sandbox/events") as events:
        lines = events.iter_lines()
        next(lines)
        bot.http.post(f"/bot{bot.token}/sendMessage", json={"chat_id": channel, "text": "x"})
        event = next(json.loads(line[6:]) for line in lines if line.startswith("data: "))
    assert event.items() >= {"kind": "message", "chat_id": channel}.items()


def test_a_storm_of_changes_becomes_one_event(stage: Stage, bot: ActingBot) -> None:
    people = stage.post("/people", first_name="P", count=40)
    with stage.http.stream("GET", "/sandbox/events") as events:
        lines = events.iter_lines()
        next(lines)
        with httpx.Client(base_url=stage.url) as http:
            for person in people:
                http.post(f"/sandbox/people/{person['id']}/say", json={"bot": bot.id, "text": "x"})
        assert any(line == 'data: {"kind": "world"}' for line in lines)
