"""Connecting a bot: POST /bots/."""

import base64
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from bots import crypto
from bots.models import Bot
from bots.services import bots
from tests.bots.conftest import Made, connect, make, revoke
from tests.conftest import client_of
from tests.factories import PASSWORD
from tests.scene import Control
from tests.threads import in_threads

WELL_FORMED = "123456789:AAabcdefghijklmnopqrstuvwxyz0123456"
BROKEN_TOKENS = [
    "", " ", "x", "123:short", ":AAabcdefghijklmnopqrstuvwxyz", "abc:AAabcdefghijklmnopqrstuvwxyz012345",
    WELL_FORMED + " x", WELL_FORMED.replace(":", "/"), WELL_FORMED + "/../getMe", "1" * 25 + WELL_FORMED,
    WELL_FORMED + "x" * 120, WELL_FORMED + "\0", WELL_FORMED + "\ud800", "１２３４５６" + WELL_FORMED,
    None, 5, True, 1.5, [], {}, [WELL_FORMED],
]  # fmt: skip
BROKEN_BODIES: list[tuple[Any, str]] = [
    ({}, "token"),
    ({"token": WELL_FORMED, "colour": "red"}, "colour"),
    ({"token": WELL_FORMED, "id": 1}, "id"),
    ({"token": WELL_FORMED, "status": "active"}, "status"),
    ({"token": WELL_FORMED, "alias": 5}, "alias"),
    ({"token": WELL_FORMED, "alias": None}, "alias"),
    ({"token": WELL_FORMED, "alias": ""}, "alias"),
    ({"token": WELL_FORMED, "alias": "x" * 256}, "alias"),
    ({"token": WELL_FORMED, "alias": "a\0b"}, "alias"),
    ({"token": WELL_FORMED, "alias": "\ud800"}, "alias"),
    ({"token": WELL_FORMED, "name": True}, "name"),
    ({"token": WELL_FORMED, "name": "x" * 256}, "name"),
    ({"token": WELL_FORMED, "description": ["x"]}, "description"),
    ({"token": WELL_FORMED, "description": "x" * 2001}, "description"),
    ([], "non_field_errors"),
    ("token", "non_field_errors"),
]


def send(client: APIClient, body: Any) -> Any:
    """As most programs write JSON: whatever is not ASCII is escaped, halves of characters too."""
    return client.generic("POST", "/bots/", json.dumps(body), content_type="application/json")


def post(client: APIClient, token: Any, **names: Any) -> Any:
    return send(client, {"token": token, **names})


@pytest.mark.parametrize("path", ["/bots/", "/bots"])
def test_a_live_token_connects_the_bot(client: APIClient, made: Made, owner: User, path: str) -> None:
    answer = client.post(path, {"token": made.token, "alias": "Coffee"})
    bot = Bot.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {"status": "ok", "data": {"id": bot.pk, "new": True}}
    assert (bot.telegram_id, bot.username, bot.name, bot.alias) == (made.id, made.username, "Bot", "Coffee")
    assert (bot.status, bot.account_id) == ("active", owner.account_id)
    assert bots.token_of(bot) == made.token
    assert AuditEntry.objects.get(verb="connect").actor_id == owner.id


def test_connecting_it_again_changes_nothing_but_the_names(client: APIClient, made: Made) -> None:
    first = post(client, made.token).json()["data"]
    again = post(client, made.token, alias="Tea")
    assert again.status_code == 200
    assert again.json() == {"status": "ok", "data": {"id": first["id"], "new": False}}
    assert Bot.objects.get().alias == "Tea"


def test_connecting_it_again_renews_the_token_and_brings_it_back(
    client: APIClient, connected: Bot, made: Made, control: Control
) -> None:
    bots.quarantine_bot(bot_id=connected.pk, reason="Unauthorized")
    renewed = revoke(control, made)
    assert post(client, renewed.token).json()["data"] == {"id": connected.pk, "new": False}
    bot = Bot.objects.get()
    assert (bot.status, bot.status_reason) == ("active", "")
    assert bots.token_of(bot) == renewed.token
    assert bot.token_fingerprint == crypto.token_fingerprint(renewed.token) != connected.token_fingerprint


