"""Questions about subscriptions."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from offers.models import Subscription


def expiring(*, user: User, days: int = 3) -> QuerySet[Subscription]:
    """What the user's own account has running and will have run out within so many days, the next to end first."""
    running = Subscription.objects.filter(account_id=user.account_id).active()
    soon = running.filter(expires_at__lte=timezone.now() + timedelta(days=days))
    return soon.select_related("offer").order_by("expires_at", "pk")
