"""What a conversation with Telegram means that broke: real sockets, cut where it matters."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiogram import methods
from django.db import transaction

from bots import telegram
from bots.answers import Answer, Outcome
from bots.telegram import Telegram
from tests.scene import Control, Scene

TOKEN = "123456789:AAabcdefghijklmnopqrstuvwxyz0123456"
Talk = Callable[[socket.socket], None]


def http(status: str, body: bytes, kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def saying(answer: bytes) -> Talk:
    """Reads the request, gives these bytes and hangs up."""

    def talk(line: socket.socket) -> None:
        line.recv(65536)
        line.sendall(answer)

    return talk


def silent(line: socket.socket) -> None:
    """Reads until the other side gives up."""
    while line.recv(65536):
        pass


@contextmanager
def server(talk: Talk) -> Iterator[str]:
    """A server for one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            line, _ = listener.accept()
            with line:
                talk(line)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


def ask(url: str, settings: Any) -> Answer:
    settings.TELEGRAM_API_URL = url

    async def once() -> Answer:
        client = Telegram()
        try:
            return await client.call(TOKEN, methods.GetMe(), timeout_seconds=1)
        finally:
            await client.close()

    return asyncio.run(once())


def test_a_refused_connection_sent_nothing(settings: Any) -> None:
    answer = ask("http://127.0.0.1:9", settings)
    assert (answer.outcome, answer.kind) == (Outcome.NOT_SENT, "no_connection")


FLOOD = b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5"'
CASES: dict[str, tuple[Talk, Outcome]] = {
    "silence": (silent, Outcome.UNKNOWN),
    "hanging up after the request": (saying(b""), Outcome.UNKNOWN),
    "an answer cut short": (saying(http("200 OK", b'{"ok":true}')[:-4]), Outcome.UNKNOWN),
    "no HTTP at all": (saying(b"SSH-2.0-OpenSSH_9.6\r\n"), Outcome.UNKNOWN),
    "a proxy's page": (saying(http("502 Bad Gateway", b"<html>502</html>", "text/html")), Outcome.UNKNOWN),
    "a page in another alphabet": (saying(http("200 OK", "Доступ".encode("cp1251"))), Outcome.UNKNOWN),
    "success of the wrong shape": (saying(http("200 OK", b'{"ok":true,"result":7}')), Outcome.UNKNOWN),
    "JSON that is no answer": (saying(http("200 OK", b"[]")), Outcome.UNKNOWN),
    "a flood with its wait": (
        saying(http("429 Too Many Requests", FLOOD + b',"parameters":{"retry_after":5}}')),
        Outcome.FLOOD,
    ),
    "a flood without its wait": (saying(http("429 Too Many Requests", FLOOD + b"}")), Outcome.FLOOD),
    "a file too large": (
        saying(http("413 Too Large", b'{"ok":false,"description":"Request Entity Too Large"}')),
        Outcome.CONTENT,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_conversation_that_broke_is_told_by_where_it_broke(case: str, settings: Any) -> None:
    talk, outcome = CASES[case]
    with server(talk) as url:
        answer = ask(url, settings)
    assert answer.outcome is outcome, answer
    assert TOKEN not in repr(answer)


def send(scene: Scene) -> Answer:
    person = scene.subscriber()
    scene.control.start(person, scene.bot_id)
    message = methods.SendMessage(chat_id=person, text="Once")
    return telegram.wait_for(telegram.shared().call(scene.token, message))


@pytest.mark.parametrize(("fault", "arrived"), [("reset_after_accept", 1), ("html_502", 0)])
def test_the_same_unknown_may_hide_a_message_sent_or_not(
    scene: Scene, control: Control, fault: str, arrived: int
) -> None:
    control.fault(fault, method="sendMessage")
    assert send(scene).outcome is Outcome.UNKNOWN
    assert len(control.accepted(scene.bot_id)) == arrived


def test_telegram_is_not_asked_inside_a_transaction(scene: Scene) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        send(scene)
