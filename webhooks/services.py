"""The rules of webhooks: where an account wants to be told, what it is told, and what becomes of each attempt."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from accounts import audit
from accounts.audit import Actor
from accounts.models import Account
from webhooks import links
from webhooks.errors import EndpointOff, StillUnderWay, TooManyEndpoints, UnfitAddress
from webhooks.models import Delivery, Endpoint, Event

MOST_ENDPOINTS = 10
# Before the second attempt, the third, ...: a day in all. Then the event is given up and the endpoint fails.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1_800, 7_200, 21_600, 54_000))
PATIENCE = timedelta(hours=24)
LEASE = timedelta(seconds=60)  # of an endpoint, for some deliveries of it
LONGEST_REST = timedelta(minutes=5)
NAMESPACE = uuid.UUID("6d7f9d8e-4a0b-5c0e-9e0a-5d3f6f0f2c11")
Status = Delivery.Status


# --- what happened ------------------------------------------------------------------------------------
def emit(*, account_id: int, event: Event, once: str, **facts: Any) -> int:
    """Tells the account's endpoints of a change, in the transaction of that change; how many will be told.

    `once` names the change ("giveaway:7"): emitted again, it is the same event and makes no second row. `facts` are
    ids and numbers: nothing about persons leaves by this way.
    """
    endpoints = list(Endpoint.objects.wanting(account_id, event))
    if not endpoints:
        return 0
    event_id = uuid.uuid5(NAMESPACE, f"{event}:{once}")
    payload = told(account_id, event, event_id, facts)
    rows = [Delivery(endpoint=row, event_id=event_id, event=event, payload=payload) for row in endpoints]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def told(account_id: int, event: str, event_id: uuid.UUID, facts: dict[str, Any]) -> dict[str, Any]:
    """The body of an event."""
    return {
        "id": str(event_id),
        "event": str(event),
        "created_at": timezone.now().isoformat(),
        "account_id": account_id,
        "data": facts,
    }


def body_of(row: Delivery) -> bytes:
    """The exact bytes that are signed and sent: the same at every attempt."""
    return json.dumps(row.payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


# --- endpoints ----------------------------------------------------------------------------------------
def refuse_unfit(url: str) -> None:
    if fault := links.fault_of(url, anywhere=settings.SANDBOX):
        raise UnfitAddress(fault)


@transaction.atomic
def add(*, account_id: int, by: Actor, url: str, **fields: Any) -> Endpoint:
    """An account may have ten endpoints; the account's row is locked, so that an eleventh does not slip in."""
    refuse_unfit(url)
    Account.objects.select_for_update(no_key=True).get(pk=account_id)
    if Endpoint.objects.filter(account_id=account_id).count() >= MOST_ENDPOINTS:
        raise TooManyEndpoints(most=MOST_ENDPOINTS)
    row = Endpoint.objects.create(account_id=account_id, url=url, **fields)
    audit.record(by, "add_webhook", row, account_id=account_id, after={"host": host_of(row)})
    return row


@transaction.atomic
def change(*, endpoint_id: int, by: Actor, fields: dict[str, Any]) -> Endpoint:
    """Another address begins with a clean record; deliveries that wait go to where it points now."""
    row = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    if "url" in fields:
        refuse_unfit(fields["url"])
        row.failing_since = row.alerted_at = row.leased_until = None
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=[*fields, "failing_since", "alerted_at", "leased_until", "updated_at"])
    audit.record(
        by,
        "change_webhook",
        row,
        account_id=row.account_id,
        after={"fields": sorted(fields), "host": host_of(row)},
    )
    return row


@transaction.atomic
def renew_secret(*, endpoint_id: int, by: Actor) -> Endpoint:
    """The old secret signs nothing from now on."""
    row = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    row.key = uuid.uuid4()
    row.save(update_fields=["key", "updated_at"])
    audit.record(by, "renew_webhook_secret", row, account_id=row.account_id)
    return row


@transaction.atomic
def remove(*, endpoint_id: int, by: Actor) -> None:
    """The endpoint and its log go; an attempt under way ends unrecorded."""
    row = Endpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if row:
        audit.record(by, "remove_webhook", row, account_id=row.account_id, before={"host": host_of(row)})
        row.delete()


def host_of(row: Endpoint) -> str:
    """What may be told of an address: paths and queries hold people's secrets."""
    return urlsplit(row.url).hostname or ""


# --- on demand ----------------------------------------------------------------------------------------
@transaction.atomic
def send_test(*, endpoint_id: int, by: Actor) -> Delivery:
    """An event that means nothing, to this endpoint alone."""
    row = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    refuse_off(row)
    event_id = uuid.uuid4()
    payload = told(row.account_id, Event.TEST, event_id, {"endpoint_id": row.pk})
    wake(row)
    audit.record(by, "test_webhook", row, account_id=row.account_id)
    return Delivery.objects.create(endpoint=row, event_id=event_id, event=Event.TEST, payload=payload)


