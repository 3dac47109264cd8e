"""How log lines look: one JSON object a line, with request and task ids, and never a secret."""

import logging
import logging.config
import re
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

# A Bot API URL contains the bot's token right behind a letter (/bot123:...); a JWT is three base64url
# parts that begin with eyJ.
SECRETS = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{20,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*|(?i:\b(?:bearer|basic)\s+)\S+")


def without_secrets(value: Any) -> Any:
    """The same value with every bot token, JWT and authorization header replaced."""
    if isinstance(value, str):
        return SECRETS.sub("[hidden]", value)
    if isinstance(value, dict):
        return {key: without_secrets(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(item) for item in value]
    return value


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """structlog processor: the last step before a line is written."""
    return {key: without_secrets(value) for key, value in event.items()}


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]

# Chatty libraries: their lower levels are a line a request, a poll or a task.
QUIET = {
    "aiogram": "WARNING",
    "aiohttp.access": "WARNING",
    "axes": "WARNING",
    "celery.app.trace": "WARNING",
    "celery.beat": "WARNING",
    "celery.worker.request": "WARNING",
    "celery.worker.strategy": "WARNING",
    "django.request": "ERROR",  # every 404 has its line already
    "django_celery_beat": "WARNING",
    "django_structlog.celery.receivers": "WARNING",  # three lines a task; failures stay
}


def logging_config(level: str) -> dict[str, Any]:
    """Configures structlog and returns the dictionary for logging.config.dictConfig."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    config: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    hide_secrets,
                    structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {name: {"level": level} for name, level in QUIET.items()},
    }
    logging.config.dictConfig(config)
    return config
