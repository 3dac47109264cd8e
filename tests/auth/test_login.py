"""Logging in: with what, how often, and what one gets."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts.models import AuditEntry, User
from tests.conftest import client_of
from tests.factories import PASSWORD

LOGIN, PROFILE = "/api/v1/auth/login", "/api/v1/auth/profile"


def log_in(path: str = LOGIN, **fields: Any) -> Any:
    return client_of(None).post(path, {"username": "owner", "password": PASSWORD, **fields})


def profile(access: str, scheme: str = "Bearer") -> Any:
    return client_of(None).get(PROFILE, HTTP_AUTHORIZATION=f"{scheme} {access}")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_a_login_answers_a_pair_of_tokens_that_work(owner: User, scheme: str) -> None:
    answer = log_in()
    assert answer.status_code == 200
    assert answer.json().keys() == {"access", "refresh"}
    assert profile(answer.json()["access"], scheme).json()["id"] == owner.id


@pytest.mark.parametrize("path", ["/login", "/login/"])
def test_the_short_login_calls_it_access_token(owner: User, path: str) -> None:
    answer = log_in(path).json()
    assert answer.keys() == {"access_token", "refresh_token", "token_type"}
    assert answer["token_type"] == "Bearer"
    assert profile(answer["access_token"]).status_code == 200


def test_a_name_is_the_same_in_any_case(owner: User) -> None:
    assert log_in(username="OwNeR").status_code == 200


def test_a_login_is_recorded(owner: User) -> None:
    log_in()
    entry = AuditEntry.objects.get(verb="log_in")
    assert (entry.actor_id, entry.address) == (owner.id, "127.0.0.1")
    owner.refresh_from_db()
    assert owner.last_login is not None


def test_no_token_is_kept_in_the_database(owner: User) -> None:
    refresh = log_in().json()["refresh"]
    assert refresh not in OutstandingToken.objects.values_list("token", flat=True)


@pytest.mark.parametrize(
    "fields", [{"password": "wrong"}, {"username": "nobody"}, {"password": PASSWORD + " "}]
)
def test_a_wrong_login_never_tells_what_was_wrong(owner: User, fields: dict[str, str]) -> None:
    answer = log_in(**fields)
    assert answer.status_code == 401
    assert answer.json() == {
        "status": "error",
        "code": "INVALID_CREDENTIALS",
        "message": "The username or the password is wrong.",
    }
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_deactivated_user_gets_the_same_answer(owner: User) -> None:
    User.objects.update(is_active=False)
    assert log_in().json()["code"] == "INVALID_CREDENTIALS"


def test_ten_wrong_passwords_lock_the_name_for_this_address_in_every_spelling(owner: User) -> None:
    spellings = ["owner", "OWNER", "Owner", "oWner", "owNer"] * 2
    codes = [log_in(username=name, password="wrong").status_code for name in spellings]
    assert codes == [401] * 9 + [429]
    locked = log_in()
    assert (locked.status_code, locked.json()["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert locked["Retry-After"] == "900"


def test_another_address_and_another_name_are_not_locked(owner: User, stranger: User) -> None:
    for _ in range(10):
        log_in(password="wrong")
    assert log_in(username="stranger").status_code == 200
    elsewhere = {"username": "owner", "password": PASSWORD}
    assert client_of(None).post(LOGIN, elsewhere, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_a_lock_ends_by_itself(owner: User) -> None:
    for _ in range(10):
        log_in(password="wrong")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert log_in().status_code == 200


def test_a_good_login_forgets_the_failures_before_it(owner: User) -> None:
    for _ in range(2):
        assert [log_in(password="wrong").status_code for _ in range(9)] == [401] * 9
        assert log_in().status_code == 200


def test_logins_are_limited_per_address(owner: User, tight: None) -> None:
    codes = [log_in(username=f"guess-{number}").status_code for number in range(11)]
    assert codes == [401] * 10 + [429]


def test_a_stale_token_does_not_stop_a_login(owner: User) -> None:
    body = {"username": "owner", "password": PASSWORD}
    assert client_of(None).post(LOGIN, body, HTTP_AUTHORIZATION="Bearer stale").status_code == 200
