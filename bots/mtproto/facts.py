"""What MTProto is asked, whoever answers: messages by id for a bot, and the channel behind an invite link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bots.models import Bot

IDS_AT_ONCE = 100  # channels.getMessages


class Unavailable(Exception):
    """Nothing was told: an error, a timeout, a flood wait. The sentence holds no secret."""


class InviteDead(Exception):
    """The link leads nowhere: it expired, was revoked, or never was."""


@dataclass(frozen=True)
class Told:
    """A message of a channel. Views are None when Telegram shows none; `is_service`: it is no publication."""

    message_id: int
    published_at: datetime
    views: int | None
    album: str = ""
    is_service: bool = False


@dataclass(frozen=True)
class Invited:
    """Where an invite link leads."""

    telegram_id: int
    title: str
    username: str


class MTProto(Protocol):
    """Raises Unavailable when it cannot tell."""

    async def messages(self, bot: Bot, channel_id: int, ids: Sequence[int]) -> list[Told]:
        """Those of at most IDS_AT_ONCE messages that are there; a missing one is left out."""
        ...

    async def open_invite(self, secret: str) -> Invited | None:
        """None when the link works, but only who joins learns where it leads. Raises InviteDead."""
        ...
