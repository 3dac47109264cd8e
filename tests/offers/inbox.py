"""The sandbox's inbox as the platform's mail server and SMS provider, and notices to send there."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
from django.utils import timezone

from accounts.models import User
from offers.models import Notice, Offer, Subscription, Transaction
from offers.services import notices
from tests.factories import numbers

SUCCESS = Transaction.Status.SUCCESS


class Outside:
    """What arrived, and how the outside world behaves."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=30)

    def letters(self, to: str) -> list[dict[str, Any]]:
        return list(self.http.get("/sandbox/inbox", params={"to": to}).json())

    def fault(self, channel: str, kind: str, **about: Any) -> None:
        self.http.post(
            "/sandbox/inbox/faults", json={"channel": channel, "kind": kind, **about}
        ).raise_for_status()

    def smtp_port(self) -> int:
        return int(self.http.get("/sandbox/health").json()["smtp_port"])

    def calm(self) -> None:
        self.http.delete("/sandbox/inbox/faults").raise_for_status()


def reachable(user: User, *, phone: bool = True) -> User:
    """With an address and a phone that are nobody else's."""
    number = next(numbers)
    user.email = f"person-{number}-{timezone.now().timestamp():.0f}@example.com"
    user.phone = f"+49151{timezone.now().timestamp() * 1000 % 10**8:08.0f}{number % 100:02d}" if phone else ""
    user.save()
    return user


def bought(user: User, **fields: Any) -> Transaction:
    """An order of the user that went well: the service runs for thirty days."""
    offer = Offer.objects.create(
        name=f"Fast internet {next(numbers)}", kind="internet", price=Decimal("29.99"), partner_code="net"
    )
    now = timezone.now()
    times = {"starts_at": now, "expires_at": now + timedelta(days=30)}
    about = {"account": user.account, "user": user, "offer": offer}
    subscription = Subscription.objects.create(**about, status="active", **times)
    return Transaction.objects.create(
        **about, subscription=subscription, amount=offer.price, duration_days=30,
        **{"kind": "activation", "status": SUCCESS, "finished_at": now, **fields},
    )  # fmt: skip


def told(order: Transaction, kind: Notice.Kind = Notice.Kind.ACTIVATED, **subscription: Any) -> list[Notice]:
    """Notices about the order that wait, by mail and by SMS; `subscription`: as it is when they are sent."""
    for name, value in subscription.items():
        setattr(order.subscription, name, value)
    order.subscription.save()
    about = str(order.public_id)
    notices.announce(kind=kind, subscription=order.subscription, about=about, transaction=order)
    return list(Notice.objects.filter(transaction=order).order_by("channel"))
