"""Rows for tests: plain functions with sensible values, each one keyword away from being special."""

import itertools
from typing import Any

from accounts.models import Account, User

numbers = itertools.count(1)
PASSWORD = "correct-horse-7"


def make_account(**fields: Any) -> Account:
    return Account.objects.create(**{"name": f"Account {next(numbers)}", **fields})


def make_user(**fields: Any) -> User:
    """An active user with an account of their own and the password PASSWORD."""
    values = {"username": f"user-{next(numbers)}", "password": PASSWORD, **fields}
    return User.objects.create_user(**values)
