"""Telling owners what they have to know, by mail."""

from django.conf import settings
from django.core.mail import EmailMessage

from bots.services import alerts

SUBJECT = "Telegive"


def mail_alerts() -> None:
    """Claim, send, record. A mail server that refuses leaves the alert to the next round."""
    while alert := alerts.claim_alert():
        addresses = alerts.addresses_of(alert.account_id)
        if addresses:
            EmailMessage(SUBJECT, alert.text, settings.DEFAULT_FROM_EMAIL, bcc=addresses).send()
        alerts.record_told(alert_id=alert.pk)
