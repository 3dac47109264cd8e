"""The parameters of a call, in whatever encoding they came: query, form, JSON or multipart."""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.telegram.errors import BotApiError, bad_request
from sandbox.telegram.models import JSON


@dataclass(slots=True)
class Upload:
    filename: str
    content_type: str
    data: bytes


class Params:
    """Values are text from forms and anything from JSON; each reader takes both."""

    def __init__(self, values: JSON, uploads: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.uploads = uploads or {}

    def __contains__(self, name: str) -> bool:
        return name in self.values or name in self.uploads

    def raw(self, name: str) -> Any:
        return self.values.get(name)

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """A number; like the real server, whatever is not one reads as the default."""
        value = self.values.get(name)
        if isinstance(value, bool):
            return int(value)
        try:
            return int(float(value)) if isinstance(value, float) else int(str(value).strip())
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def json(self, name: str) -> Any:
        """A structured value, parsed when it came as text; None when absent or empty."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {name} JSON object") from error

    def object(self, name: str) -> JSON:
        """A JSON object; an absent one is empty."""
        value = self.json(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise bad_request(f"can't parse {name}: expected an Object")
        return value

    def integers(self, name: str, most: int) -> list[int]:
        """A JSON array of message identifiers, at least one."""
        value = self.json(name)
        if not isinstance(value, list) or not 1 <= len(value) <= most:
            raise bad_request("message identifiers are not specified")
        if not all(isinstance(number, int) for number in value):
            raise bad_request("invalid message identifier specified")
        return value

    def serialized(self) -> str:
        names = {name: f"<file {upload.filename}>" for name, upload in self.uploads.items()}
        return json.dumps(self.values | names, ensure_ascii=False, default=str)


async def read(request: web.Request) -> Params:
    """Body parameters win over those of the query."""
    values: JSON = dict(request.query)
    if request.method == "GET" or not request.body_exists:
        return Params(values)
    try:
        if request.content_type == "application/json":
            return Params(values | _object(await request.text()))
        return await _form(request, values)
    except web.HTTPRequestEntityTooLarge as error:
        raise BotApiError(413) from error


async def _form(request: web.Request, values: JSON) -> Params:
    uploads: dict[str, Upload] = {}
    try:
        form = await request.post()
    except ValueError as error:
        raise bad_request("can't parse request body") from error
    for name, value in form.items():
        if isinstance(value, web.FileField):
            data = value.file.read()
            value.file.close()
            uploads[name] = Upload(value.filename, value.content_type, data)
        else:
            values[name] = value if isinstance(value, str) else bytes(value).decode(errors="replace")
    return Params(values, uploads)


def _object(text: str) -> JSON:
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except ValueError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(value, dict):
        raise bad_request("object expected")
    if has_lone_surrogates(value):
        raise bad_request("strings must be encoded in UTF-8")
    return value


def has_lone_surrogates(value: Any) -> bool:
    """Half a character, which JSON can spell as an escape and UTF-8 cannot carry."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False
