"""Opening an account."""

from typing import Any

import pytest

from accounts.models import Account, AuditEntry, User
from tests.conftest import client_of
from tests.threads import in_threads

PATHS = ["/api/v1/auth/register", "/api/v1/auth/register/", "/register", "/register/"]
GOOD = {"username": "marina", "password": "correct-horse-7"}


def register(**fields: Any) -> Any:
    return client_of(None).post(PATHS[0], {**GOOD, **fields})


@pytest.mark.parametrize("path", PATHS)
def test_anybody_opens_an_account_on_every_path(db: None, path: str) -> None:
    answer = client_of(None).post(path, {**GOOD, "email": "Marina@Example.COM"})
    assert answer.status_code == 201
    user = User.objects.get(username="marina")
    assert answer.json()["account_id"] == user.account_id
    assert user.email == "Marina@example.com"
    assert user.account.name == "marina"
    assert "password" not in answer.json()


def test_the_trail_says_who_registered_and_from_where(db: None) -> None:
    register()
    entry = AuditEntry.objects.get(verb="register")
    assert (entry.actor_label, entry.address) == ("marina", "127.0.0.1")
    assert entry.account_id == User.objects.get().account_id


@pytest.mark.parametrize("username", ["owner", "OWNER", " owner "])
def test_it_refuses_a_name_taken_in_any_case(owner: User, username: str) -> None:
    answer = register(username=username)
    assert (answer.status_code, answer.json()["code"]) == (409, "USERNAME_TAKEN")
    assert answer.json()["errors"] == {"username": ["This username is taken."]}


def test_it_refuses_an_address_taken_in_any_case(owner: User) -> None:
    answer = register(email="OWNER@example.com")
    assert (answer.status_code, answer.json()["code"]) == (409, "EMAIL_TAKEN")


def test_many_people_may_have_no_address(db: None) -> None:
    assert register().status_code == register(username="another").status_code == 201


@pytest.mark.parametrize(
    "username", ["ab", "a" * 151, "with space", "semi;colon", "tab\tbed", "null\0byte", ""]
)
def test_it_refuses_an_unfit_name(db: None, username: str) -> None:
    answer = register(username=username)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["errors"]) == ["username"]


@pytest.mark.parametrize("username", ["abc", "a" * 150, "a.b@c+d-e_f", "Марина"])
def test_it_takes_names_up_to_the_limits(db: None, username: str) -> None:
    assert register(username=username).status_code == 201


@pytest.mark.parametrize("password", ["password", "12345678901", "short1", "marina", ""])
def test_it_refuses_a_weak_password_with_the_reason(db: None, password: str) -> None:
    answer = register(password=password)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"]["password"]
    assert not Account.objects.exists()


def test_one_of_many_at_once_gets_the_name_and_nothing_is_left_of_the_others(transactional_db: None) -> None:
    answers = in_threads(8, lambda: register(username="Marina").status_code)
    assert sorted(answers) == [201] + [409] * 7  # type: ignore[type-var]
    assert User.objects.count() == Account.objects.count() == 1
