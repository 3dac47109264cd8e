"""A server of an account's, on this machine: it keeps what it is told and answers as a test says."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from accounts.audit import Actor
from accounts.models import User
from webhooks import services
from webhooks.models import Endpoint

OWNER = Actor(label="owner")


@dataclass
class Receiver:
    """`answers` are statuses to give, then 200; `heard` are (headers, body)."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        self.heard.append((dict(request.headers), body))
        request.send_response(self.answers.pop(0) if self.answers else 200)
        request.send_header("Location", f"{self.url}/elsewhere")
        request.send_header("Content-Length", "0")
        request.end_headers()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.take(self)

        def log_message(self, *args: Any) -> None:
            """Not on the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def endpoint(owner: User, receiver: Receiver) -> Endpoint:
    return services.add(account_id=owner.account_id, by=OWNER, url=receiver.url)
