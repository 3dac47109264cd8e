"""Editing and deleting what was sent: another run of the same engine, on the sandbox's Telegram."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.audit import SYSTEM
from accounts.models import User
from bots.models import Bot
from bots.services import media
from broadcasts.models import Broadcast, Delivery
from sandbox.server import running_sandbox
from tests.broadcasts.factories import TEXT, chats, make_bot, make_broadcast, outcomes, pump
from tests.broadcasts.test_types_on_telegram import FILES
from tests.conftest import client_of

pytestmark = pytest.mark.django_db(transaction=True)
BUTTONS = [[{"text": "Read on", "url": "https://example.com/"}]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with running_sandbox() as url:
        yield url


@pytest.fixture
def telegram(sandbox: str, settings: Any) -> Iterator[httpx.Client]:
    settings.TELEGRAM_API_URL = sandbox
    with httpx.Client(base_url=f"{sandbox}/sandbox", timeout=30) as control:
        yield control


@pytest.fixture
def bot(owner: User, telegram: httpx.Client) -> Bot:
    name = f"changes{len(telegram.get('/bots').json())}_bot"
    made = telegram.post("/bots", json={"username": name, "first_name": "News"}).json()
    return make_bot(owner.account, made["token"])


@pytest.fixture
def people(telegram: httpx.Client, bot: Bot) -> list[int]:
    made = telegram.post("/people", json={"first_name": "Ann", "count": 3}).json()
    for person in made:
        telegram.post(f"/people/{person['id']}/start", json={"bot": bot.telegram_id}).raise_for_status()
    return [person["id"] for person in made]


@pytest.fixture
def client(owner: User) -> APIClient:
    return client_of(owner)


def seen(telegram: httpx.Client, bot: Bot, person: int) -> list[dict[str, Any]]:
    """What the bot's messages say in this person's chat."""
    chat = telegram.get(f"/people/{person}/chats/{bot.telegram_id}").json()
    return [message for message in chat if message["from"]["id"] == bot.telegram_id]


def change(client: APIClient, broadcast: Broadcast, verb: str, **body: Any) -> Any:
    return client.post(f"/api/broadcasts/{broadcast.public_id}/{verb}", body)


def sent(bot: Bot, people: list[int], **content: Any) -> Broadcast:
    broadcast = make_broadcast(bot, people, content={**TEXT, **content})
    pump()
    broadcast.refresh_from_db()
    assert broadcast.status == "completed"
    return broadcast


def test_everybody_reads_the_new_words_and_keeps_the_rest(
    client: APIClient, telegram: httpx.Client, bot: Bot, people: list[int]
) -> None:
    broadcast = sent(bot, people, buttons=BUTTONS)
    answer = change(client, broadcast, "edit", text="We open on <b>Tuesday</b>")
    assert (answer.status_code, answer.json()["recipients_count"]) == (201, 3)
    pump()
    for person in people:
        (message,) = seen(telegram, bot, person)
        assert message["text"] == "We open on Tuesday"
        assert message["reply_markup"]["inline_keyboard"] == BUTTONS
    edited = Broadcast.objects.get(public_id=answer.json()["task_id"])
    assert outcomes(edited) == dict.fromkeys(people, ("sent", ""))
    assert (edited.kind, edited.target, edited.status) == ("edit", broadcast, "completed")


def test_an_edit_begins_from_the_last_one_and_may_be_repeated(
    client: APIClient, telegram: httpx.Client, bot: Bot, people: list[int]
) -> None:
    broadcast = sent(bot, people)
    change(client, broadcast, "edit", text="Second")
    pump()
    for _ in range(2):  # the second time nothing is modified, which is as good
        again = change(client, broadcast, "edit", buttons=BUTTONS).json()
        pump()
    assert seen(telegram, bot, people[0])[0]["text"] == "Second"
    assert set(outcomes(Broadcast.objects.get(public_id=again["task_id"])).values()) == {("sent", "")}


def test_names_are_filled_in_anew(
    client: APIClient, telegram: httpx.Client, bot: Bot, people: list[int]
) -> None:
    broadcast = sent(bot, people[:1], text="Dear {first_name|friend}", placeholders=True)
    change(client, broadcast, "edit", text="Hello again, {first_name|friend}")
    pump()
    assert seen(telegram, bot, people[0])[0]["text"] == "Hello again, friend"


@pytest.mark.parametrize(("kind", "changed"), [("photo", {"caption": "<b>Other</b>"}), ("video_note", {})])
def test_of_a_file_the_caption_or_the_buttons_change(
    client: APIClient, telegram: httpx.Client, bot: Bot, people: list[int], kind: str, changed: dict[str, str]
) -> None:
    file = media.store(account_id=bot.account_id, by=SYSTEM, name="file", content=[FILES[kind]])
    broadcast = make_broadcast(bot, people[:2], content={"type": kind, "media_id": file.pk})
    pump()
    assert change(client, broadcast, "edit", text="No").json()["code"] == "NOT_CHANGEABLE"
    assert change(client, broadcast, "edit", buttons=BUTTONS, **changed).status_code == 201
    pump()
    for person in people[:2]:
        (message,) = seen(telegram, bot, person)
        assert message.get("caption") == ("Other" if changed else None)
        assert message["reply_markup"]["inline_keyboard"] == BUTTONS
        assert kind in message


def test_what_was_sent_disappears(
    client: APIClient, telegram: httpx.Client, bot: Bot, people: list[int]
) -> None:
    broadcast = sent(bot, people)
    for _ in range(2):  # what is gone already is as good
        answer = change(client, broadcast, "delete")
        assert answer.status_code == 201
        pump()
        assert set(outcomes(Broadcast.objects.get(public_id=answer.json()["task_id"])).values()) == {
            ("sent", "")
        }
    assert [seen(telegram, bot, person) for person in people] == [[], [], []]


def test_only_who_received_it_lately_is_deleted_from(client: APIClient, bot: Bot, people: list[int]) -> None:
    broadcast = sent(bot, people)
    old = timezone.now() - timedelta(hours=49)
    Delivery.objects.filter(broadcast=broadcast, chat_id=people[0]).update(at=old)
    assert change(client, broadcast, "delete").json()["recipients_count"] == 2
    Delivery.objects.filter(broadcast=broadcast).update(at=old)
    assert change(client, broadcast, "delete").json()["code"] == "NOTHING_TO_CHANGE"
    assert change(client, broadcast, "edit", text="Still possible").status_code == 201


def test_it_waits_until_nobody_receives_the_old_words(client: APIClient, bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(3))
    for verb, body in (("edit", {"text": "New"}), ("delete", {})):
        answer = change(client, broadcast, verb, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "STILL_SENDING")


def test_a_change_is_not_changed(client: APIClient, bot: Bot, people: list[int]) -> None:
    broadcast = sent(bot, people[:1])
    made = Broadcast.objects.get(public_id=change(client, broadcast, "edit", text="New").json()["task_id"])
    assert change(client, made, "delete").json()["code"] == "NOT_CHANGEABLE"
    assert change(client, broadcast, "edit", caption="No").json()["code"] == "NOT_CHANGEABLE"


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": 5}, {"type": "photo"}, {"text": "a <b>broken tag"}]
)
def test_an_edit_telegram_would_refuse_is_refused(
    client: APIClient, bot: Bot, people: list[int], body: dict[str, Any]
) -> None:
    assert change(client, sent(bot, people[:1]), "edit", **body).status_code == 400


def test_a_stranger_and_nobody_find_nothing(bot: Bot, people: list[int], stranger: User) -> None:
    broadcast = sent(bot, people[:1])
    for user, wanted in ((stranger, 404), (None, 401)):
        for verb in ("edit", "delete"):
            assert change(client_of(user), broadcast, verb, text="x").status_code == wanted
    assert client_of(stranger).delete(f"/api/broadcasts/{broadcast.public_id}/delete").status_code in (
        404,
        405,
    )
    assert Broadcast.objects.count() == 1
