"""The inbox receives mail by real SMTP and SMS by HTTP, shows both, and misbehaves on request."""

import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.server import running_sandbox
from tests.sandbox.conftest import Stage

KEY = {"Authorization": "Bearer sandbox-sms-key"}


def letter(subject: str = "Hello", text: str = "How are you?\nWell!") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "us@example.com", "ann@example.com", subject
    message["Message-ID"] = "<1@example.com>"
    message.set_content(text)
    return message


def send(stage: Stage, message: EmailMessage, *to: str, timeout: float = 10) -> None:
    with smtplib.SMTP("127.0.0.1", stage.get("/health")["smtp_port"], timeout=timeout) as server:
        server.send_message(message, to_addrs=to or None)


def sms(stage: Stage, headers: dict[str, str] = KEY, **body: Any) -> httpx.Response:
    return stage.http.post("/sms", json={"to": "+491511234567", "text": "Hi", **body}, headers=headers)


def test_mail_and_sms_are_listed_newest_last_and_filtered(fresh_stage: Stage) -> None:
    send(fresh_stage, letter("Привет", "Как дела?\nХорошо! " + "x" * 200))
    assert sms(fresh_stage, text="Привет").json()["status"] == "accepted"
    mail, short = fresh_stage.get("/inbox")
    assert mail["at"] <= short["at"]
    assert (mail["channel"], mail["to"], mail["subject"]) == ("email", "ann@example.com", "Привет")
    assert (mail["text"], mail["message_id"]) == ("Как дела?\nХорошо! " + "x" * 200, "<1@example.com>")
    assert (short["channel"], short["to"], short["text"]) == ("sms", "+491511234567", "Привет")
    assert "subject" not in short
    assert fresh_stage.get("/inbox?to=Ann@example.com") == [mail]
    assert fresh_stage.get("/inbox?to=%2B491511234567") == [short]


def test_a_hidden_recipient_finds_the_letter_too(fresh_stage: Stage) -> None:
    send(fresh_stage, letter(), "ann@example.com", "bob@example.com")
    assert [one["to"] for one in fresh_stage.get("/inbox")] == ["ann@example.com", "bob@example.com"]


def test_a_reset_forgets_what_was_received(fresh_stage: Stage) -> None:
    sms(fresh_stage)
    fresh_stage.post("/inbox/faults", channel="sms", kind="error")
    fresh_stage.post("/reset")
    assert fresh_stage.get("/inbox") == []
    assert sms(fresh_stage).status_code == 202


def test_it_survives_the_process(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as url:
        stage = Stage(url)
        send(stage, letter())
        kept = stage.get("/inbox")
        stage.close()
    with running_sandbox(tmp_path) as url:
        stage = Stage(url)
        assert stage.get("/inbox") == kept
        sms(stage)
        assert [one["channel"] for one in stage.get("/inbox")] == ["email", "sms"]
        stage.close()


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
def test_sms_need_the_key(fresh_stage: Stage, headers: dict[str, str]) -> None:
    assert sms(fresh_stage, headers).status_code == 401
    assert fresh_stage.get("/inbox") == []


@pytest.mark.parametrize(
    ("kind", "status", "taken"),
    [("refuse", 400, 0), ("later", 503, 0), ("error", 500, 0), ("lost", 500, 1), ("garble", 200, 1)],
)
def test_sms_misbehave_once_on_request(fresh_stage: Stage, kind: str, status: int, taken: int) -> None:
    fresh_stage.post("/inbox/faults", channel="sms", kind=kind)
    assert sms(fresh_stage).status_code == status
    assert len(fresh_stage.get("/inbox")) == taken
    assert sms(fresh_stage).status_code == 202


@pytest.mark.parametrize(
    ("kind", "code", "taken"), [("refuse", 550, 0), ("later", 451, 0), ("error", 554, 0), ("garble", -1, 1)]
)
def test_mail_misbehaves_once_on_request(fresh_stage: Stage, kind: str, code: int, taken: int) -> None:
    fresh_stage.post("/inbox/faults", channel="email", kind=kind)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        send(fresh_stage, letter())
    assert (refused.value.smtp_code, len(fresh_stage.get("/inbox"))) == (code, taken)
    send(fresh_stage, letter())
    assert len(fresh_stage.get("/inbox")) == taken + 1


def test_an_answer_can_be_lost_or_late(fresh_stage: Stage) -> None:
    fresh_stage.post("/inbox/faults", channel="email", kind="lost")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(fresh_stage, letter())
    assert len(fresh_stage.get("/inbox")) == 1
    fresh_stage.post("/inbox/faults", channel="email", kind="hang", ms=400)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(fresh_stage, letter(), timeout=0.1)
    fresh_stage.post("/inbox/faults", channel="sms", kind="hang", ms=400)
    with pytest.raises(httpx.ReadTimeout):
        fresh_stage.http.post("/sms", json={"to": "+49151123", "text": "x"}, headers=KEY, timeout=0.1)


def test_all_faults_end_together(fresh_stage: Stage) -> None:
    fresh_stage.post("/inbox/faults", channel="sms", kind="error", times=9)
    fresh_stage.delete("/faults")
    assert sms(fresh_stage).status_code == 202
    unknown = fresh_stage.http.post("/sandbox/inbox/faults", json={"channel": "pigeon", "kind": "lost"})
    assert unknown.status_code == 400
