"""The broker and the database killed while orders come in and are at the partner: nothing is lost, nothing doubled."""

import time
from pathlib import Path

import pytest
from django.db import DatabaseError, InterfaceError, connection

from accounts.models import User
from offers.models import Offer, Subscription, Transaction
from offers.services import order, reconcile
from tests.faults.processes import PATIENCE_SECONDS, Platform, empty_queues, rounds
from tests.faults.servers import POSTGRES, VALKEY, OwnServers, apps_on, own_servers
from tests.offers.factories import BUYER, PRICE, balance_of, make_buyer, make_offer
from tests.offers.partner import PartnerStage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
LINGER_MS = 150


def insist(ask: "Order") -> Transaction:
    """Somebody who gets no answer sends the same key again until there is one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return order.activate(user=ask.user, offer_id=ask.offer.pk, by=BUYER, idempotency_key=ask.key)[0]
        except (DatabaseError, InterfaceError):
            assert time.monotonic() < deadline, "the database did not come back"
            connection.close()
            time.sleep(0.05)


class Order:
    def __init__(self, user: User, offer: Offer, key: str) -> None:
        self.user, self.offer, self.key = user, offer, key


def play(platform: Platform, servers: OwnServers, asked: list[Order], victim: str) -> None:
    """Orders come in while their predecessors are at the partner, and a server dies among them."""
    for each in asked[:2]:
        insist(each)
    pause = platform.dice.uniform(0, 2.0)
    platform.note(f"{victim} killed after {pause:.3f} s")
    time.sleep(pause)
    servers.kill(victim)
    for each in asked[2:]:
        insist(each)
    servers.wait_until_back()
    revive(platform)


def revive(platform: Platform) -> None:
    """A process that ends because of it is started again, as the supervisor does."""
    for name in ("worker", "beat"):
        if platform.running[name].poll() is not None:
            platform.note(f"{name} had ended")
            platform.running.pop(name)
            platform.start(name)


def settled(platform: Platform) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while Transaction.objects.open().exists():
        assert time.monotonic() < deadline, f"orders stay open\n{platform.told()}"
        revive(platform)
        time.sleep(0.1)


def test_flaw_23_broker_and_database_killed_over_orders_lose_and_double_nothing(tmp_path: Path) -> None:
    empty_queues()
    with own_servers(tmp_path / "own") as servers, apps_on(servers, tmp_path) as apps:
        platform = Platform(apps, tmp_path)
        try:
            platform.start("sandbox", "worker", "beat")
            partner = PartnerStage(platform.sandbox_url)
            partner.fault("hang_after_accept", ms=LINGER_MS, times=None)
            user, offer = make_buyer("10000.00"), make_offer()
            number = rounds(2)
            for turn in range(number):
                asked = [Order(user, offer, f"{turn}-{each}") for each in range(4)]
                play(platform, servers, asked, (VALKEY, POSTGRES)[turn % 2])
            settled(platform)
            every_order_is_on_once(partner, user, 4 * number)
            partner.http.close()
        finally:
            platform.stop()


def every_order_is_on_once(partner: PartnerStage, user: User, number: int) -> None:
    assert Transaction.objects.filter(status="SUCCESS").count() == number
    assert Subscription.objects.filter(status="active").count() == number
    assert [service["switched_on"] for service in partner.services("active")] == [1] * number
    assert balance_of(user) == 10_000 - number * PRICE
    assert reconcile.differences() == []
