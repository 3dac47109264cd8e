"""Rules of sending notices: claimed one by one, recorded as what it was; money is nowhere near.

One notice of a channel is under way at a time, so that a mail server which hangs holds one thread of one worker. What
is uncertain (written to the server, and no answer) is repeated by mail under the same Message-ID, which mailboxes show
once, and never by SMS, which has no such thing and costs money.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from offers.models import Notice

LEASE = timedelta(minutes=3)  # longer than any sender takes
MOST_ATTEMPTS = 14  # about two days
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
REPEATED_IN_DOUBT = {Notice.Channel.EMAIL}
DIED = "The process that sent it died."
Status = Notice.Status


class Outcome(StrEnum):
    TAKEN = "taken"  # the server has it
    REFUSED = "refused"  # for good: nothing was sent, and trying again is no use
    LATER = "later"  # not sent; this one may go later
    AWAY = "away"  # not sent, and the others would not be either
    UNKNOWN = "unknown"  # nobody knows whether it left
    OUTDATED = "outdated"  # not sent, because it is no longer true


@dataclass(frozen=True)
class Report:
    """What a sender says of one letter. `reason` never holds an address or a text."""

    outcome: Outcome
    reason: str = ""
    reference: str = ""
    pause: timedelta | None = None


@transaction.atomic
def claim(channel: str) -> Notice | None:
    """The oldest due notice of the channel for this worker alone; None while another one sends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"notices:{channel}"])
    _take_back(channel)
    rows = Notice.objects.filter(channel=channel)
    if rows.filter(status=Status.SENDING).exists():
        return None
    due = rows.due().select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk")
    with_all = due.select_related("user", "account", "subscription__offer", "transaction")
    notice = with_all.first()
    if notice is None:
        return None
    notice.move_to(Status.SENDING)
    notice.attempts += 1
    notice.claimed_until = timezone.now() + LEASE * settings.LEASE_SCALE
    notice.save(update_fields=["status", "attempts", "claimed_until"])
    return notice


def _take_back(channel: str) -> None:
    """A claim that is over is a letter in doubt."""
    gone = Notice.objects.filter(channel=channel, status=Status.SENDING, claimed_until__lte=timezone.now())
    for notice in gone.select_for_update(skip_locked=True):
        _settle(notice, Report(Outcome.UNKNOWN, DIED))


@transaction.atomic
def record(notice: Notice, report: Report) -> None:
    """What became of one attempt. Whoever comes back after the claim was over changes nothing, but that it was taken
    is never forgotten."""
    row = Notice.objects.select_for_update().get(pk=notice.pk)
    still_ours = row.status == Status.SENDING and row.claimed_until == notice.claimed_until
    if still_ours or (row.status == Status.UNCERTAIN and report.outcome is Outcome.TAKEN):
        _settle(row, report)


def _settle(row: Notice, report: Report) -> None:
    row.move_to(_status_after(row, report.outcome))
    row.claimed_until = None
    row.reason = report.reason[:200]
    row.reference = report.reference[:100] or row.reference
    row.sent_at = timezone.now() if row.status == Status.SENT else None
    if row.status == Status.WAITING:
        row.due_at = timezone.now() + (report.pause or pause_after(row.attempts))
    row.save(update_fields=["status", "claimed_until", "reason", "reference", "sent_at", "due_at"])


def _status_after(row: Notice, outcome: Outcome) -> Status:
    match outcome:
        case Outcome.TAKEN:
            return Status.SENT
        case Outcome.REFUSED:
            return Status.FAILED
        case Outcome.OUTDATED:
            return Status.OUTDATED
        case Outcome.UNKNOWN if row.channel not in REPEATED_IN_DOUBT or row.attempts >= MOST_ATTEMPTS:
            return Status.UNCERTAIN
        case _:
            return Status.FAILED if row.attempts >= MOST_ATTEMPTS else Status.WAITING


def pause_after(attempts: int) -> timedelta:
    """Until the next attempt: a minute, two, four .. six hours."""
    return min(FIRST_PAUSE * int(2 ** min(attempts - 1, 16)), LONGEST_PAUSE)
