"""What the clock and other apps change about broadcasts; done by every pump, once however many do it."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from accounts import audit
from bots.models import Bot
from broadcasts.metrics import OLDEST_WAITING
from broadcasts.models import Broadcast, Chunk
from broadcasts.services import leasing
from broadcasts.services.control import complete_if_done, store

Status = Broadcast.Status
UNTAKEN = Chunk.objects.filter(
    Q(leased_until__isnull=True) | Q(leased_until__lt=Now()), broadcast=OuterRef("pk"), done_at__isnull=True
)
SPENT = Q(
    Exists(UNTAKEN),  # what is in the air may still complete it
    paid=True,
    stars_spent_then=Broadcast.WhenSpent.PAUSE,
    paid_granted__gte=F("stars_budget") * Broadcast.MESSAGES_PER_STAR,
)


def keep_up() -> None:
    """Everything below, each in a transaction of its own; twice changes nothing."""
    leasing.settle_interrupted()
    end_expired()
    pause_stopped()
    resume_recovered()
    tell_who_waits()


@transaction.atomic
def end_expired() -> None:
    """An expired broadcast says so and runs to its end: pumps record its rest as skipped, sending nothing."""
    unfinished = Broadcast.objects.exclude(status__in=Broadcast.OVER)
    for broadcast in _locked(
        unfinished.filter(expires_at__lte=timezone.now()).exclude(
            status=Status.RUNNING, reason=Broadcast.EXPIRED
        )
    ):
        _move(broadcast, Status.RUNNING, Broadcast.EXPIRED, "expire")
        complete_if_done(broadcast)


@transaction.atomic
def pause_stopped() -> None:
    """A broadcast whose bot is stopped, or whose Stars are spent, says why it does not go on."""
    live = Broadcast.objects.live().exclude(expires_at__lte=timezone.now())
    for broadcast in _locked(live.exclude(bot__status=Bot.Status.ACTIVE)):
        _move(broadcast, Status.PAUSED, Broadcast.BOT_STOPPED, "pause")
    for broadcast in _locked(live.filter(SPENT)):
        _move(broadcast, Status.PAUSED, Broadcast.BUDGET_SPENT, "pause")


@transaction.atomic
def resume_recovered() -> None:
    """What paused with its bot goes on with it; what a person paused stays paused."""
    waiting = Broadcast.objects.filter(status=Status.PAUSED, reason=Broadcast.BOT_STOPPED)
    for broadcast in _locked(waiting.filter(bot__status=Bot.Status.ACTIVE)):
        _move(broadcast, Status.RUNNING, "", "resume")
        complete_if_done(broadcast)


def tell_who_waits() -> None:
    """For each priority, how long the first broadcast that is due has been waiting for its first message."""
    now = timezone.now()
    due = Broadcast.objects.filter(Q(scheduled_at=None) | Q(scheduled_at__lte=now), status=Status.SCHEDULED)
    first = Min(Coalesce("scheduled_at", "created_at"))
    waiting = dict(due.order_by().values("priority").annotate(since=first).values_list("priority", "since"))
    for priority in Broadcast.Priority.values:
        seconds = (now - waiting[priority]).total_seconds() if priority in waiting else 0
        OLDEST_WAITING.labels(priority).set(seconds)


def _locked(found: Broadcast.Broadcasts) -> Iterable[Broadcast]:
    """Those nobody else is moving this moment; the next time finds the others."""
    return found.select_for_update(skip_locked=True, of=("self",)).order_by("pk")


def _move(broadcast: Broadcast, status: str, reason: str, verb: str) -> None:
    if broadcast.status == status:
        broadcast.reason = reason
        broadcast.save(update_fields=["reason"])
    else:
        store(broadcast, status, reason=reason)
    audit.record(
        audit.SYSTEM,
        verb,
        broadcast,
        account_id=broadcast.account_id,
        after={"reason": reason or "recovered"},
    )
