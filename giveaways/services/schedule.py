"""Giveaways that start by themselves: published when their time comes, late rather than never, never silently lost."""

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.audit import SYSTEM
from config.errors import DomainError
from giveaways.models import Giveaway, Status
from giveaways.services import life
from giveaways.services.write import lock, lock_account


def start_due() -> int:
    """Publishes what is due; safe to run twice. How many were due.

    After hours without us what is due is published late, as long as its end is ahead.
    """
    due = list(Giveaway.objects.starting().order_by("starts_at", "pk").values_list("pk", flat=True)[:100])
    for giveaway_id in due:
        start(giveaway_id=giveaway_id)
    return len(due)


@transaction.atomic
def start(*, giveaway_id: int) -> Giveaway:
    """What stands in the way at its time makes it a failed publication, and its owner is told."""
    lock_account(Giveaway.objects.values_list("account_id", flat=True).get(pk=giveaway_id))
    giveaway = lock(giveaway_id)
    if (
        giveaway.status != Status.SCHEDULED
        or giveaway.starts_at is None
        or giveaway.starts_at > timezone.now()
    ):
        return giveaway
    try:
        return life.publish(giveaway_id=giveaway_id, by=SYSTEM)  # undone by itself when it is refused
    except DomainError as refusal:
        return _fail(giveaway, refusal)


def _fail(giveaway: Giveaway, refusal: DomainError) -> Giveaway:
    reason = refusal.told(giveaway.account.language)
    giveaway.move_to(Status.PUBLISH_FAILED)
    giveaway.publish_error = reason[:255]
    giveaway.save(update_fields=["status", "publish_error", "updated_at"])
    life.tell_owner(giveaway, reason)
    audit.record(
        SYSTEM, "start_failed", giveaway, account_id=giveaway.account_id,
        before={"status": Status.SCHEDULED}, after={"status": giveaway.status, "code": refusal.code},
    )  # fmt: skip
    return giveaway
