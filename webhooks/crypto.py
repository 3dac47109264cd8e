"""An endpoint's secret, and the signature under what is sent to it. Pure."""

import hmac
from hashlib import sha256
from uuid import UUID

from django.conf import settings

HEADER = "Telegive-Signature"


def secret_of(key: UUID) -> str:
    """Made from SECRET_KEY and the endpoint's key: stored nowhere, and another one when either changes."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"webhook-endpoint:{key}".encode(), sha256)
    return f"whsec_{digest.hexdigest()}"


def signature(secret: str, body: bytes, at: int) -> str:
    """`t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`: whoever repeats an old body has an old time under it."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return f"t={at},v1={digest}"
