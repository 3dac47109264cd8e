"""Where a person stands on the way into a giveaway: what services return and every door shows. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Closed(StrEnum):
    """Why nobody can enter."""

    NOT_FOUND = "not_found"
    NOT_RUNNING_YET = "not_running_yet"
    OVER = "over"
    CANCELLED = "cancelled"
    PAUSED = "paused"
    FORGOTTEN = "forgotten"


class Claim(StrEnum):
    """What becomes of a person who claims a prize or gives it up."""

    CLAIMED = "claimed"
    DECLINED = "declined"
    LOST = "lost"
    NOT_A_WINNER = "not_a_winner"
    RUNNING = "running"
    NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Forgotten:
    """What becomes of a person who asks to be forgotten; `waits` are titles of giveaways that still need them."""

    waits: tuple[str, ...] = ()
    known: bool = True


@dataclass(frozen=True)
class AlreadyIn:
    code: str


@dataclass(frozen=True)
class Question:
    """The captcha to answer, written or chosen; `wrong` when it follows a wrong answer."""

    question: str
    attempts_left: int
    minutes: int
    wrong: bool = False
    kind: str = "sum"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class CoolingDown:
    until: datetime


@dataclass(frozen=True)
class ChannelToJoin:
    telegram_id: int
    title: str
    link: str


@dataclass(frozen=True)
class CheckSubscription:
    """All that is left is to ask Telegram about these channels."""

    giveaway_id: int
    person_id: int
    telegram_id: int
    channels: tuple[ChannelToJoin, ...]


@dataclass(frozen=True)
class NotSubscribed:
    giveaway_id: int
    channels: tuple[ChannelToJoin, ...]


@dataclass(frozen=True)
class SubscriptionUnknown:
    """Telegram gave no answer; it is asked again when the person presses the button."""

    giveaway_id: int


@dataclass(frozen=True)
class Joined:
    title: str
    code: str
    nonce: str
    receipt: str


Step = (
    Closed
    | AlreadyIn
    | Question
    | CoolingDown
    | CheckSubscription
    | NotSubscribed
    | SubscriptionUnknown
    | Joined
)
