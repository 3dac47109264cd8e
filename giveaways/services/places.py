"""Choosing where a giveaway lives: which of an account's bots serves which of its channels for it."""

from bots.models import Binding, Bot
from config.language import Text
from giveaways.errors import ChannelNotConfigured, ChannelNotVerified

NOT_CONNECTED = Text(en="Not connected: {channels}.", ru="Не подключены: {channels}.")


def choose_binding(account_id: int, channel_id: int | None) -> Binding | None:
    """The binding of the channel named; when none is named, that of the account's only channel.

    Where several bots serve the channel, one that works and may post comes first, then the newest.
    """
    live = Binding.objects.live().filter(account_id=account_id, channel__isnull=False)
    if channel_id is None:
        channels = set(live.values_list("channel_id", flat=True))
        return best_of(live) if len(channels) == 1 else None
    found = best_of(live.filter(channel__telegram_id=channel_id))
    if found is None:
        raise ChannelNotConfigured(field="channel_id")
    return found


def results_binding(
    account_id: int, channel_id: int | None, *, served_with: Binding | None
) -> Binding | None:
    """The binding of another channel for the results, in which its bot may post by now."""
    if channel_id is None or (
        served_with and served_with.channel and served_with.channel.telegram_id == channel_id
    ):
        return None
    found = Binding.objects.live().filter(account_id=account_id, channel__telegram_id=channel_id)
    own = found.filter(bot_id=served_with.bot_id) if served_with else found
    chosen = best_of(own.filter(status=Binding.Status.ACTIVE)) or best_of(found)
    if chosen is None:
        raise ChannelNotConfigured(field="results_channel_id")
    if chosen.status != Binding.Status.ACTIVE:
        raise ChannelNotVerified(
            field="results_channel_id", bot=f"@{chosen.bot.username}", channel=str(chosen.channel)
        )
    return chosen


def best_of(bindings: Binding.Bindings) -> Binding | None:
    """The binding most likely to work."""
    return min(
        bindings.select_related("channel", "bot"),
        key=lambda each: (
            each.bot.status != Bot.Status.ACTIVE,
            each.status != Binding.Status.ACTIVE,
            -each.pk,
        ),
        default=None,
    )


def bindings_of(account_id: int, channel_ids: list[int], *, served_with: Binding | None) -> list[Binding]:
    """The bindings of further channels people must be subscribed to, by the giveaway's own bot if it can be."""
    live = Binding.objects.live().filter(account_id=account_id, channel__telegram_id__in=channel_ids)
    own = served_with.bot_id if served_with else None
    others_first = sorted(live.select_related("channel"), key=lambda binding: binding.bot_id == own)
    found = {binding.channel.telegram_id: binding for binding in others_first if binding.channel}
    missing = [str(channel_id) for channel_id in channel_ids if channel_id not in found]
    if missing:
        raise ChannelNotConfigured(
            errors={"required_channels": [NOT_CONNECTED.filled(channels=", ".join(missing))]}
        )
    return list(found.values())
