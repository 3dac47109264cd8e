"""Who a broadcast is for: chats named one by one, or everybody of a kind, read when the broadcast is made."""

import hashlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from bots.models import Bot, Subscriber
from broadcasts.services.create import audience_table

MOST_CHATS = 1_000_000  # named one by one in a request
AT_A_TIME = 5_000


class Audience(Protocol):
    """`asked` is what the broadcast remembers of it, and what two requests with one key must agree on."""

    @property
    def asked(self) -> dict[str, Any]: ...

    def chats(self, bot: Bot) -> Iterable[int]: ...


@dataclass(frozen=True)
class Chats:
    """Chats named one by one, in any order, some of them perhaps twice."""

    numbers: "array[int]"

    @property
    def asked(self) -> dict[str, Any]:
        return {"kind": "chats", "sha256": hashlib.sha256(self.numbers.tobytes()).hexdigest()}

    def chats(self, bot: Bot) -> Iterable[int]:  # noqa: ARG002
        return self.numbers


@dataclass(frozen=True)
class Subscribers:
    """Who started the bot: of one language ("ru" is also "ru-RU"), or seen in the last so many days."""

    language: str = ""
    active_days: int | None = None

    @property
    def asked(self) -> dict[str, Any]:
        narrowed = {"language": self.language, "active_days": self.active_days}
        return {"kind": "subscribers", **{name: value for name, value in narrowed.items() if value}}

    def chats(self, bot: Bot) -> Iterable[int]:
        found = Subscriber.objects.filter(bot=bot)
        if self.language:
            found = found.filter(
                Q(language_code=self.language) | Q(language_code__startswith=f"{self.language}-")
            )
        if self.active_days:
            found = found.filter(seen_at__gte=timezone.now() - timedelta(days=self.active_days))
        return found.values_list("chat_id", flat=True).iterator(chunk_size=AT_A_TIME)


@dataclass(frozen=True)
class Measured:
    """An audience before anything is sent: `unreachable` are those recipients who would be skipped."""

    received: int
    duplicates: int
    recipients: int
    unreachable: int


def measure(audience: Audience, bot: Bot) -> Measured:
    """Counts an audience as the bot would meet it now."""
    with audience_table(audience.chats(bot)) as received, connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), count(subscriber.id)
            FROM (SELECT DISTINCT chat_id FROM audience) AS once
            LEFT JOIN bots_subscriber AS subscriber ON subscriber.bot_id = %s
              AND subscriber.chat_id = once.chat_id AND subscriber.unreachable <> ''
            """,
            [bot.pk],
        )
        recipients, unreachable = cursor.fetchone()
    return Measured(received, received - recipients, recipients, unreachable)
