"""Offers, money and subscriptions for tests."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts import ledger
from accounts.audit import SYSTEM, Actor
from accounts.models import Account, User
from offers.models import Offer, Subscription
from tests.factories import make_user, numbers

BUYER = Actor(label="buyer")
PRICE = Decimal("29.99")


def make_offer(**fields: Any) -> Offer:
    """Something that is sold for PRICE and lasts 30 days."""
    number = next(numbers)
    values = {"name": f"Offer {number}", "kind": "internet", "price": PRICE, "partner_code": f"code-{number}"}
    return Offer.objects.create(**values | fields)


def give(user: User, amount: Decimal | str) -> None:
    """Money for the user's account."""
    ledger.top_up(account_id=user.account_id, amount=Decimal(amount), reason_key=uuid4().hex, by=SYSTEM)


def make_buyer(amount: Decimal | str = "100.00", **fields: Any) -> User:
    """A user with money, and with an address."""
    name = f"buyer-{next(numbers)}"
    user = make_user(**{"username": name, "email": f"{name}@example.com"} | fields)
    give(user, amount)
    return user


def make_running(user: User, offer: Offer, *, days_left: float, **fields: Any) -> Subscription:
    """A subscription that runs, or has run out if `days_left` is negative and nobody has looked yet."""
    now = timezone.now()
    values = {
        "status": Subscription.Status.ACTIVE,
        "starts_at": now - timedelta(days=30),
        "expires_at": now + timedelta(days=days_left),
    }
    return Subscription.objects.create(account_id=user.account_id, user=user, offer=offer, **values | fields)


def balance_of(user: User) -> Decimal:
    return Account.objects.get(pk=user.account_id).balance
