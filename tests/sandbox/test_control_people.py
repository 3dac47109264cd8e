"""People play their part through the control API: they start, say, press, follow, block, join and leave."""

import threading

from tests.sandbox.conftest import ActingBot, Stage, wait_for

KEYBOARD = {
    "inline_keyboard": [[{"text": "Go", "callback_data": "go"}, {"text": "Site", "url": "https://e.org/x"}]]
}


def refusal(stage: Stage, method: str, path: str, **body: object) -> tuple[int, str]:
    answer = stage.http.request(method, f"/sandbox{path}", json=body)
    return answer.status_code, answer.json()["error"]


def test_people_are_made_one_by_one_or_many_at_once(stage: Stage) -> None:
    one = stage.post("/people", first_name="Ann", language_code="ru")
    assert one["id"] > 2**32 and one["language_code"] == "ru"
    many = stage.post("/people", first_name="Guest", count=3)
    assert [person["first_name"] for person in many] == ["Guest 1", "Guest 2", "Guest 3"]


def test_a_taken_username_is_refused(stage: Stage, bot: ActingBot) -> None:
    taken = (400, f"The username {bot.username} is taken.")
    assert refusal(stage, "POST", "/bots", username=bot.username, first_name="x") == taken
    assert refusal(stage, "POST", "/people", username=bot.username, first_name="x") == taken


def test_unknown_things_are_404_and_wrong_bodies_400_with_a_sentence(
    stage: Stage, bot: ActingBot, ann: int
) -> None:
    assert refusal(stage, "POST", "/people/1/start", bot=bot.id) == (404, "There is no person 1.")
    assert refusal(stage, "POST", f"/people/{ann}/start", bot="nobody") == (404, "There is no bot nobody.")
    assert refusal(stage, "POST", f"/people/{ann}/say", bot=bot.id) == (400, "'text' is missing.")
    assert refusal(stage, "GET", "/channels/-1001/posts") == (404, "There is no channel -1001.")
    assert refusal(stage, "GET", "/nothing") == (404, "Not Found.")


def test_a_bot_is_started_by_id_or_username_and_answers(stage: Stage, bot: ActingBot, ann: int) -> None:
    stage.post(f"/people/{ann}/start", bot=f"@{bot.username}", payload="result_x")
    bot.call("sendMessage", chat_id=ann, text="Hello", reply_markup=KEYBOARD)
    started, answered = stage.chat(ann, bot)
    assert (started["text"], answered["text"]) == ("/start result_x", "Hello")
    assert answered["reply_markup"] == KEYBOARD


def test_a_payload_with_other_letters_is_refused(stage: Stage, bot: ActingBot, ann: int) -> None:
    assert refusal(stage, "POST", f"/people/{ann}/start", bot=bot.id, payload="a b")[0] == 400


def test_starting_again_takes_back_the_block(stage: Stage, bot: ActingBot, ann: int) -> None:
    stage.start(ann, bot)
    stage.put(f"/people/{ann}/block/{bot.id}")
    assert refusal(stage, "POST", f"/people/{ann}/say", bot=bot.id, text="x")[0] == 400
    stage.start(ann, bot)
    changes = [change["new_chat_member"]["status"] for change in bot.updates("my_chat_member")]
    assert changes == ["kicked", "member"]


def test_a_pressed_button_reaches_its_bot_and_brings_the_answer(
    stage: Stage, bot: ActingBot, ann: int, channel: int
) -> None:
    post = bot.call("sendMessage", chat_id=channel, text="x", reply_markup=KEYBOARD)
    bot.updates()
    pressed = []

    def press() -> None:
        with_stage = Stage(stage.url)
        pressed.append(with_stage.press(ann, channel, post["message_id"], "Go", wait=5))
        with_stage.close()

    thread = threading.Thread(target=press)
    thread.start()
    (query,) = wait_for(lambda: bot.updates("callback_query"))
    assert (query["data"], query["from"]["id"], query["message"]["message_id"]) == (
        "go",
        ann,
        post["message_id"],
    )
    bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Done", show_alert=True)
    thread.join()
    assert pressed == [
        {"callback_query_id": query["id"], "answer": {"text": "Done", "show_alert": True, "url": ""}}
    ]


def test_a_private_button_is_found_by_either_side_of_the_chat(stage: Stage, bot: ActingBot, ann: int) -> None:
    stage.start(ann, bot)
    sent = bot.call("sendMessage", chat_id=ann, text="x", reply_markup=KEYBOARD)["message_id"]
    for chat in (ann, bot.id):
        assert stage.press(ann, chat, sent, "go", wait=0)["answer"] is None
    stranger = stage.person()
    assert (
        refusal(stage, "POST", f"/people/{stranger}/press", chat_id=ann, message_id=sent, button="Go")[0]
        == 404
    )


def test_a_link_to_a_bot_is_followed_and_any_other_is_shown(
    stage: Stage, bot: ActingBot, ann: int, channel: int
) -> None:
    link = {"text": "Join", "url": f"https://t.me/{bot.username}?start=giveaway_1"}
    keyboard = {"inline_keyboard": [[link, *KEYBOARD["inline_keyboard"][0]]]}
    post = bot.call("sendMessage", chat_id=channel, text="x", reply_markup=keyboard)["message_id"]
    assert stage.press(ann, channel, post, "Join")["started"] == bot.id
    assert stage.chat(ann, bot)[-1]["text"] == "/start giveaway_1"
    assert stage.press(ann, channel, post, "Site") == {"url": "https://e.org/x"}


def test_a_person_sees_their_channels_and_bots(stage: Stage, bot: ActingBot, ann: int, channel: int) -> None:
    stage.post(f"/channels/{channel}/posts", text="news")
    stage.start(ann, bot)
    world = stage.get(f"/people/{ann}/world")
    (mine,) = [entry for entry in world["channels"] if entry["id"] == channel]
    (chat,) = [entry for entry in world["bots"] if entry["id"] == bot.id]
    assert mine["joined"] and mine["last_message"]["text"] == "news"
    assert chat["started"] and not chat["blocked"] and chat["last_message"]["text"] == "/start"


def test_posts_carry_views_and_a_transcript_can_be_cut(stage: Stage, channel: int) -> None:
    for text in ("one", "two"):
        stage.post(f"/channels/{channel}/posts", text=text)
    stage.post(f"/channels/{channel}/views", post_id=1, count=10)
    assert [post["views"] for post in stage.posts(channel)] == [11, 1]
    assert [post["text"] for post in stage.get(f"/channels/{channel}/posts?limit=1")] == ["two"]


def test_rights_may_be_wrapped_and_unknown_ones_are_refused(stage: Stage, bot: ActingBot, ann: int) -> None:
    channel = stage.channel(ann)
    path = f"/channels/{channel}/administrators/{bot.id}"
    stage.put(path, rights={"can_post_messages": True})
    own = bot.call("getChatMember", chat_id=channel, user_id=bot.id)
    assert own["can_post_messages"] and not own["can_edit_messages"]
    assert refusal(stage, "PUT", path, can_fly=True)[0] == 400
    stage.delete(path)
    statuses = [change["new_chat_member"]["status"] for change in bot.updates("my_chat_member")]
    assert statuses == ["administrator", "left"]
