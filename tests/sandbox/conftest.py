"""A sandbox in a thread, and a stage on which tests direct its people and bots."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from sandbox.server import running_sandbox


def png(width: int = 2, height: int = 2) -> bytes:
    """A real picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xc8\x28\x28" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


def wait_for(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Polls until the condition gives something true, and gives it back."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.01)


class ActingBot:
    """A bot seen from its developer's side: calls methods over HTTP."""

    def __init__(self, http: httpx.Client, made: dict[str, Any]) -> None:
        self.http = http
        self.id: int = made["id"]
        self.token: str = made["token"]
        self.username: str = made["username"]
        self._offset = 0

    def ask(self, method: str, **parameters: Any) -> httpx.Response:
        return self.http.post(f"/bot{self.token}/{method}", json=parameters)

    def call(self, method: str, **parameters: Any) -> Any:
        body = self.ask(method, **parameters).json()
        assert body["ok"], body
        return body["result"]

    def refusal(self, method: str, **parameters: Any) -> tuple[int, str]:
        response = self.ask(method, **parameters)
        body = response.json()
        assert not body["ok"], body
        assert response.status_code == body["error_code"]
        return body["error_code"], body["description"]

    def upload(self, method: str, files: dict[str, Any], **fields: Any) -> httpx.Response:
        return self.http.post(f"/bot{self.token}/{method}", data=fields, files=files)

    def updates(self, kind: str = "") -> list[Any]:
        """What has arrived since the last look, or only the subjects of one kind."""
        found = self.call("getUpdates", offset=self._offset, timeout=0)
        if found:
            self._offset = found[-1]["update_id"] + 1
        return [update[kind] for update in found if kind in update] if kind else found


class Stage:
    """The control API in the words of a play."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=30)
        self._number = 0

    def close(self) -> None:
        self.http.close()

    def post(self, path: str, **body: Any) -> Any:
        response = self.http.post(f"/sandbox{path}", json=body)
        assert response.is_success, response.text
        return response.json()

    def put(self, path: str, **body: Any) -> Any:
        response = self.http.put(f"/sandbox{path}", json=body)
        assert response.is_success, response.text
        return response.json()

    def get(self, path: str) -> Any:
        response = self.http.get(f"/sandbox{path}")
        assert response.is_success, response.text
        return response.json()

    def delete(self, path: str) -> Any:
        response = self.http.delete(f"/sandbox{path}")
        assert response.is_success, response.text
        return response.json()

    def bot(self, name: str = "bot") -> ActingBot:
        self._number += 1
        username = f"{name}{self._number}_{time.monotonic_ns() % 10**9}_bot"
        return ActingBot(self.http, self.post("/bots", username=username, first_name="Bot"))

    def person(self, name: str = "Ann", **about: Any) -> int:
        return int(self.post("/people", first_name=name, **about)["id"])

    def channel(self, owner: int, admin: ActingBot | None = None, **about: Any) -> int:
        made = self.post("/channels", title="News", owner_id=owner, **about)
        if admin is not None:
            self.promote(made["id"], admin)
        return int(made["id"])

    def promote(self, channel: int, bot: ActingBot, **rights: bool) -> None:
        self.put(f"/channels/{channel}/administrators/{bot.id}", **rights)

    def is_polled(self, bot: ActingBot) -> bool:
        return any(one["id"] == bot.id and one["polling"] for one in self.get("/bots"))

    def start(self, person: int, bot: ActingBot, payload: str = "") -> dict[str, Any]:
        return dict(self.post(f"/people/{person}/start", bot=bot.id, payload=payload))

    def say(self, person: int, bot: ActingBot, text: str) -> dict[str, Any]:
        return dict(self.post(f"/people/{person}/say", bot=bot.id, text=text))

    def press(self, person: int, chat: int, message: int, button: str, **more: Any) -> dict[str, Any]:
        body = {"chat_id": chat, "message_id": message, "button": button, **more}
        return dict(self.post(f"/people/{person}/press", **body))

    def chat(self, person: int, bot: ActingBot) -> list[dict[str, Any]]:
        return list(self.get(f"/people/{person}/chats/{bot.id}"))

    def posts(self, channel: int) -> list[dict[str, Any]]:
        return list(self.get(f"/channels/{channel}/posts"))


@pytest.fixture
def stage(sandbox_url: str) -> Iterator[Stage]:
    """The one shared sandbox; what a test directs (limits, faults) is taken back after it."""
    directed = Stage(sandbox_url)
    yield directed
    directed.delete("/faults")
    directed.put("/limits", enabled=False, per_bot=30, per_chat=1, per_group_minute=20)
    directed.close()


@pytest.fixture
def bot(stage: Stage) -> ActingBot:
    return stage.bot()


@pytest.fixture
def ann(stage: Stage) -> int:
    return stage.person()


@pytest.fixture
def channel(stage: Stage, ann: int, bot: ActingBot) -> int:
    """A private channel of Ann's, in which the bot is an administrator."""
    return stage.channel(ann, bot)


@pytest.fixture
def fresh_stage() -> Iterator[Stage]:
    """A sandbox of its own, for tests that reset it or count everything."""
    with running_sandbox() as url:
        directed = Stage(url)
        yield directed
        directed.close()
