"""Reading the ways people write a channel: names, links, invite links and ids. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
INVITE = re.compile(r"[A-Za-z0-9_-]{10,64}")
HOSTS = {"t.me", "telegram.me", "telegram.dog", "www.t.me"}
CHANNEL_ID = re.compile(r"-100[0-9]{5,13}|-1[0-9]{12}")
INTERNAL_ID = re.compile(r"[0-9]{1,12}")
# A channel's id in the Bot API is its internal id taken from this (core.telegram.org/api/bots/ids); for ids
# of ten digits that looks like a prefix "-100".
ZERO_CHANNEL_ID = -1_000_000_000_000


class Form(StrEnum):
    ID = "id"
    USERNAME = "username"
    INVITE = "invite"


@dataclass(frozen=True)
class ChannelLink:
    """What was meant: `value` is -100… for an id, a name without @, or the hash of an invite link."""

    form: Form
    value: str

    @property
    def chat(self) -> str | int | None:
        """What the Bot API takes as chat_id; None for an invite link, which a bot cannot resolve."""
        if self.form is Form.ID:
            return int(self.value)
        return f"@{self.value}" if self.form is Form.USERNAME else None

    def names(self, channel_id: int, username: str) -> bool:
        """Whether it means this channel; names are the same in any case, an invite link names none."""
        if self.form is Form.ID:
            return int(self.value) == channel_id
        return self.form is Form.USERNAME and self.value.lower() == username.lower()


def read_channel_link(typed: str) -> ChannelLink | None:
    """The channel meant by `typed`, or None when it is no way to write a channel."""
    text = typed.strip()
    if CHANNEL_ID.fullmatch(text):
        return ChannelLink(Form.ID, text)
    if text.lower().startswith("tg://"):
        return _deep_link(text)
    bare = re.sub(r"^https?://", "", text, flags=re.IGNORECASE)
    host, _, path = bare.partition("/")
    if host.lower() in HOSTS:
        return _path(path)
    return _username(text.removeprefix("@"))


def _deep_link(text: str) -> ChannelLink | None:
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that are no address
        return None
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.netloc == "resolve":
        return _username(query.get("domain", ""))
    return _invite(query.get("invite", "")) if parts.netloc == "join" else None


def _path(path: str) -> ChannelLink | None:
    steps = [step for step in re.split(r"[?#]", path)[0].split("/") if step]
    match steps:
        case [first] if first.startswith("+"):
            return _invite(first[1:])
        case ["joinchat", secret]:
            return _invite(secret)
        case ["c", internal, *_] if INTERNAL_ID.fullmatch(internal):
            return ChannelLink(Form.ID, str(ZERO_CHANNEL_ID - int(internal)))
        case ["s", name, *rest] | [name, *rest] if all(step.isdigit() for step in rest):
            return _username(name)
    return None


def _username(name: str) -> ChannelLink | None:
    return ChannelLink(Form.USERNAME, name) if USERNAME.fullmatch(name) else None


def _invite(secret: str) -> ChannelLink | None:
    return ChannelLink(Form.INVITE, secret) if INVITE.fullmatch(secret) else None


def start_link(base: str, bot_username: str, payload: str) -> str:
    """A deep link that opens the bot with `/start payload`; payload: 1-64 of A-Z a-z 0-9 _ - (Bot API)."""
    return f"{base}/{bot_username}?start={payload}"


def post_link(base: str, channel_username: str, channel_id: int, message_id: int) -> str:
    """The address of one channel post; a private channel's opens for its members only."""
    path = channel_username or f"c/{ZERO_CHANNEL_ID - channel_id}"
    return f"{base}/{path}/{message_id}"
