"""Taking updates by webhook: whom it listens to, what it answers, and each update once."""

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from aiogram.types import Message
from django.utils import timezone

from bots import crypto
from bots.models import Bot, LinkedOwner, StarPayment, Subscriber
from bots.services import bots
from config.redis import client as redis_client
from tests.bots.conftest import Made, connect, make, revoke
from tests.bots.outage import database_away
from tests.bots.processes import Thread, answering, running
from tests.broadcasts.factories import eventually
from tests.scene import OWNER, Control, Scene

pytestmark = pytest.mark.usefixtures("quick")
SECRET = "X-Telegram-Bot-Api-Secret-Token"


class Door:
    """The bot's webhook as whoever knocks at it sees it."""

    def __init__(self, process: Thread, bot: Bot) -> None:
        self.url = f"{process.url}/telegram/{bot.pk}"
        self.secret = crypto.webhook_secret(bot.pk, bot.token_fingerprint)

    def knock(self, body: Any, **headers: str | bytes) -> httpx.Response:
        """Posts an update, by default with the right secret."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = headers or {SECRET: self.secret}
        return httpx.post(self.url, content=content, headers=given, timeout=10)  # type: ignore[arg-type]


# The second is read by the shortcut, the first by aiogram; there is no such giveaway.
both_ways = pytest.mark.parametrize("text", ["Hello", "/start giveaway_1"])


def message(update_id: int = 1, text: str = "Hello", person: int = 77) -> dict[str, Any]:
    """An update as Telegram posts it."""
    ann = {"id": person, "is_bot": False, "first_name": "Ann"}
    chat = {"id": person, "type": "private", "first_name": "Ann"}
    about = {"message_id": 1, "date": 1_700_000_000, "chat": chat, "from": ann, "text": text}
    return {"update_id": update_id, "message": about}


@pytest.fixture
def process(scene: Scene) -> Iterator[Thread]:
    with running("webhook") as started:
        eventually(lambda: hook_of(scene))
        yield started


@pytest.fixture
def door(process: Thread, scene: Scene) -> Door:
    return Door(process, scene.bot)


def hook_of(scene: Scene) -> str:
    answer = httpx.get(f"{scene.control.url}/bot{scene.token}/getWebhookInfo")
    return str(answer.json()["result"]["url"])


def start(scene: Scene) -> int:
    person = scene.control.person("Ann")
    scene.control.start(person, scene.bot_id)
    return person


def heard(scene: Scene, person: int, count: int = 1) -> list[str]:
    return list(eventually(lambda: said if len(said := scene.heard(person)) >= count else None))


def test_telegram_is_told_the_address_and_delivers_there(scene: Scene, process: Thread) -> None:
    assert hook_of(scene) == f"{process.url}/telegram/{scene.bot.pk}"
    person = start(scene)
    assert len(heard(scene, person)) == 1
    assert Subscriber.objects.get(chat_id=person).unreachable == ""


@both_ways
def test_the_answer_carries_the_reply(door: Door, text: str) -> None:
    answer = door.knock(message(text=text))
    assert answer.status_code == 200
    method = answer.json() if answer.text.startswith("{") else dict(parse_qsl(answer.text))
    assert (method["method"], str(method["chat_id"])) == ("sendMessage", "77")
    assert "giveaway" in method["text"]


@pytest.mark.parametrize(
    "headers",
    [{"X-Other": "1"}, {SECRET: ""}, {SECRET: "wrong"}, {SECRET: "0" * 64}, {SECRET: b"\xff\xfe"}],
)
def test_whoever_does_not_know_the_secret_is_refused(door: Door, headers: dict[str, Any]) -> None:
    assert door.knock(message(), **headers).status_code == 403
    assert door.knock(b"not json", **headers).status_code == 403
    assert not Subscriber.objects.exists()


def test_the_secret_of_another_bot_is_refused(
    scene: Scene, process: Thread, door: Door, control: Control
) -> None:
    other = connect(scene.user, make(control))
    eventually(lambda: other.pk in process.serves)
    assert door.knock(message(), **{SECRET: Door(process, other).secret}).status_code == 403


@pytest.mark.parametrize("bot_id", ["0", "999999999999999999", "9" * 30, "x", "-1", "1/2", ""])
def test_a_bot_nobody_serves_is_404(door: Door, bot_id: str) -> None:
    door.url = door.url.rpartition("/")[0] + f"/{bot_id}"
    assert door.knock(message()).status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"7", b'{"update_id": "x"}', b'{"message": {}}',
             b"[" * 100_000, b'{"update_id": 1, "message": 5}'],
)  # fmt: skip
def test_what_is_no_update_is_refused(door: Door, body: bytes) -> None:
    assert door.knock(body).status_code == 400


def test_an_update_too_large_is_refused(door: Door) -> None:
    assert door.knock(message(text="x" * 4_000_001)).status_code == 413


def test_an_update_of_a_kind_nobody_handles_is_taken_and_forgotten(door: Door) -> None:
    edited = message()
    edited["edited_message"] = {**edited.pop("message"), "edit_date": 1_700_000_001}
    answer = door.knock(edited)
    assert (answer.status_code, answer.text) == (200, "")


@both_ways
def test_an_update_repeated_has_no_second_effect_and_no_second_answer(door: Door, text: str) -> None:
    first, again = door.knock(message(text=text)), door.knock(message(text=text))
    assert "sendMessage" in first.text
    assert (again.status_code, again.text) == (200, "")
    assert Subscriber.objects.count() == 1


def test_the_same_number_of_two_bots_is_two_updates(
    scene: Scene, process: Thread, door: Door, control: Control
) -> None:
    other = connect(scene.user, make(control))
    eventually(lambda: other.pk in process.serves)
    door.knock(message())
    assert "sendMessage" in Door(process, other).knock(message()).text


def test_a_twin_is_asked_to_come_later_while_the_first_is_at_work(scene: Scene) -> None:
    at_work, gate = threading.Event(), threading.Event()

    def slow(_message: Message) -> str:
        at_work.set()
        gate.wait(10)
        return "done"

    with running("webhook", dispatcher=answering(slow)) as process, ThreadPoolExecutor(1) as telegram:
        eventually(lambda: hook_of(scene))
        door = Door(process, scene.bot)
        first = telegram.submit(door.knock, message())
        assert at_work.wait(10)
        twin = door.knock(message())
        assert (twin.status_code, twin.headers["Retry-After"]) == (503, "1")
        gate.set()
        assert "done" in first.result().text
        assert door.knock(message()).text == ""


def test_an_update_that_a_dead_process_held_is_taken_after_its_time(door: Door, scene: Scene) -> None:
    key = f"update:{scene.bot.pk}:1"
    redis_client().set(key, "working", ex=30)
    assert door.knock(message()).status_code == 503
    redis_client().delete(key)  # the time is over
    assert "sendMessage" in door.knock(message()).text


def test_a_handler_that_fails_is_given_the_update_again(scene: Scene) -> None:
    tries: list[str] = []

    def fail_once(message: Message) -> str:
        tries.append(str(message.text))
        if len(tries) == 1:
            raise ValueError("our own fault")
        return "Here I am"

    with running("webhook", dispatcher=answering(fail_once)):
        eventually(lambda: hook_of(scene))
        person = scene.control.person("Ann")
        scene.control.say(person, scene.bot_id, "Where are you?")
        assert heard(scene, person) == ["Here I am"]
    assert tries == ["Where are you?"] * 2


@both_ways
def test_an_outage_of_the_database_is_told_and_telegram_comes_again(
    scene: Scene, door: Door, text: str
) -> None:
    with database_away():
        assert door.knock(message(text=text)).status_code == 500
    assert "sendMessage" in door.knock(message(text=text)).text


def test_a_bot_is_followed_from_its_connection_to_its_end(
    scene: Scene, process: Thread, door: Door, control: Control
) -> None:
    other = connect(scene.user, make(control))
    eventually(lambda: other.pk in process.serves)
    bots.deactivate_bot(bot_id=scene.bot.pk, by=OWNER)
    eventually(lambda: process.serves == {other.pk})
    assert door.knock(message()).status_code == 404


def test_a_renewed_token_has_a_new_secret(
    scene: Scene, door: Door, process: Thread, control: Control
) -> None:
    connect(scene.user, revoke(control, Made(scene.bot_id, scene.token, "")))
    new = Door(process, Bot.objects.get())
    # Telegram takes a new webhook once a second; until then nobody is served.
    eventually(lambda: new.knock(message(2)).status_code == 200 and door.knock(message(3)).status_code == 403)


def test_a_dead_token_is_quarantined(scene: Scene, control: Control) -> None:
    revoke(control, Made(scene.bot_id, scene.token, ""))
    with running("webhook") as process:
        eventually(lambda: Bot.objects.get().status == "quarantined")
        eventually(lambda: process.serves == set())


def test_a_telegram_that_is_away_is_told_again_later(scene: Scene, control: Control) -> None:
    control.fault("html_502", method="setWebhook", times=2)
    with running("webhook"):
        assert eventually(lambda: hook_of(scene))


def test_a_press_is_answered_and_its_person_written_to(scene: Scene, process: Thread) -> None:
    """The answer to a webhook carries one method; the replies before it go out on their own."""
    giveaway = scene.published()
    person = scene.control.person("Ann")
    scene.control.start(person, scene.bot_id, f"giveaway_{giveaway.pk}")
    question = heard(scene, person)[-1]
    left, right = map(int, re.findall(r"(\d+) \+ (\d+)", question)[0])
    scene.control.say(person, scene.bot_id, str(left + right))
    told = len(heard(scene, person, 2))
    button = scene.control.chat(person, scene.bot_id)[-1]
    pressed = scene.control.press(person, person, button["message_id"], "✅ I have joined")
    assert pressed["answer"] is not None
    assert len(heard(scene, person, told + 1)) == told + 1


@both_ways
def test_an_update_that_comes_ten_times_at_once_is_taken_once(door: Door, text: str) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: door.knock(message(text=text)), range(10)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert sum("sendMessage" in answer.text for answer in answers) == 1
    assert Subscriber.objects.count() == 1


def test_an_owner_pays_in_stars_by_webhook(scene: Scene, process: Thread) -> None:
    """Invoice and consent go out in the answers to Telegram, the whole way."""
    person = start(scene)
    LinkedOwner.objects.create(user=scene.user, bot=scene.bot, chat_id=person, linked_at=timezone.now())
    scene.control.say(person, scene.bot_id, "/topup 500")
    shown = eventually(lambda: [one for one in scene.control.chat(person, scene.bot_id) if "invoice" in one])
    about = {"chat_id": scene.bot_id, "message_id": shown[0]["message_id"]}
    assert scene.control.ask("POST", f"/people/{person}/pay", **about)["paid"]
    eventually(lambda: StarPayment.objects.filter(status="paid", credited=True).exists())
    assert "10.00 arrived for 500 Stars" in heard(scene, person, count=3)[-1]
