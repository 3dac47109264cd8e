"""Reading a press from Telegram's JSON: what is read is read rightly, and anything unusual is left to aiogram."""

import json
from typing import Any

import pytest
from aiogram.types import Update
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.updates.presses import Press, read

ANN = {"id": 7, "is_bot": False, "first_name": "Ann", "username": "ann", "language_code": "ru"}
CHAT = {"id": 7, "type": "private", "first_name": "Ann"}
MESSAGE = {"message_id": 1, "date": 1_700_000_000, "from": ANN, "chat": CHAT, "text": "/start giveaway_5"}
UNDER = {"message_id": 1, "date": 1_700_000_000, "chat": CHAT, "text": "Subscribe"}
QUERY = {"id": "99", "from": ANN, "message": UNDER, "chat_instance": "1", "data": "check:5"}
STARTED = {"update_id": 3, "message": MESSAGE}
PRESSED = {"update_id": 3, "callback_query": QUERY}


def body(told: Any) -> bytes:
    return json.dumps(told).encode()


def test_a_press_is_read() -> None:
    assert read(body(STARTED)) == Press(3, 7, "Ann", "ann", "ru", "/start giveaway_5")
    assert read(body(PRESSED)) == Press(3, 7, "Ann", "ann", "ru", "check:5", "99")


def test_a_person_without_username_and_language_is_read() -> None:
    nobody = {"id": 7, "is_bot": False, "first_name": "Аня 🙂", "is_premium": True}
    assert read(body({"update_id": 3, "message": {**MESSAGE, "from": nobody}})) == Press(
        3, 7, "Аня 🙂", "", "", "/start giveaway_5"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"chat": {**CHAT, "type": "group"}},
        {"text": "Hello"},
        {"text": "/start"},
        {"text": "/start@our_bot giveaway_5"},
        {"text": 5},
        {"text": None},
        {"from": None},
        {"from": {**ANN, "id": "7"}},
        {"from": {**ANN, "is_bot": True}},
        {"from": {**ANN, "first_name": 5}},
        {"from": {**ANN, "username": None}},
        {"from": {**ANN, "first_name": "half \ud83d"}},
        {"via_bot": ANN},
        {"forward_origin": {}},
        {"business_connection_id": "x"},
        {"reply_to_message": {}},
        {"photo": []},
        {"date": "today"},
        {"message_id": True},
    ],
)
def test_an_unusual_message_is_left_to_aiogram(change: dict[str, Any]) -> None:
    assert read(body({"update_id": 3, "message": {**MESSAGE, **change}})) is None


@pytest.mark.parametrize(
    "change",
    [{"id": 99}, {"id": ""}, {"data": None}, {"data": "/start giveaway_5"}, {"inline_message_id": "x"}, {"from": {}}],
)  # fmt: skip
def test_an_unusual_query_is_left_to_aiogram(change: dict[str, Any]) -> None:
    assert read(body({"update_id": 3, "callback_query": {**QUERY, **change}})) is None


@pytest.mark.parametrize(
    "what",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b"7", b"[" * 100_000, json.dumps(STARTED).encode("utf-16"),
     body({**STARTED, "update_id": "3"}), body({**STARTED, **PRESSED}), body({**STARTED, "new_kind": {}}),
     body({"update_id": 3, "edited_message": MESSAGE}), b'{"update_id": 3, "message": ' + b"9" * 5000 + b"}"],
)  # fmt: skip
def test_what_is_no_press_is_left_to_aiogram(what: bytes) -> None:
    assert read(what) is None


NAMES = st.text(max_size=64)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NAMES, NAMES, st.integers(1, 2**52), st.integers(0, 2**31), st.booleans())
def test_it_reads_what_aiogram_reads(first: str, name: str, person: int, number: int, pressed: bool) -> None:
    ann = {"id": person, "is_bot": False, "first_name": first, "username": name, "language_code": "en"}
    told = {"callback_query": {**QUERY, "from": ann}} if pressed else {"message": {**MESSAGE, "from": ann}}
    press, update = (
        read(body({"update_id": number, **told})),
        Update.model_validate({"update_id": number, **told}),
    )
    event = update.callback_query or update.message
    assert press and event and event.from_user
    theirs = event.from_user
    assert press[:4] == (update.update_id, theirs.id, theirs.first_name, theirs.username)
