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

MESSAGE = {"message_id", "date", "entities"}  # besides what is read of it
QUERY = {"message", "chat_instance"}


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
    match told:
        case {
            "update_id": int(number),
            "message": {"from": dict(person), "chat": {"type": "private"}, "text": str(words), **rest},
            **others,
        } if not others and rest.keys() <= MESSAGE and words.startswith("/start "):
            return _press(number, person, words)
        case {
            "update_id": int(number),
            "callback_query": {"id": str(query_id), "from": dict(person), "data": str(words), **rest},
            **others,
        } if not others and rest.keys() <= QUERY and query_id and not words.startswith("/"):
            return _press(number, person, words, query_id)
    return None


def _press(number: int, person: dict[str, Any], words: str, query_id: str = "") -> Press | None:
    match {"username": "", "language_code": "", **person}:
        case {
            "id": int(user_id),
            "is_bot": False,
            "first_name": str(first_name),
            "username": str(username),
            "language_code": str(language_code),
        } if _is_text(first_name + username + language_code):
            return Press(number, user_id, first_name, username, language_code, words, query_id)
    return None


def _is_text(value: str) -> bool:
    """Half of a surrogate pair is none: JSON may hold it, no database does."""
    return value.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in value)
