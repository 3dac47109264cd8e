"""The real nginx with the real configuration, in front of two servers that say what reached them."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.compose import ROOT

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin")
pytestmark = pytest.mark.skipif(
    NGINX is None, reason="nginx is not installed (Debian: apt install nginx-light)"
)
START_SECONDS = 10.0
MEGABYTE = 1_000_000
MAIN = """
{user}
daemon off;
pid {place}/nginx.pid;
error_log stderr;
events {{}}
http {{
    client_body_temp_path {place}/body;
    proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi;
    scgi_temp_path {place}/scgi;
    include {place}/conf.d/*.conf;
}}
"""


class Mirror(BaseHTTPRequestHandler):
    """Answers with its own name and the headers it was given."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = {"server": self.server.name, "path": self.path, "headers": dict(self.headers)}  # type: ignore[attr-defined]
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Frame-Options", "DENY")  # as Django does
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 (the name is the library's)

    def log_message(self, *_: Any) -> None:
        """A test's output is no place for it."""


@contextmanager
def mirror(name: str) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.name = name  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def configure(place: Path, port: int, upstreams: dict[str, int]) -> Path:
    """The repository's configuration with another port and other servers behind it."""
    conf_d = place / "conf.d"
    conf_d.mkdir()
    for source in (ROOT / "deploy/nginx").glob("*.conf"):
        text = source.read_text(encoding="utf8")
        if source.name == "upstreams.conf":
            assert sorted(re.findall(r"^upstream (\w+)", text, re.MULTILINE)) == sorted(upstreams)
            servers = [f"upstream {name} {{ server 127.0.0.1:{at}; }}\n" for name, at in upstreams.items()]
            text = "".join(servers)
        (conf_d / source.name).write_text(text.replace("listen 8080;", f"listen 127.0.0.1:{port};"))
    main = place / "nginx.conf"
    # Started as root, nginx would work as somebody who cannot look into a directory of root's.
    main.write_text(MAIN.format(place=place, user="user root;" if os.geteuid() == 0 else ""))
    return main


@contextmanager
def running(main: Path, port: int) -> Iterator[None]:
    assert NGINX is not None
    process = subprocess.Popen([NGINX, "-c", main], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + START_SECONDS
    try:
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "nginx refuses the configuration"
            assert time.monotonic() < deadline, "nginx does not start"
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an nginx with both servers up."""
    port = free_port()
    place = tmp_path_factory.mktemp("nginx")
    with mirror("web") as web, mirror("bots") as bots:
        main = configure(place, port, {"web": web.server_port, "bots": bots.server_port})
        with running(main, port):
            yield port


def ask(
    port: int, path: str, *, method: str = "GET", body: bytes = b"", **headers: str
) -> tuple[int, Any, Any]:
    """(status, headers, body read as JSON)"""
    there = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        there.request(method, path, body=body or None, headers={"Host": "telegive.test", **named})
        answer = there.getresponse()
        return answer.status, answer.headers, json.loads(answer.read() or b"null")
    finally:
        there.close()


@pytest.mark.parametrize(
    ("path", "server"),
    [("/", "web"), ("/admin/login/", "web"), ("/telegram/7", "bots"), ("/telegrams", "web")],
)
def test_it_sends_everything_to_web_but_updates_to_bots(door: int, path: str, server: str) -> None:
    assert ask(door, path)[2]["server"] == server


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "//metrics", "/metrics%0A", "/a/../metrics", "/%6detrics"]
)
def test_it_lets_nobody_at_the_metrics(door: int, path: str) -> None:
    status, headers, said = ask(door, path)
    assert (status, said["code"]) == (404, "NOT_FOUND")
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/login", 2 * MEGABYTE, 200),
        ("/login", 4 * MEGABYTE, 413),
        ("/api/giveaways/5/media", 55 * MEGABYTE, 200),
        ("/api/giveaways/5/media/", 4 * MEGABYTE, 200),
        ("/api/giveaways/5/media", 64 * MEGABYTE, 413),
        ("/api/media", 55 * MEGABYTE, 200),
        ("/api/media/", 64 * MEGABYTE, 413),
        ("/api/media/5", 4 * MEGABYTE, 413),
        ("/api/giveaways/create", 4 * MEGABYTE, 413),
        ("/bulk_message", 32 * MEGABYTE, 200),
        ("/bulk_message/", 35 * MEGABYTE, 413),
        ("/api/broadcasts/audience", 32 * MEGABYTE, 200),
        ("/api/broadcasts/", 4 * MEGABYTE, 413),
        ("/telegram/7", 4 * MEGABYTE, 200),
        ("/telegram/7", 5 * MEGABYTE, 413),
    ],
)
def test_it_takes_large_bodies_only_where_they_belong(door: int, path: str, size: int, status: int) -> None:
    found, _, said = ask(door, path, method="POST", body=bytes(size))
    assert found == status
    assert status == 200 or said["code"] == "BODY_TOO_LARGE"


def test_it_says_who_came_and_how(door: int) -> None:
    given = ask(door, "/", X_Forwarded_For="203.0.113.7", X_Forwarded_Proto="https")[2]["headers"]
    assert given["X-Forwarded-For"] == "203.0.113.7, 127.0.0.1"
    assert given["X-Forwarded-Proto"] == "https"
    assert given["Host"] == "telegive.test"


@pytest.mark.parametrize("claim", ["", "ftp", "HTTPS, http", "javascript"])
def test_it_believes_no_other_scheme(door: int, claim: str) -> None:
    assert ask(door, "/", X_Forwarded_Proto=claim)[2]["headers"]["X-Forwarded-Proto"] == "http"


@pytest.mark.parametrize("path", ["/", "/metrics", "/telegram/7"])
def test_it_adds_each_security_header_once(door: int, path: str) -> None:
    headers = ask(door, path)[1]
    assert headers.get_all("X-Frame-Options") == ["DENY"]
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("Referrer-Policy") == ["same-origin"]
    assert headers["Server"] == "nginx"


@pytest.mark.parametrize("path", ["/join", "/join/"])
def test_only_the_mini_app_may_stand_in_a_frame(door: int, path: str) -> None:
    headers = ask(door, path)[1]
    assert headers.get_all("X-Frame-Options") is None
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("Referrer-Policy") == ["same-origin"]


def test_it_says_in_our_shape_that_web_is_away(tmp_path: Path) -> None:
    port, nobody = free_port(), free_port()
    with running(configure(tmp_path, port, {"web": nobody, "bots": nobody}), port):
        status, _, said = ask(port, "/api/giveaways/1")
    assert (status, said["status"], said["code"]) == (503, "error", "SERVICE_UNAVAILABLE")
