"""Rules of ordering: money is charged and the order written in one transaction, before anybody is asked.

Locks are taken in one order everywhere in offers: the account, then the transaction, then the subscription. What
comes of an order is `settle`'s; a door nudges `offers.tasks.settle_waiting` after calling these.
"""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts import audit, ledger
from accounts.audit import Actor
from accounts.models import Account, User
from offers.errors import IdempotencyKeyReused, NoPartner, NothingToRenew, OfferInactive, RenewalUnderWay
from offers.models import Offer, Subscription, Transaction

Kind = Transaction.Kind
RENEWABLE = (Subscription.Status.ACTIVE, Subscription.Status.EXPIRED)


@transaction.atomic
def activate(*, user: User, offer_id: int, by: Actor, idempotency_key: str = "") -> tuple[Transaction, bool]:
    """An offer is paid now and waits for the partner; a key orders once, however often it is sent.

    Returns the transaction and whether this call made it. Raises Offer.DoesNotExist, OfferInactive, NoPartner,
    NotEnoughMoney, IdempotencyKeyReused.
    """
    lock_account(user.account_id)
    asked = {"kind": Kind.ACTIVATION, "offer_id": offer_id}
    if earlier := _told_before(user.account_id, idempotency_key, asked):
        return earlier, False
    offer = _sold(Offer.objects.get(pk=offer_id))
    subscription = Subscription(account_id=user.account_id, user=user, offer=offer)
    return _order(Kind.ACTIVATION, subscription, offer, user, by, idempotency_key), True


@transaction.atomic
def renew(
    *,
    user: User,
    by: Actor,
    offer_id: int | None = None,
    subscription_id: int | None = None,
    idempotency_key: str = "",
) -> tuple[Transaction, bool]:
    """What the account has, running or run out, is paid for again, at today's price; it stays on meanwhile.

    Named by subscription or by offer: of several to one offer, the one that lasts longest. Raises the model's
    DoesNotExist, NothingToRenew, RenewalUnderWay, OfferInactive, NoPartner,
    NotEnoughMoney, IdempotencyKeyReused.
    """
    lock_account(user.account_id)
    named = {"offer_id": offer_id, "subscription_id": subscription_id}
    asked = {name: number for name, number in named.items() if number is not None}
    if not asked:
        raise ValueError("A renewal names a subscription or an offer.")
    if earlier := _told_before(user.account_id, idempotency_key, {"kind": Kind.RENEWAL, **asked}):
        return earlier, False
    subscription = _renewable(user.account_id, offer_id, subscription_id)
    offer = _sold(subscription.offer)
    return _order(Kind.RENEWAL, subscription, offer, user, by, idempotency_key), True


def lock_account(account_id: int) -> Account:
    """Everything that moves an account's money or services waits here, one after the other."""
    return Account.objects.select_for_update(no_key=True).get(pk=account_id)


def _told_before(account_id: int, key: str, asked: dict[str, Any]) -> Transaction | None:
    """What this key ordered before; a key is not reused for something else."""
    if not key:
        return None
    earlier = Transaction.objects.filter(account_id=account_id, idempotency_key=key).first()
    if earlier and any(getattr(earlier, name) != value for name, value in asked.items()):
        raise IdempotencyKeyReused(transaction_id=earlier.public_id)
    return earlier


def _sold(offer: Offer) -> Offer:
    if not offer.is_active:
        raise OfferInactive
    if not settings.PARTNER_URL:
        raise NoPartner
    return offer


def _renewable(account_id: int, offer_id: int | None, subscription_id: int | None) -> Subscription:
    """The locked subscription of this account that is to run on."""
    own = Subscription.objects.filter(account_id=account_id)
    if subscription_id is not None:
        own = own.filter(pk=own.get(pk=subscription_id).pk)
    if offer_id is not None:
        own = own.filter(offer_id=Offer.objects.get(pk=offer_id).pk)
    newest = own.filter(status__in=RENEWABLE).order_by(F("expires_at").desc(), "-pk")
    subscription = newest.select_related("offer").select_for_update(of=("self",)).first()
    if subscription is None:
        raise NothingToRenew
    if under_way := Transaction.objects.open().filter(subscription=subscription).first():
        raise RenewalUnderWay(transaction_id=under_way.public_id)
    return subscription


def _order(
    kind: Transaction.Kind, subscription: Subscription, offer: Offer, user: User, by: Actor, key: str
) -> Transaction:
    """Charges and writes; the caller holds the account."""
    order = Transaction(
        account_id=user.account_id,
        user=user,
        offer=offer,
        kind=kind,
        amount=offer.price,
        duration_days=offer.duration_days,
        idempotency_key=key,
    )
    ledger.charge(
        account_id=user.account_id,
        amount=order.amount,
        reason_key=order.reason_key("charge"),
        by=by,
        note=offer.name,
    )
    if subscription._state.adding:
        subscription.save()
    order.subscription = subscription
    order.save()
    verb = "activate" if kind == Kind.ACTIVATION else "renew"
    after = {"offer": offer.name, "amount": str(order.amount), "subscription": subscription.pk}
    audit.record(by, verb, order, account_id=user.account_id, after=after)
    return order
