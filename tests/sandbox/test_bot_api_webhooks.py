"""Webhooks: what is posted, in which order, how often, and what an answer may order."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.sandbox.conftest import ActingBot, Stage, wait_for

Answer = tuple[int, dict[str, str], bytes]


class Receiver(ThreadingHTTPServer):
    """A bot's web server: notes what arrives and answers as told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server_port}/hook"
        self.received: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answer: Callable[[dict[str, Any]], Answer] = lambda update: (200, {}, b"")

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in list(self.received)]


class Door(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        update = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.headers.append(dict(self.headers))
        self.server.received.append(update)
        status, headers, body = self.server.answer(update)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def hooked(bot: ActingBot, receiver: Receiver) -> Iterator[ActingBot]:
    bot.call("setWebhook", url=receiver.url, secret_token="s3cret_-A")
    yield bot
    bot.call("deleteWebhook")


def test_setting_and_deleting_are_described(bot: ActingBot) -> None:
    def described(method: str, **parameters: Any) -> str:
        return str(bot.ask(method, **parameters).json()["description"])

    url = "http://127.0.0.1:9/hook"
    assert described("deleteWebhook") == "Webhook is already deleted"
    assert described("setWebhook", url=url) == "Webhook was set"
    assert described("setWebhook", url=url) == "Webhook is already set"
    assert bot.refusal("setWebhook", url=url + "2") == (429, "Too Many Requests: retry after 1")
    assert bot.call("getWebhookInfo")["url"] == url
    assert described("setWebhook", url="") == "Webhook was deleted"


def test_updates_arrive_with_the_secret_and_are_confirmed(
    stage: Stage, hooked: ActingBot, receiver: Receiver, ann: int
) -> None:
    stage.say(ann, hooked, "hello")
    wait_for(lambda: receiver.texts() == ["hello"])
    assert receiver.headers[0]["X-Telegram-Bot-Api-Secret-Token"] == "s3cret_-A"
    assert receiver.headers[0]["Content-Type"] == "application/json"
    wait_for(lambda: hooked.call("getWebhookInfo")["pending_update_count"] == 0)


def test_what_waited_before_the_webhook_arrives_unless_dropped(
    stage: Stage, receiver: Receiver, ann: int
) -> None:
    kept, dropped = stage.bot(), stage.bot()
    for bot in (kept, dropped):
        stage.say(ann, bot, f"to {bot.id}")
    dropped.call("setWebhook", url=receiver.url, drop_pending_updates=True)
    kept.call("setWebhook", url=receiver.url)
    wait_for(lambda: receiver.texts() == [f"to {kept.id}"])


def test_order_is_kept_in_a_chat_while_chats_go_in_parallel(
    stage: Stage, hooked: ActingBot, receiver: Receiver, ann: int
) -> None:
    bob, gate = stage.person("Bob"), threading.Event()

    def hold_ann(update: dict[str, Any]) -> Answer:
        if update["message"]["chat"]["id"] == ann:
            gate.wait(5)
        return 200, {}, b""

    receiver.answer = hold_ann
    for text in ("ann 1", "ann 2"):
        stage.say(ann, hooked, text)
    for text in ("bob 1", "bob 2"):
        stage.say(bob, hooked, text)
    wait_for(lambda: len(receiver.received) == 3)
    assert "ann 2" not in receiver.texts()
    gate.set()
    wait_for(lambda: len(receiver.received) == 4)
    assert [text for text in receiver.texts() if text.startswith("bob")] == ["bob 1", "bob 2"]
    assert receiver.texts()[-1] == "ann 2"


def test_one_connection_means_one_at_a_time(stage: Stage, bot: ActingBot, receiver: Receiver) -> None:
    gate = threading.Event()

    def hold(update: dict[str, Any]) -> Answer:
        gate.wait(5)
        return 200, {}, b""

    receiver.answer = hold
    bot.call("setWebhook", url=receiver.url, max_connections=1)
    for person in stage.post("/people", first_name="P", count=5):
        stage.say(person["id"], bot, "hi")
    wait_for(lambda: receiver.received)
    assert len(receiver.received) == 1
    gate.set()
    wait_for(lambda: len(receiver.received) == 5)


def test_a_failure_is_repeated_at_once_then_later_and_remembered(
    stage: Stage, hooked: ActingBot, receiver: Receiver, ann: int
) -> None:
    answers = [(500, {}, b""), (500, {}, b""), (200, {}, b"")]
    times: list[float] = []

    def fail_twice(update: dict[str, Any]) -> Answer:
        times.append(time.monotonic())
        return answers.pop(0)

    receiver.answer = fail_twice
    stage.say(ann, hooked, "hello")
    wait_for(lambda: len(receiver.received) == 3)
    assert times[1] - times[0] < 1 < 1.9 < times[2] - times[1] < 4
    assert len({update["update_id"] for update in receiver.received}) == 1
    error = hooked.call("getWebhookInfo")["last_error_message"]
    assert error == "Wrong response from the webhook: 500 Internal Server Error"


def test_the_endpoint_may_ask_to_wait(stage: Stage, hooked: ActingBot, receiver: Receiver, ann: int) -> None:
    answers: list[Answer] = [(429, {"Retry-After": "1"}, b""), (200, {}, b"")]
    times: list[float] = []

    def wait_once(update: dict[str, Any]) -> Answer:
        times.append(time.monotonic())
        return answers.pop(0)

    receiver.answer = wait_once
    stage.say(ann, hooked, "hello")
    wait_for(lambda: len(receiver.received) == 2)
    assert times[1] - times[0] >= 0.95


def test_a_method_in_the_answer_is_executed(
    stage: Stage, hooked: ActingBot, receiver: Receiver, ann: int
) -> None:
    order = {"method": "sendMessage", "chat_id": ann, "text": "done"}
    receiver.answer = lambda _: (200, {"Content-Type": "application/json"}, json.dumps(order).encode())
    stage.say(ann, hooked, "do it")
    assert wait_for(lambda: [m["text"] for m in stage.chat(ann, hooked)][1:]) == ["done"]
    assert stage.get(f"/accepted?bot_id={hooked.id}")[-1]["text"] == "done"


def test_settings_in_the_answer_are_not_executed(
    stage: Stage, hooked: ActingBot, receiver: Receiver, ann: int
) -> None:
    order = json.dumps({"method": "deleteWebhook"}).encode()
    receiver.answer = lambda _: (200, {"Content-Type": "application/json"}, order)
    stage.say(ann, hooked, "one")
    stage.say(ann, hooked, "two")
    wait_for(lambda: len(receiver.received) == 2)
    assert hooked.call("getWebhookInfo")["url"] == receiver.url
