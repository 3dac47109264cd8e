"""Writing to the people of a giveaway: the chats are handed down, delivery is the broadcasts' business."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Unpack

from accounts.audit import Actor
from bots.models import Bot
from broadcasts.models import Broadcast
from broadcasts.services import measure, order, refuse_inactive
from broadcasts.services.audience import Measured
from broadcasts.services.create import Terms
from giveaways.errors import ChannelNotConfigured
from giveaways.models import Giveaway, Status
from participants.errors import NotDrawnYet
from participants.models import Entry
from participants.services.results import winning

WHO = ("participants", "winners", "rest")


@dataclass(frozen=True)
class People:
    """Everybody who entered, or once it is drawn those who won, or the rest."""

    giveaway: Giveaway
    who: str

    @property
    def asked(self) -> dict[str, Any]:
        return {"kind": self.who, "giveaway": self.giveaway.pk}

    def chats(self, bot: Bot) -> Iterable[int]:  # noqa: ARG002
        # Whoever asked to be forgotten hears of the result and of nothing else.
        entries = Entry.objects.filter(giveaway=self.giveaway, person__forget_asked_at__isnull=True)
        if self.who != "participants":
            entries = entries.filter(winning() if self.who == "winners" else ~winning())
        return entries.chats()


def mail(
    *,
    giveaway: Giveaway,
    who: str,
    content: dict[str, Any],
    by: Actor,
    idempotency_key: str = "",
    **terms: Unpack[Terms],
) -> Broadcast:
    """A broadcast by the giveaway's own bot: these people have spoken to it."""
    return order(
        bot=_bot_of(giveaway),
        audience=_people(giveaway, who),
        content=content,
        by=by,
        idempotency_key=idempotency_key,
        **terms,
    )


def measured(*, giveaway: Giveaway, who: str) -> Measured:
    """How many they are, and how many of them blocked the bot."""
    return measure(_people(giveaway, who), _bot_of(giveaway))


def _people(giveaway: Giveaway, who: str) -> People:
    if who != "participants" and giveaway.status != Status.FINISHED:
        raise NotDrawnYet
    return People(giveaway, who)


def _bot_of(giveaway: Giveaway) -> Bot:
    if giveaway.binding is None:
        raise ChannelNotConfigured
    return refuse_inactive(giveaway.binding.bot)
