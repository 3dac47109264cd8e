"""A worker killed while orders are at the partner: each is paid once and on once, or its money is back once."""

import time
from dataclasses import dataclass

import pytest
from django.utils import timezone

from accounts.models import LedgerEntry, User
from offers.models import Transaction
from offers.services import order, reconcile
from offers.tasks import settle_waiting
from tests.faults.processes import Platform, rounds
from tests.faults.stages import eventually
from tests.offers.factories import BUYER, make_buyer, make_offer
from tests.offers.partner import PartnerStage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
# Where the partner lingers while the worker dies: before the deed, after it, or nowhere; or it says no.
LINGERS = ("hang", "hang_after_accept", "", "refuse")
LINGER_MS = 250


@dataclass
class Round:
    orders: list[Transaction]
    moment: str


def play(platform: Platform, partner: PartnerStage, buyer: User, linger: str) -> Round:
    """Three orders at once, and the worker dies a moment after it has taken the first."""
    if linger:
        partner.fault(linger, ms=LINGER_MS, times=2)
    offer = make_offer()
    made = [order.activate(user=buyer, offer_id=offer.pk, by=BUYER)[0] for _ in range(3)]
    settle_waiting.delay()
    pause = platform.dice.uniform(0, LINGER_MS / 1000 if linger else 0.05)
    open_still = Transaction.objects.filter(pk__in=[each.pk for each in made], status="PENDING")
    eventually(lambda: open_still.count() < len(made), "the worker's claim")
    time.sleep(pause)
    platform.restart("worker")
    return Round(made, f"killed {pause:.3f} s after the claim, {linger or 'no delay'}")


def test_flaw_23_a_worker_killed_over_orders_loses_and_doubles_nothing(platform: Platform) -> None:
    platform.start("sandbox", "worker")
    partner = PartnerStage(platform.sandbox_url)
    buyer = make_buyer("10000.00")
    number = rounds(4)
    played = [play(platform, partner, buyer, LINGERS[turn % len(LINGERS)]) for turn in range(number)]
    partner.calm()
    # The dead workers' leases are over at once: how long they are is not what this is about.
    Transaction.objects.filter(status="PROCESSING").update(claimed_until=timezone.now())
    eventually(lambda: not Transaction.objects.open().exists(), "the orders", settle_waiting)
    for each in played:
        platform.note(f"{each.moment}: {[look_at(made, partner, each.moment) for made in each.orders]}")
    partner.http.close()
    assert reconcile.differences() == []


def look_at(made: Transaction, partner: PartnerStage, moment: str) -> str:
    """On once and paid, or off and refunded once."""
    made.refresh_from_db()
    service = partner.service(made)
    assert (service["status"] == "active") == (made.status == "SUCCESS"), moment
    assert service["switched_on"] == (made.status == "SUCCESS"), moment
    moved = LedgerEntry.objects.filter(reason_key__startswith=f"transaction:{made.public_id}:")
    assert moved.count() == (1 if made.status == "SUCCESS" else 2), moment
    return str(made.status)
