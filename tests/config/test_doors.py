"""Every door of the platform at once: which stand open, and that the others are shut."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.config.test_schema import described, operations

__all__ = ["described"]

# Whoever adds a line here says why nobody needs to be known there.
OPEN = {
    "GET /api/giveaways/by-token/{result_token}/": "the token is the secret",
    "GET /health/": "monitors",
    "GET /health/live/": "monitors",
    "GET /health/ready/": "monitors",
    "POST /api/v1/auth/login/": "the way in",
    "POST /api/v1/auth/refresh/": "the token in the body says who",
    "POST /api/v1/auth/register/": "the way in",
    "POST /login/": "the way in",
    "POST /register/": "the way in",
}


def filled(path: str) -> str:
    """The path with an id in it that could exist."""
    named = re.sub(r"\{(?:task|transaction)_id\}", str(UUID(int=1)), path)
    return re.sub(r"\{\w+\}", str(UUID(int=1)) if path.startswith("/tasks/") else "1", named)


def test_only_these_doors_stand_open(described: dict[str, Any]) -> None:
    found = {name for name, operation in operations(described) if operation["security"] == []}
    assert found == OPEN.keys()


def test_every_other_door_asks_who_is_there(db: None, described: dict[str, Any]) -> None:
    let_in = []
    for name, _ in operations(described):
        method, path = name.split(" ")
        for address in (filled(path), filled(path).rstrip("/")):
            answer = Client().generic(method, address, b"{}", content_type="application/json")
            if name not in OPEN and (answer.status_code, answer.json()["status"]) != (401, "error"):
                let_in.append(f"{method} {address}: {answer.status_code}")
    assert let_in == []


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic bm9ib2R5OnNlY3JldA==", "tma x"])
def test_no_door_opens_to_a_wrong_key(db: None, described: dict[str, Any], header: str) -> None:
    let_in = []
    for name, _ in operations(described):
        method, path = name.split(" ")
        if name in OPEN:
            continue
        answer = Client().generic(method, filled(path), headers={"authorization": header})
        if answer.status_code not in (401, 429):  # Basic guesses lock
            let_in.append(f"{name}: {answer.status_code}")
    assert let_in == []
