"""Reading a JSON body without letting it hurt."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from config.language import Text

NO_JSON = Text(en="JSON parse error - {why}", ru="Ошибка разбора JSON: {why}")
TOO_DEEP = Text(
    en="JSON parse error - nested too deeply", ru="Ошибка разбора JSON: вложенность слишком велика"
)


class StrictJSONParser(JSONParser):
    """JSON; a body nested deeper than Python can follow is refused like any other nonsense."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(TOO_DEEP.said()) from error
        except ParseError as error:
            raise ParseError(NO_JSON.said(why=error.__context__)) from error
