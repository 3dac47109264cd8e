"""Sentry and OpenTelemetry: absent unless asked for; told what broke and where, and nobody's secrets or words."""

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from config import reporting

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz012345"
WORDS = "what somebody wrote"
LOADED = """
import sys, django
django.setup()
# redis-py loads OpenTelemetry's own interfaces where they are installed.
NAMES = ("sentry_sdk", "opentelemetry.exporter", "opentelemetry.instrumentation", "config.sentry", "config.traces")
print([name for name in sys.modules if name.startswith(NAMES)])
"""
BREAKING = f"""
import logging, django
django.setup()
import sentry_sdk, structlog
from django.test import Client
from opentelemetry import trace
structlog.contextvars.bind_contextvars(account_id=7, request_id="found-again")
private = "{WORDS}"
try:
    raise RuntimeError("POST /bot{TOKEN}/sendMessage failed" + chr(10) + "DETAIL: " + private)
except RuntimeError:
    logging.getLogger("somewhere").exception("broke with %s", "{TOKEN}")
Client().get("/health/live?q={WORDS.replace(" ", "%20")}")
sentry_sdk.flush(20)
trace.get_tracer_provider().shutdown()
"""


class Sink(BaseHTTPRequestHandler):
    """Takes whatever comes."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.taken.append((self.path, body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """A test's output is no place for it."""


@pytest.fixture
def sink() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    server.taken = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def run(script: str, **environment: str) -> str:
    own = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **environment}
    done = subprocess.run(
        [sys.executable, "-c", script], env=own, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_nothing_of_them_is_imported_unless_they_are_asked_for() -> None:
    assert run(LOADED) == "[]"


def test_they_are_told_what_broke_and_where_and_nothing_private(sink: ThreadingHTTPServer) -> None:
    address = f"127.0.0.1:{sink.server_port}"
    run(
        BREAKING,
        SENTRY_DSN=f"http://key@{address}/1",
        OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{address}",
        OTEL_SERVICE_NAME="telegive",
    )
    taken: list[tuple[str, bytes]] = sink.taken  # type: ignore[attr-defined]
    told = b"".join(body for path, body in taken if path == "/api/1/envelope/")
    traced = b"".join(body for path, body in taken if path == "/v1/traces")
    assert b"RuntimeError" in told
    assert b'"account_id": "7"' in told.replace(b'":"', b'": "')
    assert b"found-again" in told
    assert b"health/live" in traced
    for private in (TOKEN, WORDS, WORDS.replace(" ", "%20")):
        assert private.encode() not in told + traced


def test_a_missing_package_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_module: str) -> None:
        raise ModuleNotFoundError(name="sentry_sdk")

    monkeypatch.setattr(reporting, "SENTRY_DSN", "http://key@127.0.0.1/1")
    monkeypatch.setattr(reporting, "import_module", missing)
    with pytest.raises(SystemExit, match=r"SENTRY_DSN.*sentry_sdk.*requirements-observe.txt"):
        reporting.start()
