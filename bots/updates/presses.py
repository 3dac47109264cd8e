"""The updates that come by the thousands, read without aiogram's models: somebody pressed a button.

Whatever looks unusual in any way is not read here: it goes the ordinary way, through aiogram, to the same end.
"""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiogram.methods import TelegramMethod

from bots.replies import Reply
from bots.telegram import Served, Telegram

Shape = dict[str, type]
# What has other fields than these is none of ours. Entities only say that "/start" is a command.
STARTED: Shape = {"update_id": int, "message": dict}
PRESSED: Shape = {"update_id": int, "callback_query": dict}
MESSAGE: Shape = {"message_id": int, "date": int, "from": dict, "chat": dict, "text": str}
QUERY: Shape = {"id": str, "from": dict, "message": dict, "chat_instance": str, "data": str}


class Press(NamedTuple):
    """Somebody opened the bot by a link, or pressed a button under a message of it.

    `words` are "/start payload" or the button's data; only a press under a message has a `query_id`.
    """

    update_id: int
    user_id: int
    first_name: str
    username: str
    language_code: str
    words: str
    query_id: str = ""


@dataclass(frozen=True)
class Shortcut:
    """Serves presses with these words; its handler beside the dispatcher serves them too, by the same service."""

    words: re.Pattern[str]
    serve: Callable[[Press, Served, Telegram], Awaitable[list[TelegramMethod[Any] | Reply]]]

    def read(self, body: bytes) -> Press | None:
        """The press this update is, if it is one of ours."""
        press = read(body)
        return press if press and self.words.fullmatch(press.words) else None


def read(body: bytes) -> Press | None:
    """The press this update is; None for everything else."""
    try:
        told = json.loads(body.decode())
    except (ValueError, RecursionError):
        return None
    if _is(told, STARTED):
        message = told["message"]
        message.pop("entities", None)
        if (
            _is(message, MESSAGE)
            and message["chat"].get("type") == "private"
            and message["text"].startswith("/start ")
        ):
            return _press(told["update_id"], message["from"], message["text"])
    elif _is(told, PRESSED):
        query = told["callback_query"]
        if _is(query, QUERY) and query["id"] and not query["data"].startswith("/"):
            return _press(told["update_id"], query["from"], query["data"], query["id"])
    return None


def _is(value: Any, shape: Shape) -> bool:
    """Whether it is an object of exactly these fields, each of its type."""
    if type(value) is not dict or value.keys() != shape.keys():
        return False
    return all(type(value[name]) is kind for name, kind in shape.items())


def _press(number: int, person: dict[str, Any], words: str, query_id: str = "") -> Press | None:
    names = [person.get("first_name"), person.get("username", ""), person.get("language_code", "")]
    if type(person.get("id")) is not int or person.get("is_bot") is not False:
        return None
    if not all(type(name) is str for name in names) or not _is_text("".join(names)):
        return None
    first_name, username, language_code = names
    return Press(number, person["id"], first_name, username, language_code, words, query_id)


def _is_text(value: str) -> bool:
    """Half of a surrogate pair is none: JSON may hold it, no database does."""
    return value.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in value)
