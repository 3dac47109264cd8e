"""A new encryption key: everything at rest moves under it, and the old one can go."""

from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import call_command

from accounts.models import User
from bots import crypto
from bots.models import Bot
from bots.services import bots


def test_tokens_are_readable_with_the_new_key_alone(owner: User, settings: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [old]
    row = Bot.objects.create(
        account=owner.account, telegram_id=1, username="b", name="b",
        token_encrypted=crypto.encrypt("1:secret"), token_fingerprint="f",
    )  # fmt: skip
    settings.ENCRYPTION_KEYS = [new, old]
    call_command("rotatekeys", verbosity=0)
    row.refresh_from_db()
    settings.ENCRYPTION_KEYS = [new]
    assert bots.token_of(row) == "1:secret"
    settings.ENCRYPTION_KEYS = [old]
    with pytest.raises(InvalidToken):
        bots.token_of(row)
