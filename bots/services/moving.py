"""The rules of moving a channel from one bot to another, because a bot died or its owner wishes.

What moves is what is still to be done: the old binding ends and says where it went (`moved_to`), messages that wait
are posted by the new bot (services.messages), drafts are published by it, new work finds it.

What stays is what carries the old bot or needs it. A posted message can be edited by the bot that posted it only.
The button of a giveaway that runs opens the old bot, which took the entries and alone may write to the people who
pressed Start there; the new bot is a stranger to all of them. So while something like that runs, the new bot serves
the channel beside the old one: the old binding stays as it is, a giveaway of a dead bot stays paused and says why,
and once it is over the channel can be moved for good. What runs is told by the rooms above (settings.
BINDING_HELD_BY), asked under the binding's lock; nothing of it is stored, so nothing can drift.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import audit
from accounts.audit import Actor
from bots import texts
from bots.errors import CannotMove, NoOtherBot
from bots.models import Binding, Bot, Job
from bots.services.channels import least_loaded

MOST_CANDIDATES = 20
ENDED_WITH_ITS_BOT = Q(
    status=Binding.Status.DEACTIVATED,
    reason=Binding.ENDED_WITH_BOT,
    bot__status=Bot.Status.DEACTIVATED,
    moved_to__isnull=True,
)
MOVABLE = Q(channel__isnull=False) & (Q(status__in=Binding.LIVE) | ENDED_WITH_ITS_BOT)


class Fate(StrEnum):
    """What became of one channel."""

    MOVED = "moved"
    SHARED = "shared"  # the new bot serves it beside the old one, which something needs
    STAYED = "stayed"


@dataclass(frozen=True)
class Moved:
    """What became of one channel, and why."""

    fate: Fate
    bot: str
    binding_id: int | None
    message: str


# --- asked for -----------------------------------------------------------------------------------------------
@transaction.atomic
def request_move(*, binding: Binding, by: Actor, bot_id: int | None = None) -> Job:
    """One channel is moved later by a job, to the bot named or to the one with the fewest channels."""
    if not Binding.objects.filter(MOVABLE, pk=binding.pk).exists():
        raise CannotMove
    return _request(bot=binding.bot, binding_ids=[binding.pk], bot_id=bot_id, by=by)


@transaction.atomic
def request_moves(*, bot: Bot, by: Actor, bot_id: int | None = None) -> Job:
    """Every channel a bot serves, or served until it was deactivated, is moved later by one job."""
    found = Binding.objects.filter(MOVABLE, bot=bot).order_by("pk")
    return _request(bot=bot, binding_ids=list(found.values_list("pk", flat=True)), bot_id=bot_id, by=by)


def _request(*, bot: Bot, binding_ids: list[int], bot_id: int | None, by: Actor) -> Job:
    if not others(bot, bot_id).exists():
        raise NoOtherBot
    arguments = {"binding_ids": binding_ids, "bot_id": bot_id, "by": asdict(by)}
    return Job.objects.create(account_id=bot.account_id, kind=Job.Kind.MOVE_CHANNELS, arguments=arguments)


def others(bot: Bot, bot_id: int | None) -> Bot.Bots:
    """The bots a channel of this one may move to."""
    found = Bot.objects.active().filter(account_id=bot.account_id).exclude(pk=bot.pk)
    return found.filter(pk=bot_id) if bot_id else found


# --- done ----------------------------------------------------------------------------------------------------
def candidates(*, binding: Binding, bot_id: int | None) -> list[Bot]:
    """The bots to ask Telegram about; which of them takes the channel is decided under lock, in `record_move`."""
    return list(others(binding.bot, bot_id).order_by("pk")[:MOST_CANDIDATES])


@transaction.atomic
def record_move(*, binding_id: int, able: list[int], reason: str, by: Actor) -> Moved:
    """The channel is taken over by one of the bots Telegram says are `able`: one that serves it already, else the
    one with the fewest live bindings. Without any it stays, for the `reason`; moved before, it is shown where to."""
    bots = list(Bot.objects.active().filter(pk__in=able).select_for_update().order_by("pk"))
    rows = Binding.objects.select_for_update(of=("self",)).select_related("bot", "channel", "account")
    old = rows.get(pk=binding_id)
    if old.moved_to:
        return _told(Fate.MOVED, old, old.moved_to)
    if not Binding.objects.filter(MOVABLE, pk=old.pk).exists():
        return Moved(
            Fate.STAYED, f"@{old.bot.username}", None, CannotMove.message.plain(old.account.language)
        )
    if not bots:
        return Moved(Fate.STAYED, f"@{old.bot.username}", None, reason)
    new = _taken_over(old, bots)
    held = str(import_string(settings.BINDING_HELD_BY)(old))
    if not held:
        old.status, old.reason, old.moved_to = (
            Binding.Status.DEACTIVATED,
            f"moved to @{new.bot.username}",
            new,
        )
        old.save(update_fields=["status", "reason", "moved_to"])
    told = _told(Fate.SHARED if held else Fate.MOVED, old, new, held)
    audit.record(by, "move", old, account_id=old.account_id, after={"bot": told.bot, "fate": told.fate})
    return told


def _taken_over(old: Binding, bots: list[Bot]) -> Binding:
    """The live binding of the bot chosen; the caller has locked the bots, so nobody makes another."""
    there = Binding.objects.open().filter(channel=old.channel, bot__in=bots)
    serving = set(there.live().values_list("bot_id", flat=True))
    bot = least_loaded([bot for bot in bots if bot.pk in serving] or bots)
    row = there.filter(bot=bot).select_for_update().first()
    row = row or Binding(account_id=old.account_id, bot=bot, channel=old.channel, requested=old.requested)
    row.status, row.reason, row.checked_at = Binding.Status.ACTIVE, "", timezone.now()
    row.save()
    return row


def _told(fate: Fate, old: Binding, new: Binding, held: str = "") -> Moved:
    sentence = texts.CHANNEL_SHARED if fate is Fate.SHARED else texts.CHANNEL_MOVED
    message = sentence.plain(
        old.account.language, bot=new.bot.username, old=old.bot.username, channel=str(old.channel), why=held
    )
    return Moved(fate, f"@{new.bot.username}", new.pk, message)
