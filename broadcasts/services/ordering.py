"""A broadcast that somebody orders: by which bot, for whom, and how many may be under way at once."""

from typing import Any, Unpack

from django.conf import settings
from django.db import transaction

from accounts.audit import Actor
from accounts.models import User
from bots.models import Bot
from broadcasts.errors import BotNotActive, BotNotChosen, BotNotFound, NoActiveBot, TooManyBroadcasts
from broadcasts.models import Broadcast
from broadcasts.services.audience import Audience
from broadcasts.services.create import Terms, create, lock


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
        raise BotNotChosen(errors={"bot_id": ["Name one of your bots."]})
    return active[0]


def refuse_inactive(bot: Bot) -> Bot:
    """A bot without a working token writes to nobody."""
    if bot.status != Bot.Status.ACTIVE:
        raise BotNotActive(bot=bot, status=bot.status)
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
        refuse_beyond(bot.account_id, settings.BROADCASTS_PER_ACCOUNT - 1)
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


def refuse_beyond(account_id: int, most: int) -> None:
    """Refuses when more than `most` broadcasts of the account are not over."""
    if Broadcast.objects.not_over().filter(account_id=account_id).count() > most:
        raise TooManyBroadcasts(most=settings.BROADCASTS_PER_ACCOUNT)
