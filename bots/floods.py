"""Whom a 429 means: the chat, the whole bot, or the server's own guard. Pure; Telegram itself does not say.

A group, or a chat that was just written to, has limits of its own. Two private chats refused at once are the
bot's limit. A long wait after a slow answer, with much in the air, is how the Bot API server protects itself.
"""

from dataclasses import dataclass
from enum import StrEnum

AT_ONCE_SECONDS = 2.0
JUST_SERVED_SECONDS = 3.0
GUARD_RETRY_SECONDS = 60
GUARD_ANSWER_SECONDS = 2.5
GUARD_IN_FLIGHT_SHARE = 0.5  # of the window


class Scope(StrEnum):
    CHAT = "chat"
    BOT = "bot"
    SERVER = "server"


@dataclass(frozen=True)
class Flood:
    """One 429 as it was met: times in seconds of one clock, `served_at` is when the chat was last written to."""

    at: float
    chat_id: int
    retry_after: float
    took: float
    in_flight: int
    window: int
    served_at: float | None = None


class Floods:
    """Judges the 429 answers of one bot, remembering the last private chat nobody else explains."""

    def __init__(self) -> None:
        self.last: Flood | None = None

    def judge(self, flood: Flood) -> Scope:
        if is_guard(flood):
            return Scope.SERVER
        if flood.chat_id < 0 or was_just_served(flood):
            return Scope.CHAT
        last, self.last = self.last, flood
        if last and last.chat_id != flood.chat_id and flood.at - last.at <= AT_ONCE_SECONDS:
            return Scope.BOT
        return Scope.CHAT


def is_guard(flood: Flood) -> bool:
    """Telegram's own floods are answered at once; the server's guard answers after three seconds."""
    return (
        flood.retry_after >= GUARD_RETRY_SECONDS
        and flood.took >= GUARD_ANSWER_SECONDS
        and flood.in_flight >= GUARD_IN_FLIGHT_SHARE * flood.window
    )


def was_just_served(flood: Flood) -> bool:
    return flood.served_at is not None and flood.at - flood.served_at <= JUST_SERVED_SECONDS


class Window:
    """How many messages may be in the air: halved by the server's guard, grown by clean answers while it is full."""

    LEAST = 8
    CLEAN_ANSWERS = 20  # for each message more

    def __init__(self, most: int, *, first: int | None = None) -> None:
        self.most = most
        self.size = min(most, first or most)
        self.clean = 0

    def halve(self) -> None:
        self.size, self.clean = max(min(self.LEAST, self.most), self.size // 2), 0

    def grow(self, in_flight: int) -> None:
        """An answer was clean, with so many others in the air."""
        if self.size < self.most and in_flight + 1 >= self.size:
            self.clean += 1
            if self.clean >= self.CLEAN_ANSWERS:
                self.size, self.clean = self.size + 1, 0
