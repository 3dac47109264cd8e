"""Secrets at rest: rotation, fingerprints, and the webhook's secret."""

from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from bots import crypto

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
TOKEN = "123456789:AAabcdefghijklmnopqrstuvwxyz0123456"


@given(st.text(st.characters(codec="utf-8")))
def test_what_was_encrypted_comes_back_and_cannot_be_read_before(plain: str) -> None:
    encrypted = crypto.encrypt(plain)
    assert crypto.decrypt(encrypted) == plain
    assert encrypted != crypto.encrypt(plain)  # equal secrets look different


def test_an_old_key_still_opens_and_a_new_one_closes(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    before = crypto.encrypt(TOKEN)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert crypto.decrypt(before) == TOKEN
    settings.ENCRYPTION_KEYS = [NEW]
    assert crypto.decrypt(crypto.encrypt(TOKEN)) == TOKEN
    with pytest.raises(InvalidToken):
        crypto.decrypt(before)


def test_rotation_moves_a_secret_under_the_new_key(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = [OLD]
    before = crypto.encrypt(TOKEN)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    after = crypto.rotate(before)
    settings.ENCRYPTION_KEYS = [NEW]
    assert crypto.decrypt(after) == TOKEN


def test_a_changed_letter_is_noticed() -> None:
    encrypted = crypto.encrypt(TOKEN)
    changed = encrypted[:-5] + ("A" if encrypted[-5] != "A" else "B") + encrypted[-4:]
    with pytest.raises(InvalidToken):
        crypto.decrypt(changed)


def test_a_fingerprint_tells_tokens_apart_and_only_this_installation_makes_it(settings: Any) -> None:
    fingerprint = crypto.token_fingerprint(TOKEN)
    assert fingerprint == crypto.token_fingerprint(TOKEN)
    assert fingerprint != crypto.token_fingerprint(TOKEN + "x")
    assert len(fingerprint) == 64
    settings.SECRET_KEY = "another-installation-0123456789-0123456789"
    assert fingerprint != crypto.token_fingerprint(TOKEN)


def test_a_webhook_secret_is_one_bots_and_changes_with_its_token() -> None:
    first, renewed = crypto.token_fingerprint(TOKEN), crypto.token_fingerprint(TOKEN + "x")
    secrets = {
        crypto.webhook_secret(1, first),
        crypto.webhook_secret(1, renewed),
        crypto.webhook_secret(2, first),
    }
    assert len(secrets) == 3
    assert first not in secrets
