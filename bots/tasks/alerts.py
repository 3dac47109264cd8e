"""Telling owners what they have to know, by mail and by Telegram, each without waiting for the other."""

from django.conf import settings
from django.core.mail import EmailMessage

from bots import gateway, telegram
from bots.answers import Outcome
from bots.models import LinkedOwner, Telling
from bots.services import alerts, bots, owners, subscribers
from config.claims import taken

SUBJECT = "Telegive"


def mail_alerts() -> None:
    """Claim, send, record. A mail server that refuses leaves the alert to the next round."""
    while alerts.alert_failing_webhook():
        pass
    for alert in taken(
        alerts.claim_alert, lambda alert: {"account_id": alert.account_id, "alert_id": alert.pk}
    ):
        addresses = alerts.addresses_of(alert.account_id)
        if addresses:
            EmailMessage(SUBJECT, alert.text, settings.DEFAULT_FROM_EMAIL, bcc=addresses).send()
        alerts.record_told(alert_id=alert.pk)


def tell_by_telegram() -> None:
    """Claim, send, record, for each linked user by themself."""
    for telling in taken(
        alerts.claim_telling, lambda row: {"user_id": row.user_id, "alert_id": row.alert_id}
    ):
        way = owners.way_to(telling.user)
        if way is None:
            alerts.give_up(telling, "no bot can write to them")
        else:
            _tell(telling, way)


def _tell(telling: Telling, way: LinkedOwner) -> None:
    bot, chat_id = way.bot, way.chat_id or 0
    question = gateway.tell(telegram.shared(), bots.token_of(bot), chat_id, telling.alert.text)
    answer = telegram.wait_for(question)
    if answer.outcome is Outcome.BOT_DEAD:
        bots.quarantine_bot(bot_id=bot.pk, reason=answer.description, fingerprint=bot.token_fingerprint)
    elif answer.outcome in (Outcome.RECIPIENT, Outcome.RIGHTS):
        subscribers.record_unreachable_owner(bot_id=bot.pk, chat_id=chat_id, kind=answer.kind)
    alerts.record_telling(telling=telling, bot_id=bot.pk, answer=answer)
