"""Reading a JSON body without letting it hurt: bounded in size and in depth."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser


class BodyTooLarge(APIException):
    """The body is larger than DATA_UPLOAD_MAX_MEMORY_SIZE, which DRF by itself does not look at."""

    status_code = 413
    default_code = "body_too_large"
    default_detail = "The body is too large."


class StrictJSONParser(JSONParser):
    """JSON; a body nested deeper than Python can follow is refused like any other nonsense."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        length = str((parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0")
        if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("JSON parse error - nested too deeply") from error
