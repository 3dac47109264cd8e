"""Broadcasts on the sandbox's Telegram: its rules, its parser, its words."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from accounts.models import User
from bots.models import Bot
from broadcasts.models import Broadcast
from sandbox.server import running_sandbox
from tests.broadcasts.factories import make_bot, make_broadcast, outcomes, pump

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def telegram(settings: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """The control API of a fresh sandbox."""
    with running_sandbox() as url, httpx.Client(base_url=f"{url}/sandbox", timeout=30) as control:
        settings.TELEGRAM_API_URL = url
        yield control


def post(telegram: httpx.Client, path: str, **body: Any) -> Any:
    answer = telegram.post(path, json=body)
    assert answer.is_success, answer.text
    return answer.json()


@pytest.fixture
def bot(owner: User, telegram: httpx.Client) -> Bot:
    made = post(telegram, "/bots", username="results_bot", first_name="Results")
    return make_bot(owner.account, made["token"])


@pytest.fixture
def people(telegram: httpx.Client, bot: Bot) -> list[int]:
    """Three who started the bot, and one who never did."""
    made = [one["id"] for one in post(telegram, "/people", first_name="Ann", count=4)]
    for person in made[:3]:
        post(telegram, f"/people/{person}/start", bot=bot.telegram_id)
    return made


def test_everybody_gets_their_message_and_refusals_are_named(
    telegram: httpx.Client, bot: Bot, people: list[int]
) -> None:
    assert telegram.put(f"/people/{people[1]}/block/{bot.telegram_id}").is_success
    buttons = [[{"text": "Results", "url": "https://example.com/draw"}]]
    content = {"type": "text", "text": "You <b>won</b> &amp; more", "buttons": buttons}
    broadcast = make_broadcast(bot, people, content=content)
    pump()
    assert outcomes(broadcast) == {
        people[0]: ("sent", ""),
        people[1]: ("failed", "blocked"),
        people[2]: ("sent", ""),
        people[3]: ("failed", "chat_not_found"),
    }
    last = telegram.get(f"/people/{people[0]}/chats/{bot.telegram_id}").json()[-1]
    assert last["text"] == "You won & more"
    assert [entity["type"] for entity in last["entities"]] == ["bold"]
    assert last["reply_markup"]["inline_keyboard"] == [
        [{"text": "Results", "url": "https://example.com/draw"}]
    ]
    accepted = telegram.get("/accepted").json()
    assert sorted(entry["chat_id"] for entry in accepted) == [people[0], people[2]]


def test_a_broken_tag_burns_nobody(telegram: httpx.Client, bot: Bot, people: list[int]) -> None:
    """What no check found, because Telegram changed its rules since, the first recipient finds."""
    broadcast = make_broadcast(bot, people[:3])
    Broadcast.objects.update(content={"type": "text", "text": "You <b>won"})
    pump()
    broadcast.refresh_from_db()
    assert broadcast.status == Broadcast.Status.FAILED
    assert "can't parse entities" in broadcast.reason
    assert telegram.get("/accepted").json() == []


def test_telegrams_own_limits_are_never_met(telegram: httpx.Client, bot: Bot, people: list[int]) -> None:
    many = [one["id"] for one in post(telegram, "/people", first_name="Bob", count=60)]
    for person in many:
        post(telegram, f"/people/{person}/start", bot=bot.telegram_id)
    assert telegram.put("/limits", json={"enabled": True, "per_bot": 30}).is_success
    broadcast = make_broadcast(bot, many)
    pump(rate=30)
    assert outcomes(broadcast) == dict.fromkeys(many, ("sent", ""))
    assert len(telegram.get("/calls?method=sendMessage").json()) == len(many)


def test_a_revoked_token_pauses_the_broadcast(telegram: httpx.Client, bot: Bot, people: list[int]) -> None:
    post(telegram, f"/bots/{bot.telegram_id}/revoke")
    broadcast = make_broadcast(bot, people[:3])
    pump()
    broadcast.refresh_from_db()
    bot.refresh_from_db()
    assert (broadcast.status, bot.status) == ("paused", "quarantined")
