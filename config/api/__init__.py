"""What every HTTP door shares: the shape of errors, strict bodies, pages, routes and waiting."""

from config.api.errors import exception_handler
from config.api.fields import (
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
    StrictDecimalField,
    StrictEmailField,
    StrictFloatField,
    StrictIntegerField,
    StrictPrimaryKeyRelatedField,
    StrictURLField,
    StrictUUIDField,
)
from config.api.idempotency import KEY, idempotency_key
from config.api.pages import Pages
from config.api.routers import Router
from config.api.serializers import ModelSerializer, NothingSerializer, Serializer, nothing_in
from config.api.waiting import wait_seconds, wait_until

__all__ = [
    "KEY",
    "ModelSerializer",
    "NothingSerializer",
    "Pages",
    "Router",
    "Serializer",
    "StrictBooleanField",
    "StrictCharField",
    "StrictChoiceField",
    "StrictDecimalField",
    "StrictEmailField",
    "StrictFloatField",
    "StrictIntegerField",
    "StrictPrimaryKeyRelatedField",
    "StrictURLField",
    "StrictUUIDField",
    "exception_handler",
    "idempotency_key",
    "nothing_in",
    "wait_seconds",
    "wait_until",
]
