"""Telling Telegram to send a deactivated bot's updates nowhere."""

from bots import gateway, telegram
from bots.answers import Outcome
from bots.services import bots
from bots.services.posting import TRANSIENT
from config.claims import taken


def remove_webhooks() -> None:
    """Claim, ask, record. Silence leaves the row to a later round."""
    for bot in taken(
        bots.claim_webhook_removal, lambda bot: {"account_id": bot.account_id, "bot_id": bot.pk}
    ):
        answer = telegram.wait_for(gateway.forget_webhook(telegram.shared(), bots.token_of(bot)))
        if answer.outcome not in (*TRANSIENT, Outcome.UNKNOWN):
            bots.record_webhook_removed(bot_id=bot.pk)
