"""Long polling: what stays, what is confirmed, who is refused, and which updates are made at all."""

import json
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx

from tests.sandbox.conftest import ActingBot, Stage, wait_for

OTHER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


def poll(bot: ActingBot, **parameters: Any) -> list[dict[str, Any]]:
    return list(bot.call("getUpdates", **parameters))


def polling(pool: ThreadPoolExecutor, bot: ActingBot, **parameters: Any) -> Future[httpx.Response]:
    """A poll in another thread."""

    def ask() -> httpx.Response:
        with httpx.Client(base_url=bot.http.base_url, timeout=30) as http:
            return http.post(f"/bot{bot.token}/getUpdates", json=parameters)

    return pool.submit(ask)


def test_an_update_stays_until_a_higher_offset_confirms_it(stage: Stage, bot: ActingBot, ann: int) -> None:
    for text in ("one", "two", "three"):
        stage.say(ann, bot, text)
    first = poll(bot)
    assert texts(first) == ["one", "two", "three"]
    assert [update["update_id"] - first[0]["update_id"] for update in first] == [0, 1, 2]
    assert texts(poll(bot, offset=first[1]["update_id"])) == ["two", "three"]
    assert texts(poll(bot, offset=first[2]["update_id"])) == ["three"]


def test_a_negative_offset_keeps_the_newest_and_forgets_the_rest(
    stage: Stage, bot: ActingBot, ann: int
) -> None:
    for text in ("one", "two", "three"):
        stage.say(ann, bot, text)
    assert texts(poll(bot, offset=-1)) == ["three"]
    assert texts(poll(bot)) == ["three"]


def test_the_limit_bounds_one_answer(stage: Stage, bot: ActingBot, ann: int) -> None:
    for text in ("one", "two", "three"):
        stage.say(ann, bot, text)
    assert texts(poll(bot, limit=2)) == ["one", "two"]


def test_a_waiting_poll_is_answered_when_something_happens(stage: Stage, bot: ActingBot, ann: int) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = polling(pool, bot, timeout=20)
        wait_for(lambda: stage.is_polled(bot))
        stage.say(ann, bot, "hello")
        assert texts(waiting.result(5).json()["result"]) == ["hello"]


def test_repeating_an_offset_quickly_is_slow_and_gets_one_update(
    stage: Stage, bot: ActingBot, ann: int
) -> None:
    assert poll(bot, timeout=0) == []
    with ThreadPoolExecutor() as pool:
        waiting = polling(pool, bot, timeout=0)
        wait_for(lambda: stage.is_polled(bot))
        stage.say(ann, bot, "one")
        assert texts(waiting.result(5).json()["result"]) == ["one"]
    stage.say(ann, bot, "two")
    assert texts(poll(bot)) == ["one"]


def test_the_older_of_two_pollers_is_refused(stage: Stage, bot: ActingBot, ann: int) -> None:
    with ThreadPoolExecutor() as pool:
        older = polling(pool, bot, timeout=20)
        wait_for(lambda: stage.is_polled(bot))
        newer = polling(pool, bot, timeout=20)
        refused = older.result(5)
        assert (refused.status_code, refused.json()["description"]) == (409, OTHER)
        stage.say(ann, bot, "hello")
        assert texts(newer.result(5).json()["result"]) == ["hello"]


def test_setting_a_webhook_ends_the_poll_and_forbids_the_next(stage: Stage, bot: ActingBot) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = polling(pool, bot, timeout=20)
        wait_for(lambda: stage.is_polled(bot))
        bot.call("setWebhook", url="http://127.0.0.1:9/hook")
        assert waiting.result(5).json()["description"] == "Conflict: terminated by setWebhook request"
    assert bot.refusal("getUpdates") == (
        409,
        (
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        ),
    )
    bot.call("deleteWebhook")
    assert poll(bot, offset=-1) == []


def test_joins_are_told_only_to_a_bot_that_asks_for_them(stage: Stage, bot: ActingBot, channel: int) -> None:
    stage.put(f"/channels/{channel}/members/{stage.person()}")
    assert bot.updates("chat_member") == []
    bot.call("getUpdates", offset=-1, allowed_updates=json.dumps(["message", "chat_member"]))
    bob = stage.person("Bob")
    stage.put(f"/channels/{channel}/members/{bob}")
    stage.delete(f"/channels/{channel}/members/{bob}")
    changes = bot.updates("chat_member")
    assert [change["new_chat_member"]["status"] for change in changes] == ["member", "left"]
    assert changes[0]["invite_link"]["invite_link"].startswith("https://t.me/+")
    bot.call("getUpdates", offset=-2, allowed_updates=[])
    stage.put(f"/channels/{channel}/members/{bob}")
    assert bot.updates("chat_member") == []


def test_a_bot_does_not_hear_itself_but_hears_the_owner_and_other_bots(
    stage: Stage, bot: ActingBot, channel: int
) -> None:
    other = stage.bot()
    stage.promote(channel, other)
    bot.call("sendMessage", chat_id=channel, text="from one")
    other.call("sendMessage", chat_id=channel, text="from the other")
    stage.post(f"/channels/{channel}/posts", text="from the owner")
    assert [post["text"] for post in bot.updates("channel_post")] == ["from the other", "from the owner"]


def test_old_updates_expire(fresh_stage: Stage) -> None:
    bot, ann = fresh_stage.bot(), fresh_stage.person()
    channel = fresh_stage.channel(ann, bot)
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    post = bot.call("sendMessage", chat_id=channel, text="x", reply_markup=keyboard)
    fresh_stage.press(ann, channel, post["message_id"], "Go", wait=0)
    fresh_stage.put("/clock", advance=151)
    assert [kind for update in bot.updates() for kind in update if kind != "update_id"] == ["my_chat_member"]


def test_update_ids_keep_growing_over_a_reset(fresh_stage: Stage) -> None:
    def last_update_id() -> int:
        bot = fresh_stage.bot()
        fresh_stage.start(fresh_stage.person(), bot)
        return int(bot.updates()[-1]["update_id"])

    before = last_update_id()
    fresh_stage.post("/reset")
    assert fresh_stage.get("/world")["bots"] == []
    assert last_update_id() > before


def test_a_start_carries_its_payload_as_a_command(stage: Stage, bot: ActingBot, ann: int) -> None:
    stage.start(ann, bot, "giveaway_7")
    (message,) = wait_for(lambda: bot.updates("message"))
    assert message["text"] == "/start giveaway_7"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert message["from"]["id"] == message["chat"]["id"] == ann
