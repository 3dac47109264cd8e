"""Offers and what was bought of them, for tests: plain functions with sensible values."""

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts import ledger
from accounts.audit import SYSTEM
from accounts.models import User
from offers.models import Offer, Subscription, Transaction

numbers = itertools.count(1)


def make_offer(**fields: Any) -> Offer:
    number = next(numbers)
    values = {
        "name": f"Internet {number}",
        "kind": "internet",
        "price": Decimal("29.99"),
        "partner_code": f"net-{number}",
        **fields,
    }
    return Offer.objects.create(**values)


def give(user: User, amount: str = "100.00") -> None:
    """Money to spend."""
    ledger.top_up(account_id=user.account_id, amount=Decimal(amount), reason_key=uuid4().hex, by=SYSTEM)


def make_subscription(user: User, offer: Offer | None = None, **fields: Any) -> Subscription:
    """One that runs for ten more days."""
    now = timezone.now()
    times = {"starts_at": now - timedelta(days=20), "expires_at": now + timedelta(days=10)}
    if fields.get("status") in ("waiting", "failed"):
        times = {}
    return Subscription.objects.create(
        **{
            "account": user.account,
            "user": user,
            "offer": offer or make_offer(),
            "status": "active",
            **times,
            **fields,
        }
    )


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
        **fields,
    }
    return Transaction.objects.create(**values)
