"""The shortcut of those who come by the thousands ends where the way through aiogram ends."""

import json
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiogram.types import Update

from bots import telegram
from bots.models import Subscriber
from bots.replies import Reply
from bots.telegram import Served
from bots.updates.presses import Press
from giveaways.models import Giveaway, Status
from participants import draw
from participants.models import Entry, Person
from tests import scene as stage
from tests.giveaways.rows import make_giveaway
from tests.participants.test_enter import CLOSED
from tests.participants.test_receipt import held
from tests.scene import Scene

Deliver = Callable[[dict[str, Any]], Reply]
LANES = {"shortcut": Press, "aiogram": Update}


@pytest.fixture(params=LANES)
def deliver(request: pytest.FixtureRequest, scene: Scene) -> Deliver:
    """Delivers an update as a webhook does, one way or the other; what its answer carries."""
    lane: str = request.param

    async def through(served: Served, told: dict[str, Any]) -> Any:
        intake = await stage._intake()
        if lane == "aiogram":
            intake.shortcut = None
        update = intake.read(json.dumps({"update_id": secrets.randbelow(10**9), **told}).encode())
        assert type(update) is LANES[lane]
        said = await intake.take(served, update, inline=True)
        await intake.redis.aclose()
        return said

    def take(told: dict[str, Any]) -> Reply:
        said = telegram.wait_for(through(scene.served, told))
        assert isinstance(said, Reply)
        return said

    return take


def person_of(person: int, language: str) -> dict[str, Any]:
    return {"id": person, "is_bot": False, "first_name": "Ann", "username": "ann", "language_code": language}


def started(person: int, giveaway_id: int, language: str = "en") -> dict[str, Any]:
    """The update of whoever follows the post's button."""
    chat = {"id": person, "type": "private", "first_name": "Ann"}
    about = {"message_id": 1, "date": int(time.time()), "chat": chat, "from": person_of(person, language)}
    entities = [{"type": "bot_command", "offset": 0, "length": 6}]
    return {"message": {**about, "text": f"/start giveaway_{giveaway_id}", "entities": entities}}


def pressed(person: int, giveaway_id: int) -> dict[str, Any]:
    """The update of whoever presses "I have joined"."""
    under = {
        "message_id": 1,
        "date": 1_700_000_000,
        "chat": {"id": person, "type": "private"},
        "text": "Subscribe",
    }
    about = {"id": "7", "from": person_of(person, "en"), "message": under, "chat_instance": "1"}
    return {"callback_query": {**about, "data": f"check:{giveaway_id}"}}


def human(scene: Scene, person: int) -> Giveaway:
    """A running giveaway, and the person known to be one."""
    giveaway = scene.published()
    scene.admit(giveaway, person)
    Entry.objects.all().delete()
    Giveaway.objects.update(participant_count=0)
    return giveaway


def test_a_subscriber_is_in_with_a_receipt(scene: Scene, deliver: Deliver) -> None:
    person = scene.subscriber()
    giveaway = human(scene, person)
    said = deliver(started(person, giveaway.pk))
    entry, paper = Entry.objects.get(), held(said.text.replace("<code>", "").replace("</code>", ""))
    assert (said.chat_id, entry.person.telegram_id) == (person, person)
    assert (paper["code"], paper["nonce"]) == (entry.code, entry.nonce)
    facts = {"giveaway": giveaway.public_id, "code": entry.code, "weight": 1}
    key = draw.receipt_key(stage.settings.SIGNING_KEY)
    assert draw.verify_receipt(key, entry.receipt, joined_at=int(entry.joined_at.timestamp()), **facts)
    giveaway.refresh_from_db()
    assert giveaway.participant_count == 1
    assert deliver(started(person, giveaway.pk)).text.count(entry.code) == Entry.objects.count() == 1


def test_whoever_comes_is_remembered(scene: Scene, deliver: Deliver) -> None:
    deliver(started(77, scene.published().pk, "ru"))
    known = Subscriber.objects.get(chat_id=77), Person.objects.get(telegram_id=77)
    assert {(one.first_name, one.username, one.language_code) for one in known} == {("Ann", "ann", "ru")}


@pytest.mark.parametrize(("language", "asked"), [("en", "are you human?"), ("ru-RU", "вы человек?")])
def test_a_stranger_is_asked_in_their_language(
    scene: Scene, deliver: Deliver, language: str, asked: str
) -> None:
    said = deliver(started(77, scene.published().pk, language))
    assert asked in said.text
    assert said.keyboard and len(said.keyboard.inline_keyboard) >= 1
    assert not Entry.objects.exists()


@pytest.mark.parametrize("status", CLOSED)
def test_a_closed_giveaway_says_why(scene: Scene, deliver: Deliver, status: Status) -> None:
    giveaway = make_giveaway(scene.user, status)
    english, russian = CLOSED[status]
    assert english in deliver(started(77, giveaway.pk)).text
    assert russian in deliver(started(77, giveaway.pk, "ru")).text


def test_another_bots_giveaway_is_not_found(scene: Scene, other_scene: Scene, deliver: Deliver) -> None:
    assert "cannot be found" in deliver(started(77, other_scene.published().pk)).text


def test_a_press_checks_again_and_is_answered(scene: Scene, deliver: Deliver) -> None:
    person = scene.control.person()
    scene.control.start(person, scene.bot_id)  # Telegram tells a bot nothing of people it never met
    giveaway = human(scene, person)
    said = deliver(started(person, giveaway.pk))
    assert "subscribe to: <b>News</b>" in said.text
    assert said.keyboard and said.keyboard.inline_keyboard[-1][0].callback_data == f"check:{giveaway.pk}"
    scene.control.subscribe(scene.channel, person)
    assert "You are in" in deliver(pressed(person, giveaway.pk)).text
    [answered] = scene.control.calls("answerCallbackQuery", scene.bot_id)
    assert answered["params"]["callback_query_id"] == "7"


def test_a_silent_telegram_refuses_nobody(scene: Scene, deliver: Deliver) -> None:
    person = scene.control.person()
    giveaway = human(scene, person)
    scene.control.fault("error", method="getChatMember", code=500, description="Internal Server Error")
    assert "did not tell" in deliver(started(person, giveaway.pk)).text
    assert not Entry.objects.exists()
