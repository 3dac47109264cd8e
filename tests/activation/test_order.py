"""Ordering an activation: charged and written together, or refused with nothing changed."""

from decimal import Decimal

import pytest

from accounts.errors import NotEnoughMoney
from accounts.models import AuditEntry, LedgerEntry
from offers.errors import IdempotencyKeyReused, OfferInactive
from offers.models import Offer, Subscription, Transaction
from offers.services import order
from tests.offers.factories import BUYER, PRICE, balance_of, make_buyer, make_offer
from tests.threads import in_threads

pytestmark = pytest.mark.django_db


def test_an_order_charges_and_waits() -> None:
    user, offer = make_buyer("100.00"), make_offer()
    made, is_new = order.activate(user=user, offer_id=offer.pk, by=BUYER)
    assert is_new
    assert (made.status, made.kind, made.amount, made.duration_days) == ("PENDING", "activation", PRICE, 30)
    assert made.subscription.status == Subscription.Status.WAITING
    assert balance_of(user) == Decimal("70.01")
    assert LedgerEntry.objects.get(reason_key=made.reason_key("charge")).amount == -PRICE
    assert AuditEntry.objects.get(verb="activate").after["offer"] == offer.name


def test_an_offer_that_is_not_sold_is_refused() -> None:
    user, offer = make_buyer(), make_offer(is_active=False)
    with pytest.raises(OfferInactive):
        order.activate(user=user, offer_id=offer.pk, by=BUYER)
    assert balance_of(user) == Decimal("100.00")


def test_an_offer_that_is_not_there_is_refused() -> None:
    with pytest.raises(Offer.DoesNotExist):
        order.activate(user=make_buyer(), offer_id=999_999, by=BUYER)


def test_too_little_money_changes_nothing() -> None:
    user, offer = make_buyer("29.98"), make_offer()
    with pytest.raises(NotEnoughMoney):
        order.activate(user=user, offer_id=offer.pk, by=BUYER)
    assert not Transaction.objects.exists()
    assert not Subscription.objects.exists()
    assert balance_of(user) == Decimal("29.98")


def test_the_same_key_orders_once_whatever_became_of_offer_and_money() -> None:
    user, offer = make_buyer("30.00"), make_offer()
    first, _ = order.activate(user=user, offer_id=offer.pk, by=BUYER, idempotency_key="k")
    Offer.objects.update(is_active=False, price=Decimal("99.00"))
    again, is_new = order.activate(user=user, offer_id=offer.pk, by=BUYER, idempotency_key="k")
    assert (again, is_new) == (first, False)
    assert LedgerEntry.objects.filter(kind="charge").count() == 1


def test_the_same_key_for_something_else_is_refused() -> None:
    user, offer, other = make_buyer(), make_offer(), make_offer()
    order.activate(user=user, offer_id=offer.pk, by=BUYER, idempotency_key="k")
    with pytest.raises(IdempotencyKeyReused):
        order.activate(user=user, offer_id=other.pk, by=BUYER, idempotency_key="k")
    with pytest.raises(IdempotencyKeyReused):
        order.renew(user=user, offer_id=offer.pk, by=BUYER, idempotency_key="k")


def test_two_accounts_may_use_the_same_key() -> None:
    offer = make_offer()
    orders = [
        order.activate(user=make_buyer(), offer_id=offer.pk, by=BUYER, idempotency_key="k") for _ in range(2)
    ]
    assert [is_new for _, is_new in orders] == [True, True]


@pytest.mark.django_db(transaction=True)
def test_flaw_22_fifty_activations_at_once_with_money_for_two_are_two() -> None:
    user, offer = make_buyer("60.00"), make_offer()
    outcomes = in_threads(50, lambda: order.activate(user=user, offer_id=offer.pk, by=BUYER))
    assert sum(isinstance(outcome, tuple) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, NotEnoughMoney) for outcome in outcomes) == 48
    assert balance_of(user) == Decimal("0.02")
    assert Transaction.objects.count() == Subscription.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_by_ten_at_once_orders_once() -> None:
    user, offer = make_buyer("1000.00"), make_offer()
    outcomes = in_threads(
        10, lambda: order.activate(user=user, offer_id=offer.pk, by=BUYER, idempotency_key="k")
    )
    assert {made.pk for made, _ in outcomes} == {Transaction.objects.get().pk}
    assert sum(is_new for _, is_new in outcomes) == 1
    assert balance_of(user) == Decimal("970.01")
