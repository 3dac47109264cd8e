"""Every refusal has Telegram's code and Telegram's words."""

import json
from typing import Any

import pytest

from sandbox.telegram.errors import describe
from tests.sandbox.conftest import ActingBot, Stage, png

BAD = "Bad Request: "
FORBIDDEN = "Forbidden: "


def test_the_first_letter_is_lowered_but_not_that_of_a_constant() -> None:
    assert describe(400, "Message text is empty") == BAD + "message text is empty"
    assert describe(400, "CHAT_ADMIN_REQUIRED") == BAD + "CHAT_ADMIN_REQUIRED"
    assert describe(403, FORBIDDEN + "x") == FORBIDDEN + "x"
    assert describe(401, "") == "Unauthorized"


@pytest.mark.parametrize(
    ("chat_id", "description"),
    [
        ("", "chat_id is empty"),
        (None, "chat_id is empty"),
        (42, "chat not found"),
        ("@nobody1", "chat not found"),
    ],
)
def test_it_refuses_unknown_chats(bot: ActingBot, chat_id: Any, description: str) -> None:
    assert bot.refusal("sendMessage", chat_id=chat_id, text="x") == (400, BAD + description)


def test_it_refuses_people_who_cannot_be_written_to(
    stage: Stage, bot: ActingBot, channel: int, ann: int
) -> None:
    stranger = stage.person()
    assert bot.refusal("sendMessage", chat_id=stranger, text="x") == (400, BAD + "chat not found")
    initiate = (403, FORBIDDEN + "bot can't initiate conversation with a user")
    assert bot.refusal("sendMessage", chat_id=ann, text="x") == initiate
    stage.start(ann, bot)
    bot.call("sendMessage", chat_id=ann, text="x")
    stage.put(f"/people/{ann}/block/{bot.id}")
    assert bot.refusal("sendMessage", chat_id=ann, text="x") == (
        403,
        FORBIDDEN + "bot was blocked by the user",
    )
    stage.start(ann, bot)
    bot.call("sendMessage", chat_id=ann, text="x")
    stage.delete(f"/people/{ann}")
    assert bot.refusal("sendMessage", chat_id=ann, text="x") == (403, FORBIDDEN + "user is deactivated")


def test_it_refuses_another_bot(stage: Stage, bot: ActingBot) -> None:
    refused = (403, FORBIDDEN + "the bot can't send messages to the bot")
    assert bot.refusal("sendMessage", chat_id=stage.bot().id, text="x") == refused


def test_it_refuses_channels_step_by_step_as_rights_are_lost(stage: Stage, bot: ActingBot, ann: int) -> None:
    public, private = stage.channel(ann, username=f"public{ann}"), stage.channel(ann)
    not_member = (403, FORBIDDEN + "bot is not a member of the channel chat")
    assert bot.refusal("sendMessage", chat_id=public, text="x") == not_member
    assert bot.refusal("sendMessage", chat_id=private, text="x") == (400, BAD + "chat not found")
    stage.promote(private, bot, can_edit_messages=True)
    no_right = (400, BAD + "need administrator rights in the channel chat")
    assert bot.refusal("sendMessage", chat_id=private, text="x") == no_right
    stage.promote(private, bot, can_post_messages=True)
    bot.call("sendMessage", chat_id=private, text="x")
    stage.delete(f"/channels/{private}/administrators/{bot.id}")
    assert bot.refusal("sendMessage", chat_id=private, text="x") == not_member
    stage.delete(f"/channels/{private}/members/{bot.id}")
    kicked = (403, FORBIDDEN + "bot was kicked from the channel chat")
    assert bot.refusal("sendMessage", chat_id=private, text="x") == kicked
    assert bot.refusal("getChat", chat_id=private) == kicked


def test_members_are_shown_to_administrators_and_only_people_they_have_seen(
    stage: Stage, bot: ActingBot, ann: int
) -> None:
    public = stage.channel(ann, username=f"members{ann}")
    inaccessible = (400, BAD + "member list is inaccessible")
    assert bot.refusal("getChatMember", chat_id=public, user_id=bot.id) == inaccessible
    stage.promote(public, bot)
    bob = stage.person("Bob")
    assert bot.refusal("getChatMember", chat_id=public, user_id=bob) == (400, BAD + "member not found")
    assert bot.refusal("getChatMember", chat_id=public, user_id="x") == (
        400,
        BAD + "invalid user_id specified",
    )
    stage.start(bob, bot)
    assert bot.call("getChatMember", chat_id=public, user_id=bob)["status"] == "left"
    stage.put(f"/channels/{public}/members/{bob}")
    assert bot.call("getChatMember", chat_id=public, user_id=bob)["status"] == "member"
    bot.call("banChatMember", chat_id=public, user_id=bob)
    assert bot.call("getChatMember", chat_id=public, user_id=bob)["status"] == "kicked"


def test_a_private_chat_has_no_administrators(stage: Stage, bot: ActingBot, ann: int) -> None:
    stage.start(ann, bot)
    refused = (400, BAD + "there are no administrators in the private chat")
    assert bot.refusal("getChatAdministrators", chat_id=ann) == refused


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "é" * 20_000}, "text is too long"),
        ({"text": "x", "parse_mode": "Wiki"}, "unsupported parse_mode"),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"text": "x", "reply_parameters": {"message_id": 10**7}}, "message to be replied not found"),
    ],
)
def test_it_refuses_broken_texts(
    bot: ActingBot, channel: int, parameters: dict[str, Any], description: str
) -> None:
    assert bot.refusal("sendMessage", chat_id=channel, **parameters) == (400, BAD + description)