@transaction.atomic
def redeliver(*, delivery_id: int, by: Actor) -> Delivery:
    """What is over is sent once more: the same row, the same event id, attempts counted anew."""
    rows = Delivery.objects.select_for_update(of=("self", "endpoint")).select_related("endpoint")
    row = rows.get(pk=delivery_id)
    refuse_off(row.endpoint)
    if row.status in Delivery.OPEN:
        raise StillUnderWay(due_at=row.due_at.isoformat(timespec="seconds"))
    row.status, row.attempts, row.delivered_at = Status.WAITING, 0, None
    row.due_at = row.queued_at = timezone.now()
    row.save(update_fields=["status", "attempts", "due_at", "queued_at", "delivered_at"])
    wake(row.endpoint)
    audit.record(
        by,
        "redeliver_webhook",
        row.endpoint,
        account_id=row.endpoint.account_id,
        after={"event_id": str(row.event_id)},
    )
    return row


def refuse_off(row: Endpoint) -> None:
    if not row.active:
        raise EndpointOff


# --- sending ------------------------------------------------------------------------------------------
@transaction.atomic
def claim_endpoint() -> Endpoint | None:
    """Takes one endpoint with something due, the longest waiting first, for this worker alone."""
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    due = Delivery.objects.due().filter(endpoint=OuterRef("pk")).order_by("due_at").values("due_at")[:1]
    rows = Endpoint.objects.annotate(first=Subquery(due)).filter(free, first__isnull=False, active=True)
    row = rows.select_for_update(skip_locked=True, of=("self",)).order_by("first", "pk").first()
    if row:
        row.leased_until = now + LEASE * settings.LEASE_SCALE
        row.save(update_fields=["leased_until"])
    return row


@transaction.atomic
def claim_delivery(endpoint: Endpoint) -> Delivery | None:
    """The next delivery of an endpoint this worker holds. Its next time is set before it is sent: a worker that dies
    leaves it to come again, under the same event id."""
    if not _hold(endpoint):
        return None
    row = (
        Delivery.objects.due()
        .filter(endpoint=endpoint)
        .select_for_update(of=("self",))
        .order_by("due_at", "pk")
        .first()
    )
    if row:
        row.status, row.sent_at = Status.SENDING, timezone.now()
        row.due_at = row.sent_at + PAUSES[min(row.attempts, len(PAUSES) - 1)]
        row.attempts += 1
        row.save(update_fields=["status", "sent_at", "due_at", "attempts"])
    return row


def _hold(endpoint: Endpoint) -> bool:
    """Prolongs the lease; False when it ran out and somebody else took the endpoint, or it is gone or off."""
    until = timezone.now() + LEASE * settings.LEASE_SCALE
    held = Endpoint.objects.filter(pk=endpoint.pk, leased_until=endpoint.leased_until, active=True)
    if not held.update(leased_until=until):
        return False
    endpoint.leased_until = until
    return True


def release(endpoint: Endpoint, *, failed: Delivery | None = None) -> None:
    """Gives the endpoint back. A server that just failed rests before it is called about anything else."""
    rest = min(PAUSES[min(failed.attempts, len(PAUSES)) - 1], LONGEST_REST) if failed else None
    held = Endpoint.objects.filter(pk=endpoint.pk, leased_until=endpoint.leased_until)
    held.update(leased_until=timezone.now() + rest if rest else None)


def wake(row: Endpoint) -> None:
    """A person asks: the locked endpoint does not rest any longer."""
    row.leased_until = None
    row.save(update_fields=["leased_until"])


@transaction.atomic
def record(delivery: Delivery, *, response_status: int | None, error: str) -> None:
    """What became of an attempt; of an attempt that was given up meanwhile nothing is recorded."""
    mine = Delivery.objects.filter(pk=delivery.pk, status=Status.SENDING, attempts=delivery.attempts)
    answer: dict[str, Any] = {"response_status": response_status, "error": error[:200]}
    if not error:
        done = mine.update(status=Status.DELIVERED, delivered_at=timezone.now(), **answer)
        if done:
            Endpoint.objects.filter(pk=delivery.endpoint_id, failing_since__isnull=False).update(
                failing_since=None, alerted_at=None
            )
    elif mine.update(status=Status.WAITING, **answer):
        give_up(delivery.endpoint_id, error)


def give_up(endpoint_id: int, error: str) -> None:
    """An attempt failed: what has had its day is over, also what stood behind others; the endpoint is failing then."""
    late = Q(attempts__gt=len(PAUSES)) | Q(queued_at__lt=timezone.now() - PATIENCE)
    waiting = Delivery.objects.filter(late, endpoint_id=endpoint_id, status=Status.WAITING)
    if waiting.update(status=Status.FAILED, error=error[:200]):
        healthy = Endpoint.objects.filter(pk=endpoint_id, failing_since__isnull=True)
        healthy.update(failing_since=timezone.now())


# --- for others ---------------------------------------------------------------------------------------
def claim_failing() -> Endpoint | None:
    """One endpoint whose owner has to hear that it fails; the caller raises the alert in the same transaction."""
    row = Endpoint.objects.failing_untold().select_for_update(skip_locked=True).order_by("pk").first()
    if row:
        row.alerted_at = timezone.now()
        row.save(update_fields=["alerted_at"])
    return row


def forget_deliveries(*, before: datetime, most: int) -> int:
    """Old lines of the log go; how many, at most `most`."""
    old = Delivery.objects.filter(created_at__lt=before).exclude(status__in=Delivery.OPEN)
    return Delivery.objects.filter(pk__in=old.order_by("created_at").values("pk")[:most]).delete()[0]
