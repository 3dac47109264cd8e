"""Telling Telegram to send a deactivated bot's updates nowhere."""

from bots import gateway, telegram
from bots.answers import Outcome
from bots.services import bots
from bots.services.posting import TRANSIENT


def remove_webhooks() -> None:
    """Claim, ask, record. Silence leaves the row to a later round."""
    while bot := bots.claim_webhook_removal():
        answer = telegram.wait_for(gateway.forget_webhook(telegram.shared(), bots.token_of(bot)))
        if answer.outcome not in (*TRANSIENT, Outcome.UNKNOWN):
            bots.record_webhook_removed(bot_id=bot.pk)
