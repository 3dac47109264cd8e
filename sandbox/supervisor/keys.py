"""Secrets generated once for this tree and kept in a file only its owner may read."""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from sandbox.embedded.locks import wait_exclusive
from sandbox.supervisor.errors import SupervisorError

GENERATORS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "ENCRYPTION_KEYS": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),  # a Fernet key
    "SIGNING_KEY": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),  # the seed of an Ed25519 key
}


def kept_keys(path: Path) -> dict[str, str]:
    """The secrets in the file, missing ones added; two processes that come first together agree."""
    try:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
            wait_exclusive(file)
            known = dict(line.strip().split("=", 1) for line in file if "=" in line)
            missing = {name: generate() for name, generate in GENERATORS.items() if name not in known}
            file.writelines(f"{name}={value}\n" for name, value in missing.items())
            return known | missing
    except OSError as error:
        raise SupervisorError(
            f"{path}: {error.strerror}. Run as its owner, or set TELEGIVE_VAR to another directory."
        ) from error
