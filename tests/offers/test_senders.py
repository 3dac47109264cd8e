"""What a mail server's or an SMS provider's answer means: taken, refused, later, away, or nobody knows."""

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.senders import mail, sms
from offers.senders.letter import Letter
from offers.services.delivery import Outcome
from tests.offers.inbox import Outside

LETTER = Letter(7, 1_700_000_000, "ann@example.com", "Subject", "Text\n")
SMS = Letter(7, 1_700_000_000, "+4915112345678", "", "Text")


@contextmanager
def answering(*answers: bytes) -> Iterator[int]:
    """A server that says these bytes, one after each thing it hears, and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        there, _ = listener.accept()
        with there:
            there.settimeout(5)
            for answer in answers:
                there.recv(65_536)
                there.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    thread.join()
    listener.close()


def http(status: str, body: bytes = b"", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.fixture
def outside(sandbox_url: str, settings: Any) -> Iterator[Outside]:
    there = Outside(sandbox_url)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", there.smtp_port(), 0.2
    settings.SMS_URL, settings.SMS_API_KEY = f"{sandbox_url}/sms", "sandbox-sms-key"
    yield there
    there.calm()
    there.http.close()


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("refuse", Outcome.REFUSED),
        ("error", Outcome.REFUSED),
        ("later", Outcome.LATER),
        ("lost", Outcome.UNKNOWN),
        ("garble", Outcome.UNKNOWN),
    ],
)
def test_mail_reads_the_servers_answer(outside: Outside, fault: str, outcome: Outcome) -> None:
    outside.fault("email", fault)
    assert mail.by_django(LETTER).outcome is outcome
    assert mail.by_django(LETTER).outcome is Outcome.TAKEN


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("refuse", Outcome.REFUSED),
        ("error", Outcome.UNKNOWN),
        ("later", Outcome.LATER),
        ("lost", Outcome.UNKNOWN),
        ("garble", Outcome.UNKNOWN),
    ],
)
def test_sms_reads_the_providers_answer(outside: Outside, fault: str, outcome: Outcome) -> None:
    outside.fault("sms", fault)
    assert sms.by_http(SMS).outcome is outcome
    assert sms.by_http(SMS).outcome is Outcome.TAKEN


def test_silence_after_the_letter_was_written_is_a_doubt(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sms, "SECONDS", 0.2)
    for channel in ("email", "sms"):
        outside.fault(channel, "hang", ms=600)
    assert mail.by_django(LETTER).outcome is Outcome.UNKNOWN
    assert sms.by_http(SMS).outcome is Outcome.UNKNOWN


def test_an_answer_that_drips_for_ever_is_cut(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sms, "WHOLE_SECONDS", 0.2)
    listener = socket.create_server(("127.0.0.1", 0))
    settings.SMS_URL, settings.SMS_API_KEY = f"http://127.0.0.1:{listener.getsockname()[1]}/", "k"
    assert sms.by_http(SMS).outcome is Outcome.UNKNOWN  # nobody ever answers, long before SECONDS
    listener.close()


def test_a_server_that_is_not_there_got_nothing(outside: Outside, settings: Any) -> None:
    settings.EMAIL_PORT, settings.SMS_URL = 9, "http://127.0.0.1:9/sms"
    assert mail.by_django(LETTER).outcome is sms.by_http(SMS).outcome is Outcome.AWAY


def test_a_key_that_is_refused_is_our_fault_and_not_the_letters(outside: Outside, settings: Any) -> None:
    settings.SMS_API_KEY = "wrong"
    assert sms.by_http(SMS).outcome is Outcome.AWAY


def test_without_a_server_nothing_is_said_to_be_sent(settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.SMS_URL = mail.NOWHERE, ""
    assert mail.by_django(LETTER).outcome is sms.by_http(SMS).outcome is Outcome.REFUSED


@pytest.mark.parametrize("to", ["ann@example.com\nBcc: bob@example.com", "@", "ann@exa mple.com"])
def test_an_address_no_mail_can_carry_is_refused(outside: Outside, to: str) -> None:
    assert mail.by_django(Letter(7, 1, to, "Subject", "Text")).outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (http("200 OK", b'{"id": "a1"}'), Outcome.TAKEN),
        (http("202 Accepted", b'{"id": 17}'), Outcome.TAKEN),
        (http("200 OK", b'{"id": true}'), Outcome.UNKNOWN),
        (http("200 OK", b'{"id": ""}'), Outcome.UNKNOWN),
        (http("200 OK", b'["a1"]'), Outcome.UNKNOWN),
        (http("204 No Content"), Outcome.UNKNOWN),
        (http("302 Found", headers="Location: http://127.0.0.1:9/\r\n"), Outcome.AWAY),
        (http("403 Forbidden"), Outcome.AWAY),
        (http("404 Not Found"), Outcome.REFUSED),
        (http("408 Request Timeout"), Outcome.UNKNOWN),
        (http("429 Too Many Requests", headers="Retry-After: 90\r\n"), Outcome.LATER),
        (http("502 Bad Gateway"), Outcome.UNKNOWN),
        (b"SMTP? no\r\n\r\n", Outcome.UNKNOWN),
        (b"", Outcome.UNKNOWN),
    ],
)
def test_only_a_readable_yes_is_a_yes(settings: Any, answer: bytes, outcome: Outcome) -> None:
    with answering(answer) as port:
        settings.SMS_URL, settings.SMS_API_KEY = f"http://127.0.0.1:{port}/v1?from=us", "k"
        report = sms.by_http(SMS)
    assert report.outcome is outcome
    assert (report.pause is not None) == (b"Retry-After" in answer)


@given(st.integers(100, 599), st.binary(max_size=200), st.text(max_size=8))
def test_no_answer_of_a_provider_breaks_the_sender(status: int, body: bytes, retry_after: str) -> None:
    report = sms.meaning(status, body, retry_after)
    assert (report.outcome is Outcome.TAKEN) == (bool(sms.id_in(body)) and 200 <= status < 300)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.c": (550, b"a@b.c is unknown")}), Outcome.REFUSED),
        (smtplib.SMTPRecipientsRefused({"a@b.c": (450, b"greylisted")}), Outcome.LATER),
        (smtplib.SMTPSenderRefused(530, b"authenticate", "us@b.c"), Outcome.REFUSED),
        (smtplib.SMTPServerDisconnected("gone"), Outcome.UNKNOWN),
        (TimeoutError(), Outcome.UNKNOWN),
    ],
)
def test_the_mail_servers_own_words_never_leave(error: Exception, outcome: Outcome) -> None:
    report = mail.meaning(error)
    assert report.outcome is outcome and "@" not in report.reason
