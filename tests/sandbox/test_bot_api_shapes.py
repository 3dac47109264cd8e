"""Every answer and every update has the shape Telegram documents, with nothing missing and nothing extra."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.sandbox.conftest import ActingBot, Stage, png

SCHEMA = json.loads((Path(__file__).parent.parent / "data" / "botapi-10.3.schema.json").read_text())
# Sent by the real server for old clients, documented no more.
LEGACY = {"ChatMemberAdministrator": {"can_manage_voice_chats": {"type": "boolean"}}}
KEYBOARD = {
    "inline_keyboard": [[{"text": "Go", "callback_data": "go"}, {"text": "Web", "url": "https://e.org"}]]
}


def _closed() -> dict[str, Any]:
    for name, shape in SCHEMA["$defs"].items():
        if "properties" in shape:
            shape["properties"] |= LEGACY.get(name, {})
            shape["additionalProperties"] = False
    return dict(SCHEMA["$defs"])


DEFS = _closed()


def fits(shape: dict[str, Any], value: Any) -> None:
    jsonschema_rs.validator_for({**shape, "$defs": DEFS}).validate(value)


@pytest.fixture
def ask(bot: ActingBot) -> Callable[..., Any]:
    def checked(method: str, **parameters: Any) -> Any:
        result = bot.call(method, **parameters)
        fits(SCHEMA["methods"][method]["returns"], result)
        return result

    return checked


def test_answers_about_the_bot_and_its_chats(
    ask: Any, stage: Stage, bot: ActingBot, channel: int, ann: int
) -> None:
    stage.start(ann, bot)
    ask("getMe")
    ask("getWebhookInfo")
    ask("setMyCommands", commands=[{"command": "start", "description": "Begin"}])
    assert ask("getMyCommands") == [{"command": "start", "description": "Begin"}]
    ask("deleteMyCommands")
    ask("setMyName", name="Lucky")
    assert ask("getMyName") == {"name": "Lucky"}
    ask("setMyDescription", description="d")
    ask("getMyDescription")
    ask("setMyShortDescription", short_description="s")
    ask("getMyShortDescription")
    ask("setChatMenuButton", menu_button={"type": "commands"})
    ask("getChatMenuButton")
    ask("getMyDefaultAdministratorRights", for_channels=True)
    for chat in (channel, ann):
        ask("getChat", chat_id=chat)
        ask("getChatMemberCount", chat_id=chat)
        ask("getChatMember", chat_id=chat, user_id=ann)
    ask("getChatMember", chat_id=channel, user_id=bot.id)
    ask("getChatAdministrators", chat_id=channel)
    ask("getUserProfilePhotos", user_id=ann)
    ask("exportChatInviteLink", chat_id=channel)
    ask("createChatInviteLink", chat_id=channel, name="spring", member_limit=3)


@pytest.mark.parametrize("place", ["channel", "ann"])
def test_answers_to_messages(ask: Any, stage: Stage, bot: ActingBot, request: Any, place: str) -> None:
    chat = request.getfixturevalue(place)
    stage.start(request.getfixturevalue("ann"), bot)
    sent = ask(
        "sendMessage", chat_id=chat, text="*one* @durov", parse_mode="MarkdownV2", reply_markup=KEYBOARD
    )
    where = {"chat_id": chat, "message_id": sent["message_id"]}
    ask("editMessageText", **where, text="two", link_preview_options={"is_disabled": True})
    ask("editMessageReplyMarkup", **where, reply_markup=KEYBOARD)
    ask("sendMessage", chat_id=chat, text="re", reply_parameters={"message_id": sent["message_id"]})
    ask("pinChatMessage", **where)
    ask("unpinChatMessage", **where)
    ask("setMessageReaction", **where, reaction=[{"type": "emoji", "emoji": "👍"}])
    ask("sendChatAction", chat_id=chat, action="typing")
    source = {"from_chat_id": chat, "message_id": sent["message_id"], "chat_id": chat}
    copied = ask("copyMessage", **source)
    ask("forwardMessage", **source)
    ask("copyMessages", from_chat_id=chat, chat_id=chat, message_ids=[sent["message_id"]])
    ask("deleteMessages", chat_id=chat, message_ids=[copied["message_id"], 10**8])
    ask("deleteMessage", **where)


@pytest.mark.parametrize(
    ("method", "field", "name"),
    [
        ("sendPhoto", "photo", "a.png"),
        ("sendVideo", "video", "a.mp4"),
        ("sendAnimation", "animation", "a.gif"),
        ("sendDocument", "document", "a.pdf"),
        ("sendAudio", "audio", "a.mp3"),
        ("sendVoice", "voice", "a.ogg"),
        ("sendVideoNote", "video_note", "a.mp4"),
    ],
)
def test_answers_to_media(bot: ActingBot, channel: int, method: str, field: str, name: str) -> None:
    answer = bot.upload(method, {field: (name, png(200, 100))}, chat_id=channel, caption="look").json()
    fits(SCHEMA["methods"][method]["returns"], answer["result"])
    attached = answer["result"][field]
    file_id = attached[-1]["file_id"] if field == "photo" else attached["file_id"]
    fits(SCHEMA["methods"]["getFile"]["returns"], bot.call("getFile", file_id=file_id))
    again = bot.call(method, chat_id=channel, **{field: file_id})
    fits(SCHEMA["methods"][method]["returns"], again)


def test_updates_have_the_documented_shape(stage: Stage, bot: ActingBot, channel: int, ann: int) -> None:
    kinds = [
        "message",
        "callback_query",
        "channel_post",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
    ]
    bot.call("getUpdates", offset=-1, allowed_updates=kinds)
    bob = stage.person("Bob", username=f"bob{ann}", language_code="ru")
    stage.put(f"/channels/{channel}/members/{bob}")
    link = bot.call("createChatInviteLink", chat_id=channel, creates_join_request=True)["invite_link"]
    carl = stage.person("Carl")
    stage.http.put(f"/sandbox/channels/{channel}/members/{carl}", params={"invite_link": link})
    stage.post(f"/channels/{channel}/posts", text="#news from the owner")
    stage.start(bob, bot, "giveaway_1")
    post = bot.call("sendMessage", chat_id=channel, text="press", reply_markup=KEYBOARD)
    stage.press(bob, channel, post["message_id"], "Go", wait=0)
    stage.put(f"/people/{bob}/block/{bot.id}")
    stage.delete(f"/channels/{channel}/members/{bob}")
    found = bot.updates()
    assert {kind for update in found for kind in update} == {"update_id", *kinds}
    for update in found:
        fits(DEFS["Update"], update)
