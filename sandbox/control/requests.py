"""Reading control requests and refusing them: one sentence per error, as JSON."""

from typing import Any

from aiohttp import web

from sandbox.telegram.core import Telegram
from sandbox.telegram.models import JSON, Bot, Channel, Person
from sandbox.telegram.params import has_lone_surrogates

TELEGRAM = web.AppKey("telegram", Telegram)


class Refused(Exception):
    """An answer 400 or 404 with a sentence."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


def telegram_of(request: web.Request) -> Telegram:
    return request.app[TELEGRAM]


async def body_of(request: web.Request) -> JSON:
    """The JSON object of the request; an empty body is an empty object."""
    if not (await request.read()).strip():
        return {}
    try:
        body = await request.json()
    except ValueError as error:
        raise Refused("The body is not JSON.") from error
    if has_lone_surrogates(body):
        raise Refused("The body is not UTF-8.")
    if not isinstance(body, dict):
        raise Refused("The body must be a JSON object.")
    return body


def text_in(body: JSON, name: str, default: str | None = None) -> str:
    value = body.get(name)
    if value is None or value == "":
        if default is None:
            raise Refused(f"{name!r} is missing.")
        return default
    return str(value)


def number_in(body: JSON, name: str, default: int | None = None, *, low: int = 0, high: int = 10**15) -> int:
    value = body.get(name)
    if value is None:
        if default is None:
            raise Refused(f"{name!r} is missing.")
        return default
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise Refused(f"{name!r} must be a whole number.") from error
    if not low <= number <= high:
        raise Refused(f"{name!r} must be between {low} and {high}.")
    return number


def object_in(body: JSON, name: str) -> JSON:
    value = body.get(name) or {}
    if not isinstance(value, dict):
        raise Refused(f"{name!r} must be an object.")
    return value


def seconds_in(body: JSON, name: str, default: float) -> float:
    try:
        seconds = float(body.get(name, default))
    except (TypeError, ValueError) as error:
        raise Refused(f"{name!r} must be a number of seconds.") from error
    if not 0 <= seconds <= 86_400:
        raise Refused(f"{name!r} must be between 0 and 86400 seconds.")
    return seconds


def person(telegram: Telegram, named: Any) -> Person:
    found = telegram.world.find(reference(named))
    if not isinstance(found, Person):
        raise Refused(f"There is no person {named}.", 404)
    return found


def bot(telegram: Telegram, named: Any) -> Bot:
    found = telegram.world.find(reference(named))
    if not isinstance(found, Bot):
        raise Refused(f"There is no bot {named}.", 404)
    return found


def channel(telegram: Telegram, named: Any) -> Channel:
    found = telegram.world.find(reference(named))
    if not isinstance(found, Channel):
        raise Refused(f"There is no channel {named}.", 404)
    return found


def reference(value: Any) -> int | str:
    return value if isinstance(value, int) else str(value or "")


def latest(request: web.Request, shapes: list[JSON]) -> list[JSON]:
    """The newest `?limit=` of a list that ends with the newest."""
    limit = request.query.get("limit", "")
    return shapes[-int(limit) :] if limit.isdigit() and int(limit) else shapes


def answer(value: Any, status: int = 200) -> web.Response:
    return web.json_response(value, status=status)


def done() -> web.Response:
    return answer({"ok": True})
