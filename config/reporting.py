"""Errors for Sentry and traces for OpenTelemetry, where somebody asks for them: else nothing of either is imported."""

from importlib import import_module
from typing import Any

from config import environment as environ
from config.environment import read

SENTRY_DSN = read("str", "SENTRY_DSN", "")
OTLP_ENDPOINT = read("str", "OTEL_EXPORTER_OTLP_ENDPOINT", "")


def start() -> None:
    """In every process, once its apps are known."""
    if SENTRY_DSN:
        optional("config.sentry", "SENTRY_DSN").start(SENTRY_DSN)
    if OTLP_ENDPOINT:
        optional("config.traces", "OTEL_EXPORTER_OTLP_ENDPOINT").start()


def optional(module: str, variable: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        environ.stop(
            f'environment variable "{variable}" needs a package that is not installed ({error.name}): '
            "pip install --require-hashes -r requirements-observe.txt."
        )
