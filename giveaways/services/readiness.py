"""What a giveaway needs before it can be published: channels its bots may post in, an end ahead, a checkable draw."""

from django.utils import timezone

from bots.models import Binding, Bot
from bots.services.channels import current
from giveaways.errors import BotNotWorking, ChannelNotConfigured, ChannelNotVerified, EndHasPassed
from giveaways.models import Giveaway
from giveaways.services.places import bindings_of
from giveaways.services.write import refuse_unchecked_beacon


def serving(giveaway: Giveaway) -> tuple[Binding | None, list[Binding]]:
    """Its own binding and the required ones as they serve now: a draft follows channels moved to another bot."""
    required = list(giveaway.required_bindings.select_related("channel"))
    own = current(giveaway.binding) if giveaway.binding else None
    if own == giveaway.binding and not any(binding.moved_to_id for binding in required):
        return own, required
    ids = [binding.channel.telegram_id for binding in required if binding.channel]
    return own, bindings_of(giveaway.account_id, ids, served_with=own)


def settle_on_bot(giveaway: Giveaway) -> None:
    """From publishing on a giveaway belongs to one bot: its bindings are locked, so that none is moved meanwhile."""
    giveaway.results_binding = current(giveaway.results_binding) if giveaway.results_binding else None
    moved = True
    while moved:  # one that was moved before its lock was had is followed
        own, required = serving(giveaway)
        needed = [binding.pk for binding in (own, *required) if binding]
        locked = Binding.objects.filter(pk__in=needed).select_for_update(no_key=True, of=("self",))
        fresh = {row.pk: row for row in locked.select_related("bot", "channel").order_by("pk")}
        giveaway.binding = fresh[own.pk] if own else None
        giveaway.required_bindings.set(required)
        moved = any(row.moved_to_id for row in fresh.values())


def refuse_unready(giveaway: Giveaway) -> None:
    """What a post needs: channels its bots may post in, an end ahead, a draw that can be checked."""
    refuse_unverified(giveaway)
    refuse_past_end(giveaway)
    refuse_unchecked_beacon(giveaway)


def refuse_unverified(giveaway: Giveaway) -> None:
    """A giveaway needs a channel in which its bot may post, and that bot in every channel it requires: Telegram
    tells who is subscribed to the channel's own administrators only."""
    own, required = serving(giveaway)
    if own is None or own.channel is None or own.status == Binding.Status.DEACTIVATED:
        raise ChannelNotConfigured
    if own.bot.status != Bot.Status.ACTIVE:
        raise BotNotWorking(bot=f"@{own.bot.username}", reason=own.bot.status_reason)
    for binding in (own, *required):
        if binding.status != Binding.Status.ACTIVE or binding.bot_id != own.bot_id:
            raise ChannelNotVerified(bot=f"@{own.bot.username}", channel=str(binding.channel))
    elsewhere = current(giveaway.results_binding) if giveaway.results_binding else None
    if elsewhere and (elsewhere.status, elsewhere.bot.status) != (Binding.Status.ACTIVE, Bot.Status.ACTIVE):
        raise ChannelNotVerified(bot=f"@{elsewhere.bot.username}", channel=str(elsewhere.channel))


def refuse_past_end(giveaway: Giveaway) -> None:
    """A draft may have waited past the end it promises: it would be over before anybody could enter."""
    if giveaway.ends_at and giveaway.ends_at <= timezone.now():
        raise EndHasPassed(field="ends_at")
