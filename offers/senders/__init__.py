"""Sending notices: the network, between a claim and its record, with no transaction open.

A sender is a function named by settings.NOTICE_SENDERS that takes a `Letter` and says what became of it. Whatever it
raises is a letter in doubt: nothing a sender does reaches beyond the notice's own row.
"""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils.module_loading import import_string

from config.claims import taken
from config.transactions import refuse_inside_transaction
from offers.models import Notice
from offers.senders.letter import Letter
from offers.services import delivery, notices
from offers.services.delivery import Outcome, Report

log = structlog.get_logger(__name__)
ROUND_SECONDS = 50  # then the next tick of the clock goes on
Sender = Callable[[Letter], Report]


def send_waiting() -> None:
    """Everything that is due, channel by channel; one that another process serves is left to it."""
    refuse_inside_transaction("A mail server")
    for channel in Notice.Channel:
        send_channel(channel, until=time.monotonic() + ROUND_SECONDS)


def send_channel(channel: str, *, until: float) -> None:
    """Stops at a server that is away: the others would only wait for it too."""

    def claim() -> Notice | None:
        return delivery.claim(channel) if time.monotonic() < until else None

    for notice in taken(claim, lambda notice: {"account_id": notice.account_id, "notice_id": notice.pk}):
        report = send(notice)
        delivery.record(notice, report)
        log.info("notice", channel=channel, outcome=report.outcome, reason=report.reason)
        if report.outcome is Outcome.AWAY:
            return


def send(notice: Notice) -> Report:
    """One attempt. What cannot even be written is refused; only what a sender does can leave a doubt."""
    try:
        if notices.is_outdated(notice):
            return Report(Outcome.OUTDATED)
        to, words = notices.address_of(notice), notices.words_of(notice)
        sender: Sender = import_string(settings.NOTICE_SENDERS[notice.channel])
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        return Report(Outcome.REFUSED, f"It cannot be written: {type(error).__name__}.")
    if not to:
        return Report(Outcome.REFUSED, "The person has no address for it any more.")
    letter = Letter(notice.pk, int(notice.created_at.timestamp()), to, words.subject, words.text)
    try:
        report = sender(letter)
    except Exception as error:
        return Report(Outcome.UNKNOWN, f"The sender broke: {type(error).__name__}.")
    readable = isinstance(report, Report)  # a sender may be anybody's
    return report if readable else Report(Outcome.UNKNOWN, "The sender did not say what became of it.")