@pytest.mark.parametrize(
    ("button", "description"),
    [
        ({"callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"callback_data": "ё" * 33}, "BUTTON_DATA_INVALID"),
        ({}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        (
            {"url": "http://localhost:8000/x"},
            "inline keyboard button URL 'http://localhost:8000/x' is invalid: Wrong HTTP URL",
        ),
    ],
)
def test_it_refuses_broken_buttons(
    bot: ActingBot, channel: int, button: dict[str, str], description: str
) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Go", **button}]]}
    refused = bot.refusal("sendMessage", chat_id=channel, text="x", reply_markup=keyboard)
    assert refused == (400, BAD + description)


def test_it_refuses_edits_that_change_nothing_or_hit_nothing(
    stage: Stage, bot: ActingBot, channel: int
) -> None:
    sent = bot.call("sendMessage", chat_id=channel, text="x")["message_id"]
    code, description = bot.refusal("editMessageText", chat_id=channel, message_id=sent, text="x")
    assert (code, description) == (
        400,
        (
            f"{BAD}message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        ),
    )
    assert bot.refusal("editMessageText", chat_id=channel, message_id=999, text="y") == (
        400,
        BAD + "message to edit not found",
    )
    assert bot.refusal("deleteMessage", chat_id=channel, message_id=999) == (
        400,
        BAD + "message to delete not found",
    )
    assert bot.refusal("copyMessage", chat_id=channel, from_chat_id=channel, message_id=999) == (
        400,
        BAD + "message to copy not found",
    )
    stage.promote(channel, bot, can_post_messages=True)
    owners = stage.post(f"/channels/{channel}/posts", text="owner's")["message_id"]
    assert bot.refusal("editMessageText", chat_id=channel, message_id=owners, text="y") == (
        400,
        BAD + "message can't be edited",
    )
    assert bot.refusal("deleteMessage", chat_id=channel, message_id=owners) == (
        400,
        BAD + "message can't be deleted",
    )


def test_a_bot_cannot_edit_what_a_person_wrote(stage: Stage, bot: ActingBot, ann: int) -> None:
    said = stage.say(ann, bot, "mine")["message_id"]
    refused = (400, BAD + "message can't be edited")
    assert bot.refusal("editMessageText", chat_id=ann, message_id=said, text="y") == refused


def test_a_query_is_answered_once_and_in_time(fresh_stage: Stage) -> None:
    bot, ann = fresh_stage.bot(), fresh_stage.person()
    channel = fresh_stage.channel(ann, bot)
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    post = bot.call("sendMessage", chat_id=channel, text="x", reply_markup=keyboard)
    query = fresh_stage.press(ann, channel, post["message_id"], "Go", wait=0)["callback_query_id"]
    bot.call("answerCallbackQuery", callback_query_id=query)
    too_old = (400, BAD + "query is too old and response timeout expired or query ID is invalid")
    assert bot.refusal("answerCallbackQuery", callback_query_id=query) == too_old
    assert bot.refusal("answerCallbackQuery", callback_query_id="nonsense") == too_old
    late = fresh_stage.press(ann, channel, post["message_id"], "Go", wait=0)["callback_query_id"]
    fresh_stage.put("/clock", advance=200)
    assert bot.refusal("answerCallbackQuery", callback_query_id=late) == too_old


def test_file_ids_are_checked_and_belong_to_one_bot(stage: Stage, bot: ActingBot, channel: int) -> None:
    other = stage.bot()
    stage.promote(channel, other)
    sent = bot.upload("sendPhoto", {"photo": ("a.png", png())}, chat_id=channel).json()["result"]
    file_id = sent["photo"][-1]["file_id"]
    wrong = (400, BAD + "wrong file identifier/HTTP URL specified")
    assert other.refusal("sendPhoto", chat_id=channel, photo=file_id) == wrong
    assert bot.refusal("getFile", file_id="garbage") == (400, BAD + "invalid file_id")
    garbled = (400, BAD + "wrong remote file identifier specified: can't unserialize it. Wrong last symbol")
    assert bot.refusal("sendPhoto", chat_id=channel, photo="garbage") == garbled
    assert bot.refusal("sendPhoto", chat_id=channel) == (400, BAD + "there is no photo in the request")


def test_the_transient_answer_about_a_member_is_a_fault_to_ask_for(
    stage: Stage, bot: ActingBot, channel: int, ann: int
) -> None:
    stage.post(
        "/faults", kind="error", method="getChatMember", code=400, description="PARTICIPANT_ID_INVALID"
    )
    assert bot.refusal("getChatMember", chat_id=channel, user_id=ann) == (400, BAD + "PARTICIPANT_ID_INVALID")
    assert bot.call("getChatMember", chat_id=channel, user_id=ann)["status"] == "creator"


@pytest.mark.parametrize(
    ("url", "secret", "description"),
    [
        ("not a url", "", "invalid webhook URL specified"),
        ("http://example.com/x", "", "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            "https://example.com:8000/x",
            "",
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ("https://example.com/x", "sp ace", "secret token contains unallowed characters"),
    ],
)
def test_it_refuses_wrong_webhooks(bot: ActingBot, url: str, secret: str, description: str) -> None:
    assert bot.refusal("setWebhook", url=url, secret_token=secret) == (400, BAD + description)


def test_logging_out_is_refused(bot: ActingBot) -> None:
    assert bot.ask("logOut").headers["Retry-After"] == "600"
    assert bot.refusal("close") == (429, "Too Many Requests: retry after 600")


def test_recorded_descriptions_keep_their_form_when_staged_as_faults(stage: Stage, bot: ActingBot) -> None:
    recorded = {
        "ok": False,
        "error_code": 403,
        "description": "Forbidden: bot was kicked from the group chat",
    }
    stage.post("/faults", kind="error", code=403, description=recorded["description"])
    assert json.loads(bot.ask("getMe").text) == recorded