@pytest.mark.parametrize("token", ["revoked", "123456789:AAnever_existed_never_existed_0123"])
def test_a_dead_token_is_refused_and_nothing_is_saved(
    client: APIClient, made: Made, control: Control, token: str
) -> None:
    revoke(control, made)
    answer = post(client, made.token if token == "revoked" else token)
    assert answer.status_code == 503
    assert answer.json().keys() == {"status", "code", "message"}
    assert (answer.json()["status"], answer.json()["code"]) == ("error", "BOT_TOKEN_DEAD")
    assert not Bot.objects.exists()


@pytest.mark.parametrize("fault", [{"kind": "html_502"}, {"kind": "error", "code": 500},
                                   {"kind": "error", "retry_after": 7}, {"kind": "reset_after_accept"}])  # fmt: skip
def test_a_telegram_in_trouble_is_told_and_nothing_is_saved(
    client: APIClient, made: Made, control: Control, fault: dict[str, Any]
) -> None:
    control.fault(method="getMe", times=None, **fault)
    answer = post(client, made.token)
    assert (answer.status_code, answer.json()["code"]) == (503, "BOT_UNREACHABLE")
    assert not Bot.objects.exists()


def test_a_telegram_that_is_away_is_told_too(client: APIClient, made: Made, unplug: Any) -> None:
    unplug()
    answer = post(client, made.token)
    assert (answer.status_code, answer.json()["status"]) == (503, "error")
    assert answer.json()["message"].startswith("Bot can't connect to Telegram")
    assert not Bot.objects.exists()


@pytest.mark.parametrize("token", BROKEN_TOKENS)
def test_what_is_no_token_is_refused_without_asking(client: APIClient, token: Any) -> None:
    answer = post(client, token)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["errors"]) == ["token"]


@pytest.mark.parametrize(("body", "field"), BROKEN_BODIES)
def test_a_body_of_the_wrong_shape_names_the_field(client: APIClient, body: Any, field: str) -> None:
    answer = send(client, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert field in answer.json()["errors"]


@pytest.mark.parametrize("body", [b"", b"{", b"not json", b"\xff"])
def test_a_body_that_is_no_json_is_refused(client: APIClient, body: bytes) -> None:
    answer = client.generic("POST", "/bots/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["status"] == "error"


def test_a_bot_belongs_to_one_account(connected: Bot, made: Made, stranger: User) -> None:
    answer = post(client_of(stranger), made.token)
    assert (answer.status_code, answer.json()["code"]) == (409, "BOT_TAKEN")
    assert Bot.objects.get().account_id == connected.account_id


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_bot(client: APIClient, made: Made) -> None:
    answers = in_threads(20, lambda: post(client, made.token))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]  # type: ignore[union-attr]
    bot = Bot.objects.get()
    assert {answer.json()["data"]["id"] for answer in answers} == {bot.pk}  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_of_two_accounts_at_once_one_gets_the_bot(owner: User, stranger: User, made: Made) -> None:
    waiting = [client_of(user) for user in (owner, stranger) * 5]
    answers = in_threads(10, lambda: post(waiting.pop(), made.token))
    codes = sorted(answer.status_code for answer in answers)  # type: ignore[union-attr]
    assert codes == [200] * 4 + [201] + [409] * 5


def basic(password: str = PASSWORD) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(f"owner:{password}".encode()).decode()}


def test_basic_credentials_are_welcome(owner: User, made: Made) -> None:
    answer = client_of(None).post("/bots/", {"token": made.token}, **basic())
    assert answer.status_code == 201
    assert client_of(None).get("/bots/", **basic()).json()["count"] == 1


def test_nobody_connects_nothing(owner: User, made: Made) -> None:
    assert post(client_of(None), made.token).status_code == 401
    assert client_of(None).post("/bots/", {"token": made.token}, **basic("wrong")).status_code == 401
    assert not Bot.objects.exists()


def test_two_bots_are_two(owner: User, control: Control) -> None:
    rows = [connect(owner, make(control)) for _ in range(2)]
    assert len({row.pk for row in rows}) == 2
