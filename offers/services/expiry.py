"""Rules of time: what has run out is switched off, and people are told before; neither while a renewal is under way."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from offers.models import Notice, Subscription, Transaction
from offers.services import notices
from offers.services.order import lock_account

MOST_AT_ONCE = 500
# Days before the end, the nearest first: whoever is past both thresholds is told of the nearer one alone.
THRESHOLDS = {1: Notice.Kind.EXPIRING_1, 3: Notice.Kind.EXPIRING_3}


def switch_off() -> int:
    """Services whose time is over are off; one that is being renewed stays on until that is settled."""
    due = _unrenewed(Subscription.objects.run_out()).order_by("expires_at").values_list("pk", "account_id")
    return sum(_switch_off(*numbers) for numbers in due[:MOST_AT_ONCE])


def remind() -> int:
    """Each threshold is told once for each end of a service; a renewal makes a new end."""
    return sum(_remind(days, kind) for days, kind in THRESHOLDS.items())


def end_of(subscription: Subscription) -> str:
    """What a notice about the end of a service is about: another end is another thing to tell."""
    return f"subscription:{subscription.pk}:{subscription.expires_at:%Y-%m-%dT%H:%M:%S.%fZ}"


def _unrenewed(subscriptions: QuerySet[Subscription]) -> QuerySet[Subscription]:
    under_way = Transaction.objects.open().filter(subscription=OuterRef("pk"))
    return subscriptions.filter(~Exists(under_way))


@transaction.atomic
def _switch_off(subscription_id: int, account_id: int) -> bool:
    lock_account(account_id)
    still = _unrenewed(Subscription.objects.run_out()).filter(pk=subscription_id)
    subscription = still.select_for_update(of=("self",)).select_related("user").first()
    if subscription is None:
        return False
    subscription.move_to(Subscription.Status.EXPIRED)
    subscription.save(update_fields=["status"])
    notices.announce(kind=Notice.Kind.EXPIRED, subscription=subscription, about=end_of(subscription))
    return True


def _remind(days: int, kind: Notice.Kind) -> int:
    due = _to_remind(days).order_by("expires_at").values_list("pk", "account_id")
    return sum(_remind_one(days, kind, *numbers) for numbers in due[:MOST_AT_ONCE])


def _to_remind(days: int) -> QuerySet[Subscription]:
    """Whoever bought no more days than the threshold knows the end already."""
    untold = Q(reminded_days__isnull=True) | Q(reminded_days__gt=days)
    threshold = timedelta(days=days)
    running = _unrenewed(Subscription.objects.active())
    return running.filter(
        untold, expires_at__lte=timezone.now() + threshold, expires_at__gt=F("starts_at") + threshold
    )


@transaction.atomic
def _remind_one(days: int, kind: Notice.Kind, subscription_id: int, account_id: int) -> bool:
    lock_account(account_id)
    still = _to_remind(days).filter(pk=subscription_id)
    subscription = still.select_for_update(of=("self",)).select_related("user").first()
    if subscription is None:
        return False
    subscription.reminded_days = days
    subscription.save(update_fields=["reminded_days"])
    notices.announce(kind=kind, subscription=subscription, about=end_of(subscription))
    return True
