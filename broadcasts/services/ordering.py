"""A broadcast that somebody orders: by which bot, for whom, and how many may be under way at once."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Unpack

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.audit import Actor
from accounts.models import User
from bots.models import Bot
from bots.texts import BOT_STATES
from broadcasts.errors import BotNotActive, BotNotChosen, BotNotFound, NoActiveBot, TooManyBroadcasts
from broadcasts.models import Broadcast
from broadcasts.services.again import serve_again
from broadcasts.services.audience import Audience
from broadcasts.services.create import Terms, create, lock

TEST_LASTS = timedelta(minutes=10)  # whoever waits for it has left by then


def choose_bot(user: User, bot_id: int | None) -> Bot:
    """The bot that was named, or the account's only active one."""
    if bot_id is not None:
        bot = Bot.objects.visible_to(user).filter(pk=bot_id).first()
        if bot is None:
            raise BotNotFound
        return refuse_inactive(bot)
    active = list(Bot.objects.active().filter(account_id=user.account_id)[:2])
    if not active:
        raise NoActiveBot
    if len(active) > 1:
        raise BotNotChosen(field="bot_id")
    return active[0]


def refuse_inactive(bot: Bot) -> Bot:
    """A bot without a working token writes to nobody."""
    if bot.status != Bot.Status.ACTIVE:
        raise BotNotActive(bot=bot, status=BOT_STATES[bot.status])
    return bot


@transaction.atomic
def order(
    *,
    bot: Bot,
    audience: Audience,
    content: dict[str, Any],
    by: Actor,
    idempotency_key: str = "",
    **terms: Unpack[Terms],
) -> Broadcast:
    """Makes a broadcast in the bot's account, unless too many of it are not over.

    The limit is asked for twice: before an audience of a million is read, and under a lock that lasts until
    the commit, so that those who order at the same moment are counted as well.
    """
    earlier = Broadcast.objects.filter(account_id=bot.account_id, idempotency_key=idempotency_key)
    repeated = bool(idempotency_key) and earlier.exists()
    if not repeated:
        refuse_another(bot.account_id)
    broadcast = create(
        account_id=bot.account_id,
        bot_id=bot.pk,
        content=content,
        chats=audience.chats(bot),
        audience=audience.asked,
        by=by,
        idempotency_key=idempotency_key,
        **terms,
    )
    if not repeated:
        lock(f"limit:{bot.account_id}")
        refuse_beyond(bot.account_id, settings.BROADCASTS_PER_ACCOUNT)
    return broadcast


@transaction.atomic
def send_test(*, bot: Bot, chat_id: int, content: dict[str, Any], by: Actor) -> Broadcast:
    """The message to one chat, ahead of everything else; it is no broadcast of the account's lists and limits."""
    return create(
        account_id=bot.account_id,
        bot_id=bot.pk,
        content=content,
        chats=[chat_id],
        by=by,
        kind=Broadcast.Kind.TEST,
        priority=Broadcast.Priority.HIGH,
        repeat_seconds=0,
        expires_at=timezone.now() + TEST_LASTS,
    )


@transaction.atomic
def retry_failed(*, broadcast_id: int, by: Actor, kinds: Collection[str] = ()) -> int:
    """Whoever failed (of these kinds, when given) is sent to once more; the others are left alone. How many."""
    broadcast = Broadcast.objects.get(pk=broadcast_id)
    if broadcast.status in Broadcast.OVER:
        refuse_another(broadcast.account_id)
    return serve_again(broadcast_id=broadcast_id, by=by, kinds=kinds)


def refuse_another(account_id: int) -> None:
    """Refuses one more when as many are under way as may be."""
    refuse_beyond(account_id, settings.BROADCASTS_PER_ACCOUNT - 1)


def refuse_beyond(account_id: int, most: int) -> None:
    """Refuses when more than `most` broadcasts of the account are not over."""
    under_way = Broadcast.objects.not_over().filter(account_id=account_id).exclude(kind=Broadcast.Kind.TEST)
    if under_way.count() > most:
        raise TooManyBroadcasts(most=settings.BROADCASTS_PER_ACCOUNT)
