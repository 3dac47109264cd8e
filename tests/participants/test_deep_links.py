"""Deep links: whatever stands behind ?start=, the person gets one polite answer and nothing breaks."""

import pytest

from bots.models import Subscriber
from participants.models import Entry
from tests.participants.visitors import update
from tests.scene import Scene

HELLO = "I run giveaways"
NOT_FOUND = "cannot be found"


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ("", HELLO),
        ("giveaway_", HELLO),
        ("giveaway_x", HELLO),
        ("giveaway_1_2", HELLO),
        ("giveaway_-1", HELLO),
        ("giveaway_1x", HELLO),
        ("GIVEAWAY_1", HELLO),
        ("giveaway", HELLO),
        ("giveaway_" + "9" * 50, HELLO),
        ("giveaway_" + "9" * 18, NOT_FOUND),
        ("giveaway_0", NOT_FOUND),
        ("result_", HELLO),
        ("result_short", HELLO),
        ("result_" + "x" * 33, HELLO),
        ("result_" + "x" * 32, NOT_FOUND),
        ("_", HELLO),
        ("a_b_c_d", HELLO),
    ],
)
def test_every_payload_is_answered(scene: Scene, payload: str, said: str) -> None:
    person = scene.control.person()
    scene.control.start(person, scene.bot_id, payload)
    scene.take_updates()
    assert [said in text for text in scene.heard(person)] == [True]
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "/start giveaway_" + "9" * 99,
        "/start giveaway_1 2",
        "/start giveaway_1\n",
        "/start ١",
        "/start result_\x00",
    ],
)
def test_what_no_client_would_send_is_answered_as_well(scene: Scene, text: str) -> None:
    person = scene.control.person()
    scene.control.start(person, scene.bot_id)
    scene.take_updates()
    scene.replay([update(person, text)])
    assert len(scene.heard(person)) == 2


def test_a_repeated_update_is_answered_once(scene: Scene) -> None:
    giveaway, person = scene.published(), scene.control.person()
    scene.control.start(person, scene.bot_id)
    scene.take_updates()
    scene.replay([update(person, f"/start giveaway_{giveaway.pk}", 77)] * 5)
    assert ["= ?" in text for text in scene.heard(person)] == [False, True]


def test_whoever_comes_may_be_written_to_from_then_on(scene: Scene) -> None:
    person = scene.control.person(language_code="ru")
    scene.come(scene.published(), person)
    known = Subscriber.objects.get()
    assert (known.chat_id, known.language_code, known.unreachable) == (person, "ru", "")


def test_a_forged_button_is_answered(scene: Scene) -> None:
    person = scene.control.person()
    scene.control.start(person, scene.bot_id)
    scene.take_updates()
    query = {"id": "1", "from": update(person, "")["message"]["from"], "chat_instance": "1"}  # type: ignore[index]
    forged = ["check:", "check:x", "check:1:2", "check:-1", "check:" + "9" * 50]
    for number, data in enumerate(forged):
        scene.replay([{"update_id": 100 + number, "callback_query": {**query, "data": data}}])
    assert len(scene.control.calls("answerCallbackQuery", scene.bot_id)) == len(forged)
    assert scene.heard(person)[1:] == ["This giveaway cannot be found."] * len(forged)
