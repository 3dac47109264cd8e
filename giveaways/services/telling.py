"""What of a giveaway's life its account's webhooks are told, in the transaction of the change."""

from giveaways.models import Giveaway
from webhooks import services as webhooks
from webhooks.models import Event


def published(giveaway: Giveaway) -> None:
    """The post stands in the channel."""
    channel = giveaway.binding.channel if giveaway.binding else None
    webhooks.emit(
        account_id=giveaway.account_id,
        event=Event.GIVEAWAY_PUBLISHED,
        once=f"giveaway:{giveaway.pk}",
        giveaway_id=giveaway.pk,
        title=giveaway.title,
        message_id=giveaway.message_id,
        channel_id=channel.telegram_id if channel else None,
    )


def finished(giveaway: Giveaway) -> None:
    """The draw is settled."""
    webhooks.emit(
        account_id=giveaway.account_id,
        event=Event.GIVEAWAY_FINISHED,
        once=f"giveaway:{giveaway.pk}",
        giveaway_id=giveaway.pk,
        title=giveaway.title,
        winners_selected=giveaway.winners_selected,
        total_participants=giveaway.participant_count,
    )
