"""Seeing and changing one's profile."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User

PROFILE = "/api/v1/auth/profile"
Api = Callable[[User | None], APIClient]


@pytest.mark.parametrize("path", [PROFILE, PROFILE + "/"])
def test_it_shows_the_caller_and_their_account(owner: User, api: Api, path: str) -> None:
    answer = api(owner).get(path).json()
    assert answer.pop("date_joined")
    assert answer == {
        "id": owner.id,
        "username": "owner",
        "email": "owner@example.com",
        "phone": "",
        "first_name": "",
        "last_name": "",
        "account_id": owner.account_id,
        "account_name": "owner",
        "account_language": "en",
        "account_time_zone": "UTC",
        "is_staff": False,
    }


def test_everybody_sees_only_themselves(owner: User, stranger: User, api: Api) -> None:
    assert api(stranger).get(PROFILE).json()["account_id"] == stranger.account_id != owner.account_id


def test_nobody_sees_nothing(db: None, api: Api) -> None:
    answer = api(None).get(PROFILE)
    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_AUTHENTICATED")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_it_changes_what_was_named_and_nothing_else(owner: User, stranger: User, api: Api) -> None:
    changes = {"first_name": "Marina", "account_name": "Marina's", "account_language": "ru"}
    answer = api(owner).patch(PROFILE, changes)
    assert answer.status_code == 200
    assert changes.items() <= answer.json().items()
    owner.refresh_from_db()
    assert (owner.first_name, owner.email, owner.account.language) == ("Marina", "owner@example.com", "ru")
    stranger.account.refresh_from_db()
    assert stranger.account.language == "en"


def test_the_trail_holds_before_and_after(owner: User, api: Api) -> None:
    api(owner).patch(PROFILE, {"account_language": "ru"})
    entry = AuditEntry.objects.get(verb="update_profile")
    assert (entry.before, entry.after) == ({"account_language": "en"}, {"account_language": "ru"})


def test_an_address_can_be_removed_and_kept(owner: User, api: Api) -> None:
    assert api(owner).patch(PROFILE, {"email": "owner@example.com"}).status_code == 200
    assert api(owner).patch(PROFILE, {"email": ""}).json()["email"] == ""


def test_a_phone_can_be_given_and_taken_away(owner: User, api: Api) -> None:
    assert api(owner).patch(PROFILE, {"phone": "+4915112345678"}).json()["phone"] == "+4915112345678"
    owner.refresh_from_db()
    assert owner.phone == "+4915112345678"
    assert api(owner).patch(PROFILE, {"phone": ""}).json()["phone"] == ""


def test_it_refuses_an_address_somebody_has(owner: User, stranger: User, api: Api) -> None:
    answer = api(stranger).patch(PROFILE, {"email": "Owner@Example.com", "first_name": "X"})
    assert (answer.status_code, answer.json()["code"]) == (409, "EMAIL_TAKEN")
    stranger.refresh_from_db()
    assert stranger.first_name == ""


@pytest.mark.parametrize(
    "body",
    [
        {"is_staff": True},
        {"account_id": 1},
        {"username": "boss"},
        {"id": 1},
        {"password": "correct-horse-7"},
        {"account_language": "de"},
        {"account_name": ""},
        {"account_name": "x" * 151},
        {"account_name": None},
        {"email": "not an address"},
        {"first_name": 5},
        {"phone": "0151 1234567"},
        {"phone": "+0151123456"},
        {"phone": "+49151"},
        {"phone": "+4915112345678901"},
        {"phone": "+４９15112345678"},
        {"phone": 4915112345678},
        {"phone": None},
        {"first_name": "x" * 151},
    ],
)
def test_it_refuses_what_may_not_be_changed(owner: User, api: Api, body: dict[str, Any]) -> None:
    answer = api(owner).patch(PROFILE, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["errors"]) == list(body)
    owner.refresh_from_db()
    assert not owner.is_staff
