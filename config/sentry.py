"""What Sentry is told: where the code broke and the ids around it; no token, no body, nobody's words."""

from typing import Any

import sentry_sdk
import structlog
from django.conf import settings

from config.logs import without_secrets

KEPT_OF_REQUEST = ("method", "url")


def start(dsn: str) -> None:
    sentry_sdk.init(
        dsn=dsn,
        environment=settings.ENVIRONMENT,
        send_default_pii=False,
        include_local_variables=False,  # they hold tokens and texts
        max_request_body_size="never",
        max_breadcrumbs=0,  # addresses of the Bot API, keys of Redis
        auto_session_tracking=False,
        before_send=clean,
    )


def clean(event: Any, _hint: Any) -> Any:
    """before_send: the last step before an event leaves."""
    event.pop("user", None)
    if request := event.get("request"):
        event["request"] = {name: request[name] for name in KEPT_OF_REQUEST if name in request}
    for broken in event.get("exception", {}).get("values", []):
        # PostgreSQL quotes the row it refuses below the first line.
        broken["value"] = str(broken.get("value") or "").partition("\n")[0]
    ids = {name: str(value) for name, value in structlog.contextvars.get_contextvars().items()}
    ids.pop("address", None)
    event["tags"] = {**(event.get("tags") or {}), **ids}
    return without_secrets(event)
