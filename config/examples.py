"""Examples of answers for Swagger: a serializer's own, else put together from what its fields are called and hold."""

from typing import Any

from drf_yasg import openapi

UNKNOWN = object()
BY_FORMAT: dict[str, Any] = {
    "date-time": "2030-01-01T12:00:00Z",
    "date": "2030-01-01",
    "uuid": "3f0c1f9e-6f0e-4c43-9d0b-0f8a3c0b7f11",
    "uri": "https://example.com/",
    "decimal": "12.50",
}
BY_TYPE: dict[str, Any] = {"integer": 1, "number": 1.5, "boolean": True}
NUMBERS = {
    "channel_id": -1001234567890,
    "telegram_id": 5200000001,
    "user_id": 5200000001,
    "message_id": 1042,
    "recipients_count": 1000,
    "received": 1000,
    "recipients": 1000,
    "sent": 970,
    "failed": 20,
    "skipped": 5,
    "uncertain": 1,
    "pending": 4,
}
# Words, by the name of the field; empty where there is mostly nothing to say.
BY_NAME: dict[str, Any] = {
    "access": "eyJhbGciOi...",
    "access_token": "eyJhbGciOi...",
    "refresh": "eyJhbGciOi...",
    "refresh_token": "eyJhbGciOi...",
    "token_type": "Bearer",
    "token": "123456789:…",
    "name": "News",
    "title": "A bag of coffee",
    "alias": "Main bot",
    "first_name": "A***",
    "username": "sunny_coffee",
    "bot_link": "@example_bot",
    "link": "https://t.me/example_bot?start=hello",
    "requested": "https://t.me/durov",
    "code": "5f0c1f9e6f0e4c439d0b0f8a3c0b7f11",
    "text": "We open on Monday.",
    "content": {"type": "text", "text": "We open on Monday."},
    "audience": {"kind": "subscribers"},
    "status": "active",
    "outcome": "sent",
    "priority": "medium",
    "uncertain_policy": "skip",
    "stars_spent_then": "pause",
    "kinds": {"failed": {"blocked": 20}},
    "bot_id": 1,
    "entities": [],
    "buttons": [],
    **dict.fromkeys(("next", "previous", "media_id")),
    **dict.fromkeys(("description", "reason", "status_reason", "error", "photo", "kind", "dedup_scope"), ""),
}


def example_of(schema: Any, definitions: Any, name: str = "") -> Any:
    """What an answer of this shape may look like; UNKNOWN when a word of it is given nowhere."""
    if isinstance(schema, openapi.SchemaRef):
        schema = schema.resolve(definitions)
    for given in ("example", "default"):
        if given in schema:
            return schema[given]
    if schema.get("type") == openapi.TYPE_ARRAY:
        return whole([example_of(schema["items"], definitions, name)])
    if schema.get("properties"):
        parts = {key: example_of(value, definitions, key) for key, value in schema["properties"].items()}
        return whole(parts)
    return of_one_value(schema, name)


def of_one_value(schema: Any, name: str) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("type") in BY_TYPE:
        return NUMBERS.get(name) or BY_TYPE[schema["type"]]
    return BY_NAME.get(name, BY_FORMAT.get(schema.get("format", ""), UNKNOWN))


def whole(parts: Any) -> Any:
    """The parts, unless one of them is missing."""
    values = parts.values() if isinstance(parts, dict) else parts
    return UNKNOWN if any(value is UNKNOWN for value in values) else parts
