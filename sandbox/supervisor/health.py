"""Asking a process whether it is up, without ever waiting for the answer."""

import socket
import time
from contextlib import suppress
from urllib.parse import urlsplit

ASK_AGAIN_SECONDS = 0.1
ANSWER_SECONDS = 15.0


class Probe:
    """One question in flight at a time. `is_up` is called again and again and never blocks.

    Any status below 500 counts: a person may have set ALLOWED_HOSTS to a name that is not the loopback's.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._question = f"GET {parts.path} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode()
        self._connection: socket.socket | None = None
        self._asked_at = 0.0

    def is_up(self) -> bool:
        if self._connection is None:
            self._ask()
            return False
        try:
            answer = self._connection.recv(64)
        except BlockingIOError:
            if time.monotonic() - self._asked_at > ANSWER_SECONDS:
                self.close()
            return False
        except OSError:
            answer = b""
        self.close()
        return _is_good(answer)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _ask(self) -> None:
        now = time.monotonic()
        if now - self._asked_at < ASK_AGAIN_SECONDS:
            return
        self._asked_at = now
        with suppress(OSError):  # nobody listens yet
            self._connection = socket.create_connection(self._address, timeout=0.2)
            self._connection.sendall(self._question)
            self._connection.setblocking(False)


def _is_good(answer: bytes) -> bool:
    """b"HTTP/1.1 200 OK..." """
    words = answer.split(b" ", 2)
    return len(words) > 1 and words[1].isdigit() and int(words[1]) < 500


def is_healthy(url: str, seconds: float) -> bool:
    """Waits for a good answer for that long."""
    probe = Probe(url)
    deadline = time.monotonic() + seconds
    try:
        while not (up := probe.is_up()) and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        probe.close()
    return up
