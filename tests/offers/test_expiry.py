"""What the calendar brings: services switched off, and people told before, once a threshold."""

import pytest

from accounts.models import User
from offers import tasks
from offers.models import Notice, Subscription
from offers.services import expiry, order
from tests.offers.factories import BUYER, make_buyer, make_offer, make_running
from tests.offers.partner import PartnerStage, tick
from tests.scene import later
from tests.threads import in_threads

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer(db: None) -> User:
    return make_buyer("100.00")


def told() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("kind", flat=True))


def status_of(subscription: Subscription) -> str:
    return str(Subscription.objects.values_list("status", flat=True).get(pk=subscription.pk))


def test_flaw_26_what_ran_out_is_switched_off_and_told_once(buyer: User) -> None:
    over = make_running(buyer, make_offer(), days_left=-0.01)
    runs = make_running(buyer, make_offer(), days_left=5)
    tasks.expire_due()
    tasks.expire_due()
    assert (status_of(over), status_of(runs)) == ("expired", "active")
    assert told() == ["expired"]


def test_flaw_26_each_threshold_is_told_once_on_its_day(buyer: User) -> None:
    make_running(buyer, make_offer(), days_left=5)
    for day, expected in enumerate(
        [[], [], ["expiring_3"], ["expiring_3"], ["expiring_3", "expiring_1"], ["expiring_3", "expiring_1"]]
    ):
        with later(days=day, minutes=5):
            tasks.remind()
            tasks.remind()
            assert told() == expected, f"day {day}"


def test_past_both_thresholds_only_the_nearer_is_told(buyer: User) -> None:
    make_running(buyer, make_offer(), days_left=0.5)
    expiry.remind()
    expiry.remind()
    assert told() == ["expiring_1"]


def test_a_renewal_makes_new_reminders(buyer: User, partner: PartnerStage) -> None:
    running = make_running(buyer, make_offer(duration_days=5), days_left=0.5)
    expiry.remind()
    order.renew(user=buyer, by=BUYER, subscription_id=running.pk)
    tick()
    expiry.remind()
    assert told() == ["expiring_1", "renewed"]
    with later(days=3):
        expiry.remind()
    with later(days=5):
        expiry.remind()
    assert told() == ["expiring_1", "renewed", "expiring_3", "expiring_1"]


def test_who_bought_no_more_than_a_threshold_is_not_told_of_it(buyer: User, partner: PartnerStage) -> None:
    order.activate(user=buyer, offer_id=make_offer(duration_days=2).pk, by=BUYER)
    tick()
    expiry.remind()
    assert told() == ["activated"]
    with later(days=1, minutes=1):
        expiry.remind()
    assert told() == ["activated", "expiring_1"]


def test_while_a_renewal_is_under_way_nothing_ends_and_nobody_is_reminded(
    buyer: User, partner: PartnerStage
) -> None:
    running = make_running(buyer, make_offer(), days_left=-0.01)
    partner.fault("error")
    order.renew(user=buyer, by=BUYER, subscription_id=running.pk)
    tick()
    expiry.switch_off()
    assert status_of(running) == "active"
    partner.fault("refuse")
    tick()
    expiry.switch_off()
    assert status_of(running) == "expired"
    assert told() == ["refunded", "expired"]


def test_a_renewed_service_runs_on_from_its_end_not_from_the_renewal(
    buyer: User, partner: PartnerStage
) -> None:
    running = make_running(buyer, make_offer(), days_left=2)
    order.renew(user=buyer, by=BUYER, subscription_id=running.pk)
    tick()
    with later(days=31):
        expiry.switch_off()
        assert status_of(running) == "active"
    with later(days=32, minutes=1):
        expiry.switch_off()
        assert status_of(running) == "expired"


def test_somebody_without_an_address_is_marked_as_told_too() -> None:
    silent = make_buyer(email="")
    running = make_running(silent, make_offer(), days_left=2)
    assert expiry.remind() == 1
    assert expiry.remind() == 0
    assert told() == []
    assert Subscription.objects.get(pk=running.pk).reminded_days == 3


@pytest.mark.django_db(transaction=True)
def test_five_clocks_at_once_switch_off_and_tell_once() -> None:
    buyer = make_buyer("100.00")
    for _ in range(4):
        make_running(buyer, make_offer(), days_left=-1)
        make_running(buyer, make_offer(), days_left=2.9)

    def tick_of_beat() -> None:
        expiry.switch_off()
        expiry.remind()

    assert in_threads(5, tick_of_beat) == [None] * 5
    assert sorted(told()) == ["expired"] * 4 + ["expiring_3"] * 4
