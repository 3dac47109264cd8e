"""Stops that Telegram's answers command: broken content ends a broadcast, a refused token stops the bot."""

from django.db import transaction

from accounts import audit
from bots.models import Bot
from bots.services.bots import quarantine_bot
from broadcasts.models import Broadcast
from broadcasts.services.control import store

Status = Broadcast.Status


@transaction.atomic
def stop_for_content(*, broadcast_id: int, description: str) -> None:
    """The content is broken, not the recipient: nobody else is sent it."""
    broadcast = Broadcast.objects.select_for_update().get(pk=broadcast_id)
    if Status.FAILED not in Broadcast.NEXT[broadcast.status]:
        return
    store(broadcast, Status.FAILED, reason=description)
    audit.record(
        audit.SYSTEM, "fail", broadcast, account_id=broadcast.account_id, after={"reason": broadcast.reason}
    )


@transaction.atomic
def stop_for_token(*, bot_id: int, fingerprint: str, description: str) -> None:
    """Quarantines the bot and pauses its broadcasts, unless the token was replaced in the meantime."""
    bot = Bot.objects.select_for_update().filter(pk=bot_id, token_fingerprint=fingerprint).first()
    if bot is None or bot.status != Bot.Status.ACTIVE:
        return
    quarantine_bot(bot_id=bot_id, reason=description)
    for broadcast in Broadcast.objects.live().filter(bot_id=bot_id).select_for_update().order_by("id"):
        store(broadcast, Status.PAUSED, reason=Broadcast.BOT_STOPPED)
        audit.record(
            audit.SYSTEM,
            "pause",
            broadcast,
            account_id=broadcast.account_id,
            after={"reason": Broadcast.BOT_STOPPED},
        )
