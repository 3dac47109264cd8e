"""The preview page as a stranger: whatever it answers, a number is Telegram's or it is not there."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from bots import statistics as sources
from bots import telegram
from bots.models import Channel
from bots.services import statistics
from bots.services.statistics import Found
from bots.statistics import pages
from tests.scene import Scene

Answer = tuple[int, bytes, dict[str, str]]


@contextmanager
def serving(answer: Callable[[str], Answer]) -> Iterator[str]:
    """A page server that answers as told."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, headers = answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def channel(scene: Scene) -> Channel:
    scene.control.ask("POST", f"/channels/{scene.channel}/posts", text="Hello")
    return Channel.objects.get()


def today(channel: Channel) -> Found:
    day = statistics.today()
    return telegram.wait_for(sources.find_days(channel, [day], None))[day]


def page_of(scene: Scene, channel: Channel) -> bytes:
    return httpx.get(f"{scene.control.url}/s/{channel.username}").content


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"<html>", {}),
        (404, b"", {}),
        (302, b"", {"Location": "/s/elsewhere"}),
        (200, b"", {}),
        (200, b"<html><body>No preview</body></html>", {}),
        (200, b'<main class="tgme_main"></main>', {}),
        (200, b"\xff\xfe\x00" * 100, {}),
    ],
)
def test_what_is_no_page_tells_nothing(channel: Channel, settings: Any, answer: Answer) -> None:
    with serving(lambda _path: answer) as settings.PREVIEW_URL:
        assert today(channel) == Found()


def test_a_page_without_end_is_not_read(scene: Scene, channel: Channel, settings: Any) -> None:
    body = page_of(scene, channel) + b" " * pages.MOST_BYTES
    with serving(lambda _path: (200, body, {})) as settings.PREVIEW_URL:
        assert today(channel) == Found()


def test_a_redirect_is_not_followed(scene: Scene, channel: Channel, settings: Any) -> None:
    asked: list[str] = []

    def answer(path: str) -> Answer:
        asked.append(path)
        return 302, b"", {"Location": f"{scene.control.url}/s/{channel.username}"}

    with serving(answer) as settings.PREVIEW_URL:
        assert today(channel) == Found()
    assert asked == [f"/s/{channel.username}"]


def test_pages_that_lead_in_circles_are_left(scene: Scene, channel: Channel, settings: Any) -> None:
    asked: list[str] = []
    page = page_of(scene, channel).replace(
        b"</section></main>",
        b'<div class="tgme_widget_message_centered"><a class="tme_messages_more" data-before="9"></a></div>'
        b"</section></main>",
    )

    def answer(path: str) -> Answer:
        asked.append(path)
        return 200, page, {}

    with serving(answer) as settings.PREVIEW_URL:
        assert today(channel) == Found()
    assert len(asked) == 2


def test_somebody_elses_page_is_refused(scene: Scene, channel: Channel, settings: Any) -> None:
    page = page_of(scene, channel)
    channel.username = "another_name"
    with serving(lambda _path: (200, page, {})) as settings.PREVIEW_URL:
        assert today(channel) == Found()


def test_one_reading_serves_a_week(scene: Scene, channel: Channel, settings: Any) -> None:
    asked: list[str] = []
    page = page_of(scene, channel)

    def answer(path: str) -> Answer:
        asked.append(path)
        return 200, page, {}

    days = [statistics.today() - timedelta(days=ago) for ago in range(7)]
    with serving(answer) as settings.PREVIEW_URL:
        found = telegram.wait_for(sources.find_days(channel, days, None))
    assert len(asked) == 1
    assert [told.posts.value for told in found.values() if told.posts] == [1, 0, 0, 0, 0, 0, 0]
