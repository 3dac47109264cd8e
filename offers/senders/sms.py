"""SMS, by one POST to a provider: `{"to", "text", "reference"}` with a bearer key; 2xx with an id says it was taken."""

import http.client
import json
import socket
import threading
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings

from offers.senders.letter import Letter
from offers.services.delivery import Outcome, Report

SECONDS = 10  # for the connection, and for each piece of the answer
WHOLE_SECONDS = 30
MOST_BYTES = 16_384
LONGEST_PAUSE = 86_400


def by_http(letter: Letter) -> Report:
    """The connection first: what fails before the request is written was surely not sent."""
    if not settings.SMS_URL:
        return Report(Outcome.REFUSED, "No SMS provider is set: SMS_URL.")
    parts = urlsplit(settings.SMS_URL)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    there = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    try:
        there.connect()
    except OSError as error:
        return Report(Outcome.AWAY, f"No connection to the SMS provider: {type(error).__name__}.")
    path = parts.path or "/"
    with _patience(there.sock):
        try:
            there.request("POST", f"{path}?{parts.query}" if parts.query else path, *_request(letter))
            answer = there.getresponse()
            return meaning(answer.status, answer.read(MOST_BYTES), answer.getheader("Retry-After", ""))
        except (OSError, http.client.HTTPException) as error:
            return Report(Outcome.UNKNOWN, f"The SMS provider did not answer: {type(error).__name__}.")
        finally:
            there.close()


def _request(letter: Letter) -> tuple[bytes, dict[str, str]]:
    body = {"to": letter.to, "text": letter.text, "reference": letter.reference}
    return json.dumps(body).encode(), {
        "Authorization": f"Bearer {settings.SMS_API_KEY}",
        "Content-Type": "application/json",
        "Idempotency-Key": letter.reference,
    }


class _patience:  # noqa: N801
    """Cuts an answer that drips for ever: a time-out of the socket only bounds each piece."""

    def __init__(self, sock: socket.socket) -> None:
        self.timer = threading.Timer(WHOLE_SECONDS, self.cut, [sock])
        self.timer.daemon = True

    def __enter__(self) -> None:
        self.timer.start()

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()

    @staticmethod
    def cut(sock: socket.socket) -> None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def meaning(status: int, body: bytes, retry_after: str = "") -> Report:
    """429 and 503 say "not now". Any other 5xx may have come after the message left. A 2xx counts with an id only."""
    if 200 <= status < 300:
        reference = id_in(body)
        if reference:
            return Report(Outcome.TAKEN, reference=reference)
        return Report(Outcome.UNKNOWN, f"The SMS provider's answer ({status}) cannot be read.")
    if status in (429, 503):
        seconds = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0
        pause = timedelta(seconds=min(seconds, LONGEST_PAUSE)) if seconds else None
        return Report(Outcome.LATER, f"The SMS provider put it off ({status}).", pause=pause)
    if status in (401, 403) or status < 400:
        return Report(
            Outcome.AWAY, f"The SMS provider takes nothing from us ({status}): see SMS_URL, SMS_API_KEY."
        )
    if status < 500 and status != 408:
        return Report(Outcome.REFUSED, f"The SMS provider refused it ({status}).")
    return Report(Outcome.UNKNOWN, f"The SMS provider failed ({status}).")


def id_in(body: bytes) -> str:
    """The provider's own name for the message; empty when the answer is not one."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    found = answer.get("id") if isinstance(answer, dict) else None
    return str(found)[:100] if isinstance(found, str | int) and not isinstance(found, bool) else ""
