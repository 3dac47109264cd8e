"""The stand-in for MTProto: messages by id for a bot in the channel, invite links, and what really happened."""

from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import ActingBot, Stage


def ask(stage: Stage, method: str, **body: Any) -> httpx.Response:
    return stage.http.post(f"/mtproto/{method}", json=body)


def messages(stage: Stage, bot: ActingBot, channel: int, ids: Any) -> httpx.Response:
    return ask(stage, "channels.getMessages", bot_token=bot.token, channel_id=channel, ids=ids)


def test_views_are_told_by_id_and_the_missing_is_empty(stage: Stage, bot: ActingBot, channel: int) -> None:
    post = bot.call("sendMessage", chat_id=channel, text="Hello")["message_id"]
    bot.call("pinChatMessage", chat_id=channel, message_id=post)
    stage.post(f"/channels/{channel}/views", post_id=post, count=41)
    first, pin, none = messages(stage, bot, channel, [post, post + 1, post + 2]).json()["messages"]
    assert (first["id"], first["views"], first["grouped_id"]) == (post, 42, None)
    assert pin.get("service")
    assert none == {"id": post + 2, "empty": True}


@pytest.mark.parametrize("ids", [None, "1", ["1"], list(range(101))])
def test_it_takes_a_hundred_ids_at_most(stage: Stage, bot: ActingBot, channel: int, ids: Any) -> None:
    assert messages(stage, bot, channel, ids).status_code == 400


def test_a_bot_outside_and_a_wrong_token_are_refused(stage: Stage, bot: ActingBot, channel: int) -> None:
    outside = stage.bot()
    assert messages(stage, outside, channel, [1]).json() == {"error": "CHANNEL_INVALID"}
    outside.token = "1:wrong"
    assert messages(stage, outside, channel, [1]).json() == {"error": "ACCESS_TOKEN_INVALID"}


def test_an_invite_link_leads_to_its_channel(stage: Stage, ann: int, bot: ActingBot, channel: int) -> None:
    link = bot.call("createChatInviteLink", chat_id=channel, name="advert")
    secret = link["invite_link"].rpartition("+")[2]
    found = ask(stage, "messages.checkChatInvite", hash=secret).json()
    assert (found["id"], found["title"]) == (channel, "News")
    bot.call("revokeChatInviteLink", chat_id=channel, invite_link=link["invite_link"])
    assert ask(stage, "messages.checkChatInvite", hash=secret).json() == {"error": "INVITE_HASH_EXPIRED"}


def test_a_channel_that_lets_nobody_in_unasked_shows_its_title_only(stage: Stage, ann: int) -> None:
    made = stage.post("/channels", title="Club", owner_id=ann, join_by_request=True)
    secret = made["invite_link"].rpartition("+")[2]
    assert ask(stage, "messages.checkChatInvite", hash=secret).json() == {"title": "Club"}


def test_it_misbehaves_when_asked_to(stage: Stage, bot: ActingBot, channel: int) -> None:
    stage.post("/faults", kind="error", method="channels.getMessages", code=420, retry_after=30)
    refused = messages(stage, bot, channel, [1])
    assert (refused.status_code, refused.json()) == (420, {"error": "FLOOD_WAIT_30"})
    stage.post("/faults", kind="html_502", method="channels.getMessages")
    assert messages(stage, bot, channel, [1]).status_code == 502


def test_others_links_are_shown_to_a_bot_in_part(stage: Stage, bot: ActingBot, channel: int) -> None:
    other = stage.bot()
    stage.promote(channel, other)
    for one in (bot, other):
        one.call("getUpdates", offset=-1, allowed_updates=["chat_member"])
    link = bot.call("createChatInviteLink", chat_id=channel, name="advert")["invite_link"]
    stage.put(f"/channels/{channel}/members/{stage.person()}?invite_link={link.replace('+', '%2B')}")
    [own], [others] = bot.updates("chat_member"), other.updates("chat_member")
    assert own["invite_link"]["invite_link"] == link
    assert others["invite_link"]["invite_link"] == link[:22] + "..."
    assert others["invite_link"]["name"] == "advert"


def test_it_counts_who_came_and_went(stage: Stage, bot: ActingBot, channel: int) -> None:
    people = [stage.person() for _ in range(3)]
    for person in people:
        stage.put(f"/channels/{channel}/members/{person}")
    stage.delete(f"/channels/{channel}/members/{people[0]}")
    bot.call("sendMessage", chat_id=channel, text="Hello")
    counted = stage.get(f"/channels/{channel}/statistics")
    link = counted.pop("links")
    assert counted == {"posts": 1, "views": 1, "members": 4, "joins": 3, "leaves": 1}
    assert list(link.values()) == [3]
    assert stage.get(f"/channels/{channel}/statistics?until=1")["joins"] == 0
