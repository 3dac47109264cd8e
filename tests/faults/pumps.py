"""Pumps as processes: started, killed, frozen."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from tests.broadcasts.server import Server


def database_url() -> str:
    """The address of the test's database."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@contextmanager
def pump_process(
    server: Server, *, environment: dict[str, str] | None = None, **options: float
) -> Iterator[subprocess.Popen[bytes]]:
    """A pump working on the test's database; killed at the end if it still runs."""
    values = {
        "slice_seconds": 20,
        "lease_seconds": 2,
        "gather_seconds": 0.02,
        "patience_seconds": 15,
        **options,
    }
    own = {
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "TELEGRAM_API_URL": server.url,
        "TELEGRAM_TIMEOUT_SECONDS": "3",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.pump_process", json.dumps(values)],
        env={**os.environ, **own, **(environment or {})},
        cwd=settings.BASE_DIR,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
