"""The activation partner's stand-in: who may ask, and that a transaction has one answer for ever."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.partner import API_KEY, SECRET
from sandbox.server import running_sandbox

ID = "7b0c7f0e-1111-4222-8333-444455556666"
ORDER = {"transaction_id": ID, "kind": "activation", "code": "tv-1", "days": 30}


class Asker:
    """Somebody with a key and a secret, as docs/how-money-is-kept.md tells them to ask."""

    def __init__(self, url: str, key: str = API_KEY, secret: str = SECRET) -> None:
        self.http = httpx.Client(base_url=url, timeout=10)
        self.key, self.secret = key, secret

    def ask(self, method: str, path: str, body: Any = None, *, at: float | None = None) -> httpx.Response:
        content = json.dumps(body).encode() if body else b""
        seconds = int(at or time.time())
        words = f"{seconds}\n{method}\n/partner{path}\n".encode() + content
        headers = {
            "X-Api-Key": self.key,
            "X-Timestamp": str(seconds),
            "X-Signature": hmac.new(self.secret.encode(), words, hashlib.sha256).hexdigest(),
        }
        return self.http.request(method, f"/partner{path}", content=content, headers=headers)

    def activate(self, **changed: Any) -> dict[str, Any]:
        return dict(self.ask("POST", "/activations", ORDER | changed).json())

    def cancel(self) -> str:
        return str(self.ask("POST", f"/activations/{ID}/cancel").json()["status"])

    def status(self) -> str:
        return str(self.ask("GET", f"/activations/{ID}").json()["status"])

    def fault(self, kind: str, **about: Any) -> None:
        assert self.http.post("/sandbox/partner/faults", json={"kind": kind, **about}).is_success

    def services(self) -> list[dict[str, Any]]:
        return list(self.http.get("/sandbox/partner/services").json())


@pytest.fixture
def asker(sandbox_url: str) -> Iterator[Asker]:
    made = Asker(sandbox_url)
    made.http.post("/sandbox/reset")
    yield made
    made.http.post("/sandbox/reset")
    made.http.close()


def test_an_activation_is_one_however_often_it_is_asked(asker: Asker) -> None:
    first = asker.activate()
    assert first["status"] == asker.status() == "active"
    assert asker.activate() == first
    (service,) = asker.services()
    assert service["switched_on"] == 1


def test_the_same_transaction_for_something_else_is_refused(asker: Asker) -> None:
    asker.activate()
    assert asker.ask("POST", "/activations", ORDER | {"days": 60}).status_code == 409


def test_what_was_cancelled_is_never_switched_on_heard_of_before_or_not(asker: Asker) -> None:
    assert asker.status() == "absent"
    assert asker.cancel() == asker.cancel() == "cancelled"
    assert asker.activate()["status"] == "cancelled"
    assert asker.services()[0]["switched_on"] == 0


def test_a_refusal_stays_one(asker: Asker) -> None:
    asker.fault("refuse")
    assert [asker.activate()["status"], asker.activate()["status"], asker.cancel()] == ["refused"] * 3


def test_a_fault_meets_the_questions_it_was_meant_for(asker: Asker) -> None:
    asker.fault("error_after_accept", question="activate", match=ID, times=1)
    assert asker.status() == "absent"
    assert asker.ask("POST", "/activations", ORDER).status_code == 500
    assert asker.status() == "active"


def test_nonsense_is_refused_with_a_sentence(asker: Asker) -> None:
    assert asker.http.post("/sandbox/partner/faults", json={"kind": "sing"}).status_code == 400
    assert asker.ask("POST", "/activations", {"code": "tv-1"}).status_code == 400


@pytest.mark.parametrize(
    ("changed", "at"),
    [({"key": "another"}, None), ({"secret": "another"}, None), ({"key": "ключ".encode()}, None), ({}, 1.0)],
)
def test_a_stranger_and_a_request_of_yesterday_are_turned_away(
    sandbox_url: str, changed: Any, at: float | None
) -> None:
    stranger = Asker(sandbox_url, **changed)
    assert stranger.ask("GET", f"/activations/{ID}", at=at).status_code == 401
    stranger.http.close()


def test_a_body_changed_on_the_way_is_turned_away(asker: Asker) -> None:
    seconds = int(time.time())
    words = f"{seconds}\nPOST\n/partner/activations\n".encode() + json.dumps(ORDER).encode()
    signature = hmac.new(SECRET.encode(), words, hashlib.sha256).hexdigest()
    headers = {"X-Api-Key": API_KEY, "X-Timestamp": str(seconds), "X-Signature": signature}
    answer = asker.http.post("/partner/activations", json=ORDER | {"days": 3650}, headers=headers)
    assert answer.status_code == 401


def test_it_remembers_after_a_restart(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as url:
        before = Asker(url)
        before.activate()
        held = before.services()
        before.http.close()
    with running_sandbox(tmp_path) as url:
        after = Asker(url)
        assert after.services() == held
        assert after.status() == "active"
        after.http.close()
