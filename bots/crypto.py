"""Secrets at rest: reversible encryption with keys that can be rotated, and fingerprints that cannot be reversed."""

import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _keys() -> MultiFernet:
    return _fernet(tuple(settings.ENCRYPTION_KEYS))


def encrypt(plain: str) -> str:
    """Encrypted with the newest key of ENCRYPTION_KEYS."""
    return _keys().encrypt(plain.encode()).decode()


def decrypt(encrypted: str) -> str:
    """Decrypted with whichever key fits; raises cryptography.fernet.InvalidToken when none does."""
    return _keys().decrypt(encrypted.encode()).decode()


def rotate(encrypted: str) -> str:
    """The same secret under the newest key."""
    return _keys().rotate(encrypted.encode()).decode()


def keyed_digest(purpose: str, value: str) -> str:
    """64 hex digits that only this installation can compute; `purpose` keeps the uses apart."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"{purpose}:{value}".encode(), "sha256").hex()


def token_fingerprint(token: str) -> str:
    """Tells whether two tokens are the same without keeping either."""
    return keyed_digest("bot-token", token)


def webhook_secret(bot_id: int, fingerprint: str) -> str:
    """The secret Telegram sends with each update of this bot: changes with the token, needs no storage."""
    return keyed_digest("webhook", f"{bot_id}:{fingerprint}")
