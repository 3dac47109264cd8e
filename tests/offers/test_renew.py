"""Ordering a renewal: of what one owns, once at a time, and the service stays on."""

from decimal import Decimal

import pytest

from offers.errors import NothingToRenew, OfferInactive, RenewalUnderWay
from offers.models import Offer, Subscription, Transaction
from offers.services import order
from tests.offers.factories import BUYER, PRICE, balance_of, give, make_buyer, make_offer, make_running
from tests.threads import in_threads

pytestmark = pytest.mark.django_db


def test_a_renewal_charges_and_leaves_the_service_on() -> None:
    user, offer = make_buyer("100.00"), make_offer()
    running = make_running(user, offer, days_left=2)
    made, is_new = order.renew(user=user, by=BUYER, subscription_id=running.pk)
    assert is_new
    assert (made.kind, made.subscription, made.amount) == ("renewal", running, PRICE)
    running.refresh_from_db()
    assert running.status == Subscription.Status.ACTIVE
    assert balance_of(user) == Decimal("70.01")


def test_what_ran_out_can_be_renewed() -> None:
    user, offer = make_buyer(), make_offer()
    over = make_running(user, offer, days_left=-3, status=Subscription.Status.EXPIRED)
    made, _ = order.renew(user=user, by=BUYER, offer_id=offer.pk)
    assert made.subscription == over


def test_by_offer_the_one_that_lasts_longest_is_renewed() -> None:
    user, offer = make_buyer(), make_offer()
    make_running(user, offer, days_left=1)
    longest = make_running(user, offer, days_left=9)
    make_running(user, offer, days_left=-5)
    made, _ = order.renew(user=user, by=BUYER, offer_id=offer.pk)
    assert made.subscription == longest


def test_flaw_24_nobody_renews_what_was_never_theirs() -> None:
    offer, owner, stranger = make_offer(), make_buyer(), make_buyer()
    running = make_running(owner, offer, days_left=2)
    with pytest.raises(Subscription.DoesNotExist):
        order.renew(user=stranger, by=BUYER, subscription_id=running.pk)
    with pytest.raises(NothingToRenew):
        order.renew(user=stranger, by=BUYER, offer_id=offer.pk)
    assert balance_of(stranger) == Decimal("100.00")


def test_staff_renew_only_their_own_too() -> None:
    running = make_running(make_buyer(), make_offer(), days_left=2)
    with pytest.raises(Subscription.DoesNotExist):
        order.renew(user=make_buyer(is_staff=True), by=BUYER, subscription_id=running.pk)


def test_what_never_ran_is_not_renewed() -> None:
    user, offer = make_buyer(), make_offer()
    waiting = order.activate(user=user, offer_id=offer.pk, by=BUYER)[0].subscription
    with pytest.raises(NothingToRenew):
        order.renew(user=user, by=BUYER, subscription_id=waiting.pk)


def test_an_offer_that_is_not_there_or_not_sold_is_refused() -> None:
    user, offer = make_buyer(), make_offer(is_active=False)
    make_running(user, offer, days_left=2)
    with pytest.raises(Offer.DoesNotExist):
        order.renew(user=user, by=BUYER, offer_id=999_999)
    with pytest.raises(OfferInactive):
        order.renew(user=user, by=BUYER, offer_id=offer.pk)


def test_a_second_renewal_waits_for_the_first() -> None:
    user, offer = make_buyer(), make_offer()
    make_running(user, offer, days_left=2)
    first, _ = order.renew(user=user, by=BUYER, offer_id=offer.pk, idempotency_key="k")
    with pytest.raises(RenewalUnderWay, match=str(first.public_id)):
        order.renew(user=user, by=BUYER, offer_id=offer.pk)
    assert order.renew(user=user, by=BUYER, offer_id=offer.pk, idempotency_key="k") == (first, False)


@pytest.mark.django_db(transaction=True)
def test_flaw_24_ten_renewals_at_once_charge_once() -> None:
    user, offer = make_buyer(), make_offer()
    make_running(user, offer, days_left=2)
    give(user, "900.00")
    outcomes = in_threads(10, lambda: order.renew(user=user, by=BUYER, offer_id=offer.pk))
    assert sum(isinstance(outcome, tuple) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, RenewalUnderWay) for outcome in outcomes) == 9
    assert Transaction.objects.count() == 1
    assert balance_of(user) == Decimal("970.01")
