"""Bodies with up to a million chats, read as they arrive: eight bytes of memory a chat, whatever their spelling.

Only the routes that take an audience read this way; every other body, and the rest of these, stays within
settings.DATA_UPLOAD_MAX_MEMORY_SIZE.
"""

import json
from collections.abc import Mapping
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser, MultiPartParser

from broadcasts.services.lists import Lines, Members
from config.api.errors import BodyTooLarge
from config.api.serializers import UNKNOWN
from config.language import Text

MOST_BYTES = 32_000_000  # a million of the longest ids with a space after each comma: 19 MB
AT_A_TIME = 65_536
NAME = "recipients"
Context = Mapping[str, Any] | None
ONE_FILE = Text(en="Send one file, in the field file.", ru="Пришлите один файл, в поле file.")
AN_OBJECT = Text(en="Expected a JSON object.", ru="Ожидается объект JSON.")
IN_BOTH = Text(
    en="Send them in the file or in the request, not in both.",
    ru="Пришлите их в файле или в запросе, не в обоих местах.",
)
CUT_OFF = Text(
    en="JSON parse error: the body ends in the middle of the recipients",
    ru="Ошибка разбора JSON: тело обрывается посреди получателей",
)
NO_JSON = Text(en="JSON parse error: this is no JSON", ru="Ошибка разбора JSON: это не JSON")


class StreamedJSONParser(BaseParser):
    """A JSON object; `recipients` becomes an array of 64-bit numbers while it is read."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Context = None) -> Any:  # noqa: ARG002
        refuse_too_long(parser_context)
        members = Members(NAME)
        while piece := stream.read(AT_A_TIME):
            members.feed(piece)
            if len(members.outside) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
                raise BodyTooLarge
        if members.inside:
            raise ParseError(CUT_OFF.said())
        body = decoded(members.outside)
        return {**body, NAME: members.chats} if members.found and isinstance(body, dict) else body


class ListUpload(FileUploadHandler):
    """Reads the form's one file while it comes, and stores nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = Lines()
        self.named = False

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        if field_name != "file" or self.named:
            raise ValidationError({field_name: [ONE_FILE.said()]})
        self.named = True
        super().new_file(field_name, *args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002
        self.lines.feed(raw_data)

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002
        self.lines.end()


class UploadParser(MultiPartParser):
    """A form with a `file` of chats and, in `request`, everything else as JSON."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Context = None) -> Any:
        refuse_too_long(parser_context)
        upload = ListUpload()
        request_of(parser_context).upload_handlers = [upload]
        form = super().parse(stream, media_type, parser_context).data
        if unknown := form.keys() - {"request"}:
            raise ValidationError({name: [UNKNOWN.said()] for name in sorted(unknown)})
        body = decoded(form.get("request", "{}"))
        if not isinstance(body, dict):
            raise ValidationError({"request": [AN_OBJECT.said()]})
        if upload.named and NAME in body:
            raise ValidationError({NAME: [IN_BOTH.said()]})
        return {**body, NAME: upload.lines.chats} if upload.named else body


def decoded(text: bytes | str) -> Any:
    """JSON as the standard has it: no NaN, no Infinity, nothing deeper than Python follows."""
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise ParseError(NO_JSON.said()) from error


def _refuse(name: str) -> None:
    raise ValueError(name)


def _finite(text: str) -> float:
    if abs(number := float(text)) == float("inf"):
        raise ValueError(text)
    return number


def refuse_too_long(parser_context: Context) -> None:
    """By its own word, before a byte of it is read; a body that says nothing of its length is not read at all."""
    if int(request_of(parser_context).META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise BodyTooLarge


def request_of(parser_context: Context) -> HttpRequest:
    """Django's request behind the framework's."""
    request: HttpRequest = cast(Mapping[str, Any], parser_context)["request"]._request
    return request
