"""Subscriptions and transactions as they stand after what led there, for tests of what is shown of them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from offers.models import Offer, Subscription, Transaction
from tests.offers.factories import make_offer


def make_subscription(user: User, offer: Offer | None = None, **fields: Any) -> Subscription:
    """One that runs for ten more days, unless it has not begun to."""
    now = timezone.now()
    times = {"starts_at": now - timedelta(days=20), "expires_at": now + timedelta(days=10)}
    if fields.get("status") in ("waiting", "failed"):
        times = {}
    about = {"account": user.account, "user": user, "offer": offer or make_offer(), "status": "active"}
    return Subscription.objects.create(**{**about, **times, **fields})


def make_transaction(user: User, subscription: Subscription | None = None, **fields: Any) -> Transaction:
    """A row as a finished activation leaves it; no money is moved."""
    about = subscription or make_subscription(user)
    status = fields.get("status", "SUCCESS")
    values = {
        "account": user.account,
        "user": user,
        "offer": about.offer,
        "subscription": about,
        "kind": "activation",
        "status": status,
        "amount": about.offer.price,
        "duration_days": about.offer.duration_days,
        "finished_at": timezone.now() if status in ("SUCCESS", "FAILED") else None,
    }
    return Transaction.objects.create(**{**values, **fields})
