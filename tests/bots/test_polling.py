"""Taking updates by polling: each once, in order, through outages, and following what its owner does."""

import threading
from collections import defaultdict
from typing import Any

import pytest
from aiogram.types import Message
from django.db import connection

from bots.models import Bot, Subscriber
from bots.services import bots
from config.redis import client as redis_client
from tests.bots.conftest import Made, connect, make, revoke
from tests.bots.outage import database_away
from tests.bots.processes import answering, running
from tests.broadcasts.factories import eventually
from tests.faults.cable import cable_to
from tests.scene import OWNER, Control, Scene

pytestmark = pytest.mark.usefixtures("quick")


def heard(scene: Scene, person: int, count: int = 1) -> list[str]:
    """What the bot told the person, once it is at least so much."""
    return list(eventually(lambda: said if len(said := scene.heard(person)) >= count else None))


def start(scene: Scene) -> int:
    person = scene.control.person("Ann")
    scene.control.start(person, scene.bot_id)
    return person


def test_whoever_writes_is_answered(scene: Scene) -> None:
    with running():
        assert len(heard(scene, start(scene))) == 1


def test_what_waited_before_the_start_is_taken_too(scene: Scene) -> None:
    people = [start(scene) for _ in range(5)]
    with running():
        assert all(len(heard(scene, person)) == 1 for person in people)


def test_a_bot_is_served_from_its_connection_to_its_end(scene: Scene, control: Control) -> None:
    with running() as process:
        eventually(lambda: process.serves == {scene.bot.pk})
        other = connect(scene.user, make(control))
        eventually(lambda: process.serves == {scene.bot.pk, other.pk})
        bots.deactivate_bot(bot_id=scene.bot.pk, by=OWNER)
        eventually(lambda: process.serves == {other.pk})


def test_a_renewed_token_is_taken_up_without_a_restart(scene: Scene, control: Control) -> None:
    with running():
        heard(scene, start(scene))
        connect(scene.user, revoke(control, Made(scene.bot_id, scene.token, "")))
        assert len(heard(scene, start(scene))) == 1


def test_a_dead_bot_is_quarantined_and_stops_nobody_else(scene: Scene, control: Control) -> None:
    made = make(control)
    dead = connect(scene.user, made)
    revoke(control, made)
    with running() as process:
        eventually(lambda: process.serves == {scene.bot.pk})
        assert len(heard(scene, start(scene))) == 1
    dead.refresh_from_db()
    assert (dead.status, dead.status_reason) == ("quarantined", "Unauthorized")


def test_a_reply_that_met_a_dead_token_is_given_with_the_next(scene: Scene) -> None:
    scene.control.fault("error", code=401, method="sendMessage")
    person = start(scene)
    with running():
        eventually(lambda: Bot.objects.get().status == "quarantined")
        assert scene.heard(person) == []
        scene.connect()
        assert len(heard(scene, person)) == 1


def test_a_bot_whose_token_no_key_opens_stops_nobody_else(scene: Scene, control: Control) -> None:
    lost = connect(scene.user, make(control))
    Bot.objects.filter(pk=lost.pk).update(token_encrypted="under a key that was lost")
    with running() as process:
        assert len(heard(scene, start(scene))) == 1
        assert process.serves == {scene.bot.pk}


def test_a_webhook_left_over_is_removed(scene: Scene) -> None:
    hook = {"url": "http://127.0.0.1:9/telegram/1"}
    scene.control.http.post(f"{scene.control.url}/bot{scene.token}/setWebhook", json=hook)
    person = start(scene)
    with running():
        assert len(heard(scene, person)) == 1


def test_a_second_poller_somewhere_else_is_survived(scene: Scene) -> None:
    scene.control.fault(
        "error", code=409, method="getUpdates", description="terminated by other getUpdates request"
    )
    with running():
        assert len(heard(scene, start(scene))) == 1
    assert Bot.objects.get().status == "active"


@pytest.mark.parametrize("fault", ["html_502", "reset_after_accept"])
def test_updates_lost_on_the_way_come_again(scene: Scene, fault: str) -> None:
    people = [start(scene) for _ in range(3)]
    scene.control.fault(fault, method="getUpdates")
    with running():
        assert [len(heard(scene, person)) for person in people] == [1, 1, 1]


def test_an_update_seen_before_has_no_second_effect_and_no_second_answer(scene: Scene) -> None:
    """A process that dies between its answers and the next poll leaves them unconfirmed."""
    person = start(scene)
    scene.take_updates()
    assert len(scene.heard(person)) == 1
    with running():
        assert len(heard(scene, start(scene))) == 1
    assert len(scene.heard(person)) == 1
    assert Subscriber.objects.filter(chat_id=person).count() == 1


def test_one_person_is_answered_in_order_and_nobody_waits_for_another(scene: Scene) -> None:
    seen: dict[int, list[str]] = defaultdict(list)
    gate = threading.Event()
    slow, quick = scene.control.people(2)

    def note(message: Message) -> str:
        if message.chat.id == slow and message.text == "0":
            gate.wait(5)
        seen[message.chat.id].append(str(message.text))
        return ""

    for number in range(5):
        for person in (slow, quick):
            scene.control.say(person, scene.bot_id, str(number))
    with running(dispatcher=answering(note)):
        eventually(lambda: len(seen[quick]) == 5)
        assert seen[slow] == []
        gate.set()
        eventually(lambda: len(seen[slow]) == 5)
    assert seen[slow] == seen[quick] == ["0", "1", "2", "3", "4"]


def test_an_update_that_breaks_its_handler_holds_up_nobody_for_ever(scene: Scene) -> None:
    tries: list[str] = []

    def break_on_bad(message: Message) -> str:
        tries.append(str(message.text))
        if message.text == "bad":
            raise ValueError("our own fault")
        return "fine"

    person = scene.control.person("Ann")
    for text in ("bad", "good"):
        scene.control.say(person, scene.bot_id, text)
    with running(dispatcher=answering(break_on_bad)):
        assert heard(scene, person) == ["fine"]
    assert tries == ["bad", "bad", "bad", "good"]


def test_an_update_that_met_an_outage_of_the_database_is_taken_again(scene: Scene) -> None:
    person = scene.control.person("Ann")
    with running() as process:
        eventually(lambda: process.serves)
        with database_away():
            scene.control.start(person, scene.bot_id)
            eventually(lambda: redis_client().keys("update:*"))  # it was begun
        assert len(heard(scene, person)) == 1
    assert Subscriber.objects.get(chat_id=person).unreachable == ""


def test_an_update_that_met_an_outage_of_redis_is_taken_again(
    scene: Scene, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with cable_to(settings.REDIS_URL) as cable:
        number = redis_client().connection_pool.connection_kwargs["db"]
        settings.REDIS_URL = f"redis://127.0.0.1:{cable.port}/{number}"
        with running() as process:
            eventually(lambda: process.serves)
            cable.pull()
            person = start(scene)
            eventually(lambda: "update_waits_for_the_outage" in caplog.text)
            cable.plug()
            assert len(heard(scene, person)) == 1


def test_at_the_end_nothing_is_left_half_done(scene: Scene) -> None:
    with running() as process:
        eventually(lambda: process.serves)
    assert process.roster.polls == {}
    assert Bot.objects.get().polled_by == ""
    assert connection.is_usable()
