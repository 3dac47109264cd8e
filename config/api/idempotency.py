"""`Idempotency-Key`: asked again with the same key, the first answer is told and nothing is done twice."""

from drf_yasg import openapi
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from config.language import Text

LONGEST_KEY = 100
KEY_LENGTH = Text(en="Use at most {most} printable characters.", ru="Не больше {most} печатных знаков.")
KEY = openapi.Parameter(
    "Idempotency-Key", openapi.IN_HEADER, type=openapi.TYPE_STRING, maxLength=LONGEST_KEY,
    description="Asked again with the same key and body, the answer is what was made the first time",
)  # fmt: skip


def idempotency_key(request: Request) -> str:
    """The header, refused where it could not be remembered whole."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise ValidationError({"Idempotency-Key": [KEY_LENGTH.said(most=LONGEST_KEY)]})
    return key
