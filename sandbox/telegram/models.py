"""The things of the Telegram world as the server keeps them; their public shapes are in `views`."""

from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]

PRIVATE_BOX = 0


@dataclass(slots=True)
class Bot:
    id: int
    token: str
    username: str
    first_name: str
    settings: JSON = field(default_factory=dict)
    webhook: JSON | None = None
    allowed_updates: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Person:
    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "en"
    deleted: bool = False
    refuses_voice: bool = False


@dataclass(slots=True)
class Channel:
    id: int
    title: str
    username: str
    invite_link: str
    owner_id: int
    description: str = ""
    pinned_id: int = 0
    join_by_request: bool = False
    links: list[JSON] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Member:
    """A person or a bot in a channel; `left` and `kicked` stay remembered."""

    user_id: int
    status: str
    rights: dict[str, bool] = field(default_factory=dict)
    until_date: int = 0

    @property
    def is_inside(self) -> bool:
        return self.status in {"creator", "administrator", "member"}

    def may(self, right: str) -> bool:
        return self.status == "creator" or (self.status == "administrator" and self.rights.get(right, False))


@dataclass(slots=True)
class Dialog:
    """What lies between a bot and a person: known to each other, started, blocked."""

    bot_id: int
    person_id: int
    started: bool = False
    blocked: bool = False


@dataclass(slots=True)
class Message:
    """A message in a box: the channel's own, or the one box all private chats share.

    Private message ids come from one sequence, so that an id alone names a message whatever the bot.
    `bot_id` is the bot of the private chat, or the bot that posted to the channel (0: its owner did).
    """

    box: int
    message_id: int
    chat_id: int
    bot_id: int
    sender_id: int
    date: int
    content: JSON
    markup: JSON | None = None
    edit_date: int = 0
    views: int = 0

    @property
    def text(self) -> str:
        return str(self.content.get("text") or self.content.get("caption") or "")


@dataclass(slots=True)
class StoredFile:
    """An uploaded file; its bytes lie in the blob store under `digest`."""

    serial: int
    kind: str
    digest: str
    size: int
    name: str
    mime_type: str
    width: int = 0
    height: int = 0
    duration: int = 0


@dataclass(slots=True)
class Query:
    """A pressed button waiting for `answerCallbackQuery`, or a payment for `answerPreCheckoutQuery`."""

    id: int
    bot_id: int
    person_id: int
    created_at: float
    kind: str = "callback"


def to_record(thing: Any) -> JSON:
    return {name: getattr(thing, name) for name in thing.__slots__}
