"""What is sold: the only writer of offers, so that the catalogue follows every change."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import audit
from accounts.audit import Actor
from accounts.models import User
from offers.models import Offer, Transaction
from offers.services import catalogue

WRITTEN = ("name", "kind", "description", "price", "duration_days", "partner_code", "is_active")


def visible_to(user: User) -> QuerySet[Offer]:
    """Staff see every offer; others those that are sold, and those their account has bought."""
    bought = Q(pk__in=Transaction.objects.visible_to(user).values("offer_id"))
    return Offer.objects.all() if user.is_staff else Offer.objects.filter(Q(is_active=True) | bought)


@transaction.atomic
def create(*, by: Actor, **fields: Any) -> Offer:
    """A new offer is in the catalogue as soon as it is committed, if it is active."""
    offer = Offer.objects.create(**fields)
    audit.record(by, "create", offer, account_id=None, after=shown(offer))
    catalogue.forget()
    return offer


@transaction.atomic
def update(*, offer_id: int, by: Actor, **changes: Any) -> Offer:
    """Changes what is named; what was bought before keeps the price and the days of then."""
    offer = Offer.objects.select_for_update().get(pk=offer_id)
    before = shown(offer)
    for name, value in changes.items():
        setattr(offer, name, value)
    offer.save(update_fields=[*changes, "updated_at"])
    if (after := shown(offer)) != before:
        audit.record(by, "update", offer, account_id=None, before=before, after=after)
    catalogue.forget()
    return offer


def deactivate(*, offer_id: int, by: Actor) -> Offer:
    """Nobody can buy it any more; who has it keeps it until it runs out."""
    return update(offer_id=offer_id, by=by, is_active=False)


def shown(offer: Offer) -> dict[str, str]:
    """The offer as the trail keeps it."""
    return {name: str(getattr(offer, name)) for name in WRITTEN}
