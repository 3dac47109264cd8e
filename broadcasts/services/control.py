"""Steering a broadcast: pause, resume, cancel; each is effective at the pump's next grant."""

from functools import partial

from django.db import transaction

from accounts import audit
from accounts.audit import Actor
from bots.models import Alert
from bots.services.alerts import raise_alert
from broadcasts.errors import BroadcastOver
from broadcasts.metrics import TASK_SECONDS, TASKS_FAILED
from broadcasts.models import Broadcast, Chunk, Delivery
from broadcasts.services.counting import counts
from broadcasts.texts import STATES
from webhooks import services as webhooks
from webhooks.models import Event

Status = Broadcast.Status


@transaction.atomic
def pause(*, broadcast_id: int, by: Actor) -> Broadcast:
    """A live broadcast stops sending until it is resumed; pausing twice changes nothing."""
    return _move(broadcast_id, Status.PAUSED, by, "pause")


@transaction.atomic
def resume(*, broadcast_id: int, by: Actor) -> Broadcast:
    """A paused broadcast goes on where it stopped; a live one already does."""
    broadcast = _locked(broadcast_id)
    if broadcast.status in Broadcast.LIVE:
        return broadcast
    broadcast = _move(broadcast_id, Status.RUNNING, by, "resume")
    complete_if_done(broadcast)  # its last answers may have come in while it was paused
    return broadcast


@transaction.atomic
def cancel(*, broadcast_id: int, by: Actor) -> Broadcast:
    """A broadcast that is not over never sends again; cancelling twice changes nothing."""
    return _move(broadcast_id, Status.CANCELLED, by, "cancel")


def _locked(broadcast_id: int) -> Broadcast:
    return Broadcast.objects.select_for_update().get(pk=broadcast_id)


def _move(broadcast_id: int, status: str, by: Actor, verb: str) -> Broadcast:
    broadcast = _locked(broadcast_id)
    if broadcast.status == status:
        return broadcast
    if broadcast.status in Broadcast.OVER:
        raise BroadcastOver(status=STATES[broadcast.status])
    before = broadcast.status
    store(broadcast, status)
    audit.record(
        by,
        verb,
        broadcast,
        account_id=broadcast.account_id,
        before={"status": before},
        after={"status": status},
    )
    return broadcast


def store(broadcast: Broadcast, status: str, *, reason: str = "") -> None:
    """Moves a broadcast that is locked and saves it; the reason is that of the newest move."""
    broadcast.move_to(status)
    broadcast.reason = reason[:255]
    broadcast.save(update_fields=["status", "reason", "started_at", "finished_at"])
    if status in Broadcast.OVER:
        transaction.on_commit(partial(_count_end, broadcast))
    if status == Status.COMPLETED:
        tell_completed(broadcast)


def tell_completed(broadcast: Broadcast) -> None:
    """Webhooks hear of it each time: a broadcast that is served again completes again."""
    counted = counts([broadcast.pk])[broadcast.pk]
    webhooks.emit(
        account_id=broadcast.account_id,
        event=Event.BROADCAST_COMPLETED,
        once=f"broadcast:{broadcast.pk}:{broadcast.finished_at}",
        task_id=str(broadcast.public_id),
        kind=str(broadcast.kind),
        recipients_count=broadcast.recipients_count,
        sent=counted.sent,
        failed=counted.failed,
        skipped=counted.skipped,
        uncertain=counted.uncertain,
    )


def _count_end(broadcast: Broadcast) -> None:
    if broadcast.status == Status.FAILED:
        TASKS_FAILED.inc()
    if broadcast.started_at and broadcast.finished_at:
        TASK_SECONDS.observe((broadcast.finished_at - broadcast.started_at).total_seconds())


def complete_if_done(broadcast: Broadcast) -> None:
    """The last chunk done completes a running broadcast; the caller holds its lock, so one of two notices."""
    if broadcast.status != Status.RUNNING:
        return
    if not Chunk.objects.filter(broadcast=broadcast, done_at__isnull=True).exists():
        store(broadcast, Status.COMPLETED, reason=broadcast.reason)
        _tell_of_doubts(broadcast)


def _tell_of_doubts(broadcast: Broadcast) -> None:
    """Where a person wants to be asked, they are: the doubts wait until somebody decides."""
    if broadcast.uncertain_policy != Broadcast.UncertainPolicy.ASK:
        return
    doubts = (
        Delivery.objects.current().filter(broadcast=broadcast, outcome=Delivery.Outcome.UNCERTAIN).count()
    )
    if doubts:
        facts = {"broadcast": str(broadcast.pk), "number": str(doubts)}
        raise_alert(account_id=broadcast.account_id, kind=Alert.Kind.DELIVERY_IN_DOUBT, **facts)
