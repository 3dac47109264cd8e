"""Logging in and out, and what a token is worth afterwards."""

from accounts.models import User
from tests.conftest import client_of
from tests.factories import PASSWORD

LOGIN = "/api/v1/auth/login"


def test_a_login_answers_a_pair_of_tokens_that_work(owner: User) -> None:
    answer = client_of(None).post(LOGIN, {"username": "owner", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json().keys() == {"access", "refresh"}
    client = client_of(None)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    profile = client.get("/api/v1/auth/profile/").json()
    assert profile["username"] == "owner"
    assert profile["account_id"] == owner.account_id
