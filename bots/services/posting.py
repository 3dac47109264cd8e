"""Posting in channels, whatever is posted: rows of work claimed for one worker, recorded once, never doubled.

The order is everywhere the same: claim in a short transaction, send with none open, record in a short
transaction. SENDING is committed before anything is sent, so a row whose worker died is known to be uncertain
instead of being sent again.
"""

from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from bots.answers import Answer, Outcome
from bots.models import Binding, ChannelWork
from bots.services import bots, channels

Status = ChannelWork.Status
LEASE = timedelta(seconds=settings.TELEGRAM_TIMEOUT_SECONDS + 60 * settings.LEASE_SCALE)
MOST_WAIT = 600
TRANSIENT = (Outcome.FLOOD, Outcome.NOT_SENT)  # nothing happened
HARMLESS = (*TRANSIENT, Outcome.UNKNOWN)  # for what may happen twice: edits and deletions
WORKER_GONE = Answer(Outcome.UNKNOWN, "worker_gone", description="the worker died while sending")
CHANGED = ["status", "due_at", "leased_until", "attempts", "message_id", "error", "sent_at"]


Work = TypeVar("Work", bound=ChannelWork)


def claim(due: QuerySet[Work]) -> Work | None:
    """Takes the first due row for this worker alone; inside the caller's transaction."""
    row = due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk").first()
    if row:
        row.status, row.leased_until = Status.SENDING, timezone.now() + LEASE
        row.attempts += 1
        row.save(update_fields=CHANGED)
    return row


def record(row: ChannelWork, answer: Answer, *, repeat: bool) -> None:
    """Writes down what Telegram said to a locked row that is being sent; `repeat`: it waits for a better moment."""
    if answer.ok or answer.kind == "not_modified":
        row.status, row.sent_at = Status.SENT, timezone.now()
        row.message_id = getattr(answer.result, "message_id", None)
    elif repeat:
        row.status, row.due_at = (
            Status.WAITING,
            timezone.now() + timedelta(seconds=pause(answer, row.attempts)),
        )
    else:
        row.status = Status.UNCERTAIN if answer.outcome is Outcome.UNKNOWN else Status.FAILED
    row.error = answer.description[:255]
    row.save(update_fields=CHANGED)


def pause(answer: Answer, attempts: int) -> float:
    """Seconds until the next attempt: as Telegram says, else twice as long each time."""
    return answer.retry_after or min(2**attempts, MOST_WAIT)


def wait_again(row: ChannelWork) -> None:
    """Somebody looked into the channel and found nothing there: the locked row is sent once more."""
    row.status, row.due_at, row.attempts = Status.WAITING, timezone.now(), 0
    row.save(update_fields=CHANGED)


def follow(binding: Binding, answer: Answer, *, reason: str, fingerprint: str, posting: bool = True) -> None:
    """What a refusal says of the bot is kept: its token, whose fingerprint this is, or its right in the channel.

    A right that only edits or deletions lack (`posting` is False) says nothing of posting.
    """
    if answer.outcome is Outcome.BOT_DEAD:
        bots.quarantine_bot(bot_id=binding.bot_id, reason=answer.description, fingerprint=fingerprint)
    if answer.outcome is Outcome.RIGHTS and (posting or answer.kind != "not_enough_rights"):
        channels.record_right(binding_id=binding.pk, may_post=False, reason=reason)
