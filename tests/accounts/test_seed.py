"""`manage.py seed`."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from tests.conftest import client_of


def seed(*options: str) -> str:
    out = StringIO()
    call_command("seed", *options, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("demo", "demo-password-1"),
        ("admin", "admin-password-1"),
        ("user1", "password123"),
        ("user2", "password123"),
    ],
)
def test_the_people_it_creates_can_log_in(db: None, username: str, password: str) -> None:
    seed("--users", "2")
    answer = client_of(None).post("/api/v1/auth/login", {"username": username, "password": password})
    assert answer.status_code == 200


def test_a_second_run_changes_nothing(db: None) -> None:
    seed()
    User.objects.filter(username="demo").update(first_name="Changed")
    assert "0 users created, 7 were there." in seed()
    assert User.objects.get(username="demo").first_name == "Changed"


def test_only_the_admin_is_staff(db: None) -> None:
    seed()
    assert [user.username for user in User.objects.filter(is_superuser=True, is_staff=True)] == ["admin"]
    assert User.objects.filter(is_staff=True).count() == 1


def test_it_says_that_offers_are_not_here_yet(db: None) -> None:
    assert "not part of this version" in seed("--users", "1", "--offers", "3")


def test_it_refuses_production_unless_forced(db: None, settings: Any) -> None:
    settings.SANDBOX = False
    with pytest.raises(CommandError, match="--force"):
        seed()
    assert not User.objects.exists()
    seed("--force")
    assert User.objects.exists()
