"""The environment of a test run, set before settings are read: a plugin named in pyproject's addopts.

DATABASE_URL and REDIS_URL come from outside, because only those two say where real servers run. Each
xdist worker gets Redis databases of its own; TEST_REDIS_DB moves the first of them away from a neighbour's.
"""

import os
import re
from urllib.parse import urlsplit

WORKER = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)
FIRST_REDIS_DB = int(os.environ.get("TEST_REDIS_DB", "3"))

FIXED = {
    "ENVIRONMENT": "sandbox",
    "SECRET_KEY": "a-key-for-tests-and-for-nothing-else-0123456789",
    "ENCRYPTION_KEYS": "dGVzdHMtYW5kLW5vdGhpbmctZWxzZS0wMTIzNDU2Nzg=",
    "SIGNING_KEY": "dGVzdHMtYW5kLW5vdGhpbmctZWxzZS0wMTIzNDU2Nzg=",
    "PUBLIC_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "TELEGRAM_API_URL": "http://127.0.0.1:9",  # nobody listens there: a test that needs Telegram starts one
    "PREVIEW_URL": "http://127.0.0.1:9",
    "DRAND_URLS": "http://127.0.0.1:9",
    "DRAND_CHAIN": "",
    "DRAND_PUBLIC_KEY": "",
    "BEACON_DELAY_SECONDS": "60",
    "MTPROTO_URL": "",
    "TELEGRAM_API_ID": "0",
    "TELEGRAM_API_HASH": "",
    "TELEGRAM_USER_SESSION": "",
    "STARS_BOTS": "*",
    "STARS_RATE": "0.02",
    "EMAIL_URL": "dummy:",
    "SANDBOX_SMTP_PORT": "0",  # any: several sandboxes run at a time
    "SMS_URL": "",
    "SMS_API_KEY": "",
    "PARTNER_URL": "http://127.0.0.1:9",
    "PARTNER_API_KEY": "a-key-for-tests",
    "PARTNER_SECRET": "a-secret-for-tests",
    "TRUSTED_PROXIES": "0",
    "CORS_ALLOWED_ORIGINS": "",
    "THROTTLE_SCALE": "10000",
    "LOG_LEVEL": "WARNING",
    "TIME_ZONE": "UTC",
}


def own_redis(url: str, step: int = 0) -> str:
    """The same server, with databases nobody else in this run uses: three a worker, as settings.py does."""
    number = FIRST_REDIS_DB + 3 * WORKER + step
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return parts._replace(path=f"/{number}").geturl()


os.environ.update(FIXED)
os.environ.setdefault("DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/telegive")
os.environ["REDIS_URL"] = own_redis(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
