"""Subscription: only Telegram's clear yes enters, only a clear no sends away; silence is neither."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import ChatMemberRestricted

from bots import telegram
from bots.gateway import Membership, membership
from bots.telegram import Telegram
from giveaways.models import Giveaway
from giveaways.services import life
from participants import gateway
from participants.models import Entry, Person
from participants.steps import ChannelToJoin
from tests.scene import OWNER, Scene

CHECK = "✅ I have joined"
ANN = {"id": 5, "is_bot": False, "first_name": "Ann"}


@pytest.fixture
def person(scene: Scene) -> int:
    """A person who is known to be one, and subscribed to nothing; a giveaway runs."""
    person = scene.control.person()
    scene.admit(scene.published(), person)
    Entry.objects.all().delete()
    return person


def come(scene: Scene, person: int) -> str:
    return scene.come(Giveaway.objects.get(), person)


def test_whoever_is_not_subscribed_is_told_and_let_in_after_joining(scene: Scene, person: int) -> None:
    assert "subscribe to: News. Then press the button" in come(scene, person)
    assert "subscribe to: News" in scene.press(person, CHECK)
    scene.control.subscribe(scene.channel, person)
    assert "You are in" in scene.press(person, CHECK)


def test_the_answer_leads_to_the_channel(scene: Scene, person: int) -> None:
    come(scene, person)
    [[to_channel], [check]] = scene.control.chat(person, scene.bot_id)[-1]["reply_markup"]["inline_keyboard"]
    assert to_channel == {"text": "📢 News", "url": f"https://t.me/{scene.binding.channel.username}"}
    assert check["callback_data"] == f"check:{Giveaway.objects.get().pk}"


def test_the_button_is_answered_however_it_ends(scene: Scene, person: int) -> None:
    come(scene, person)
    scene.press(person, CHECK)  # a press that is not answered fails the scene
    scene.control.fault("error", method="getChatMember")
    scene.press(person, CHECK)
    life.cancel(giveaway_id=Giveaway.objects.get().pk, by=OWNER)
    assert "was cancelled" in scene.press(person, CHECK)


def test_whoever_left_is_sent_away(scene: Scene, person: int) -> None:
    scene.control.subscribe(scene.channel, person)
    scene.control.leave(scene.channel, person)
    assert "subscribe to" in come(scene, person)


@pytest.mark.parametrize(
    "fault",
    [
        {"code": 400, "description": "Bad Request: PARTICIPANT_ID_INVALID"},
        {"code": 400, "description": "Bad Request: CHAT_ADMIN_REQUIRED"},
        {"code": 400, "description": "Bad Request: user not found"},
        {"code": 403, "description": "Forbidden: bot is not a member of the channel chat"},
        {"code": 500, "description": "Internal Server Error"},
        {"code": 429, "retry_after": 30},
        {"kind": "html_502"},
        {"kind": "reset_after_accept"},
    ],
    ids=lambda fault: str(fault.get("description") or fault.get("kind") or fault["code"]),
)
def test_an_error_says_nothing_about_the_person(scene: Scene, person: int, fault: dict[str, Any]) -> None:
    scene.control.subscribe(scene.channel, person)
    scene.control.fault(**{"kind": "error", "method": "getChatMember", **fault})
    assert "Telegram did not tell" in come(scene, person)
    assert not Entry.objects.exists()
    assert "You are in" in scene.press(person, CHECK)


def test_silence_is_not_waited_for_beyond_a_few_seconds(scene: Scene, person: int) -> None:
    scene.control.fault("delay", method="getChatMember", ms=8_000)
    assert "Telegram did not tell" in come(scene, person)


def test_nobody_is_written_down_as_subscribed_unasked(
    scene: Scene, person: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram.shared().session, "api", TelegramAPIServer.from_base("http://127.0.0.1:9"))
    channel = ChannelToJoin(scene.channel, "News", "")
    ask = gateway.missing_channels(telegram.shared(), scene.token, person_id=person, channels=[channel])
    assert telegram.wait_for(ask) is None


def test_every_required_channel_counts(scene: Scene) -> None:
    second = second_channel(scene)
    giveaway = scene.published(channel_id=scene.channel, required_channels=[second])
    person = scene.control.person()
    assert "subscribe to: News, Sport" in scene.enter(giveaway, person)
    scene.control.subscribe(scene.channel, person)
    assert "subscribe to: Sport." in scene.press(person, CHECK)
    scene.control.subscribe(second, person)
    assert "You are in" in scene.press(person, CHECK)


def test_a_clear_no_counts_though_another_channel_is_silent(scene: Scene) -> None:
    second = second_channel(scene)
    giveaway = scene.published(channel_id=scene.channel, required_channels=[second])
    person = scene.control.person()
    scene.come(giveaway, person)
    scene.control.fault("error", method="getChatMember", match=str(scene.channel))
    assert "subscribe to: Sport." in scene.solve(person)


def test_silence_of_one_channel_is_silence(scene: Scene) -> None:
    second = second_channel(scene)
    giveaway = scene.published(channel_id=scene.channel, required_channels=[second])
    person = scene.subscriber()
    scene.control.subscribe(second, person)
    scene.come(giveaway, person)
    scene.control.fault("error", method="getChatMember", match=str(second))
    assert "Telegram did not tell" in scene.solve(person)
    assert Person.objects.get().captcha_passed_at


def second_channel(scene: Scene) -> int:
    """Another channel of the same owner and bot."""
    about = {"title": "Sport", "owner_id": scene.author, "username": f"sport{scene.bot_id}"}
    channel = int(scene.control.ask("POST", "/channels", **about)["id"])
    scene.control.ask("PUT", f"/channels/{channel}/administrators/{scene.bot_id}")
    scene.bind(channel)
    return channel


class OneAnswer(BaseHTTPRequestHandler):
    """A Bot API that answers every call with the same member: the sandbox restricts nobody."""

    member: dict[str, Any] = {}

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"ok": True, "result": self.member}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing on the screen."""


@pytest.fixture
def one_answer(settings: Any) -> Iterator[type[OneAnswer]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), OneAnswer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.TELEGRAM_API_URL = f"http://127.0.0.1:{server.server_port}"
        yield OneAnswer
        server.shutdown()


RIGHTS = {name: False for name in ChatMemberRestricted.model_fields if name.startswith("can_")}


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ({"status": "restricted", "is_member": True, "until_date": 0, **RIGHTS}, Membership.YES),
        ({"status": "restricted", "is_member": False, "until_date": 0, **RIGHTS}, Membership.NO),
        ({"status": "member"}, Membership.YES),
        ({"status": "creator", "is_anonymous": False}, Membership.YES),
        ({"status": "left"}, Membership.NO),
        ({"status": "kicked", "until_date": 0}, Membership.NO),
        ({"status": "something new"}, Membership.UNKNOWN),
    ],
    ids=lambda value: f"{value['status']} {value.get('is_member', '')}" if isinstance(value, dict) else value,
)
def test_each_kind_of_member_is_read_rightly(
    one_answer: type[OneAnswer], member: dict[str, Any], said: Membership
) -> None:
    one_answer.member = {"user": ANN, **member}

    async def ask() -> Membership:
        server = Telegram()
        try:
            return await membership(server, "1:AA", -100, 5)
        finally:
            await server.close()

    assert asyncio.run(ask()) is said
