"""The stage of bots: fresh bots at the sandbox Telegram, and a client of the owner."""

import itertools
import secrets
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from aiogram.client.telegram import TelegramAPIServer
from rest_framework.test import APIClient

from accounts.models import User
from bots import gateway, telegram
from bots.models import Bot
from bots.services import bots
from bots.updates import roster
from tests.bots.processes import free_port
from tests.conftest import client_of
from tests.scene import OWNER, Control

NOBODY_LISTENS = "http://127.0.0.1:9"
numbers = itertools.count(1)


class Made(NamedTuple):
    """A bot as BotFather hands it out."""

    id: int
    token: str
    username: str


def make(control: Control) -> Made:
    username = f"b{next(numbers)}_{secrets.token_hex(4)}_bot"
    made = control.ask("POST", "/bots", username=username, first_name="Bot")
    return Made(int(made["id"]), str(made["token"]), username)


def connect(user: User, made: Made) -> Bot:
    """The bot as a row of the user's account."""
    identity = telegram.wait_for(gateway.prove(telegram.shared(), made.token))
    row, _ = bots.connect_bot(account_id=user.account_id, token=made.token, identity=identity, by=OWNER)
    return row


def revoke(control: Control, made: Made) -> Made:
    """The bot with a new token; the old one is dead."""
    return made._replace(token=str(control.ask("POST", f"/bots/{made.id}/revoke")["token"]))


@pytest.fixture
def made(control: Control) -> Made:
    """A bot at Telegram that nobody has connected yet."""
    return make(control)


@pytest.fixture
def connected(owner: User, made: Made) -> Bot:
    """`made`, connected to the owner's account."""
    return connect(owner, made)


@pytest.fixture
def client(owner: User) -> APIClient:
    return client_of(owner)


@pytest.fixture
def unplug(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """`unplug()`: from now on nobody listens at Telegram's address."""
    away = TelegramAPIServer.from_base(NOBODY_LISTENS)
    return lambda: monkeypatch.setattr(telegram.shared().session, "api", away)


@pytest.fixture
def channel(control: Control) -> Iterator[dict[str, Any]]:
    """A public channel; no bot is in it yet."""
    about = {"title": "News", "username": f"news_{secrets.token_hex(5)}", "owner_id": control.person("Owner")}
    yield control.ask("POST", "/channels", **about)


@pytest.fixture
def quick(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process looks often for what changed, and has a port of its own."""
    settings.BOTS_PORT = free_port()
    settings.WEBHOOK_URL = f"http://127.0.0.1:{settings.BOTS_PORT}"
    monkeypatch.setattr(roster, "REFRESH_SECONDS", 0.05)
