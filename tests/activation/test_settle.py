"""An order at the partner: the service on, or the money back, once, whatever happens on the way."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import LedgerEntry, User
from offers import gateway
from offers.answers import Answer, Outcome
from offers.models import Notice, Subscription, Transaction
from offers.services import notices, order, settle
from tests.offers.factories import BUYER, balance_of, make_buyer, make_offer, make_running
from tests.offers.partner import PartnerStage, lose_the_worker, tick
from tests.threads import in_threads

pytestmark = pytest.mark.django_db
ACTIVE = Answer(Outcome.ACTIVE, "S-1")
REFUSED = Answer(Outcome.REFUSED, reason="out of stock")
UNKNOWN_FAULTS = [
    "error", "error_after_accept", "garble", "twice", "cut", "other_transaction", "late",
]  # fmt: skip


@pytest.fixture
def buyer(db: None) -> User:
    return make_buyer("100.00")


def ordered(user: User) -> Transaction:
    return order.activate(user=user, offer_id=make_offer().pk, by=BUYER)[0]


def fresh(made: Transaction) -> Transaction:
    return Transaction.objects.select_related("subscription").get(pk=made.pk)


def claimed(made: Transaction) -> Transaction:
    (taken,) = settle.claim(most=10)
    assert taken.pk == made.pk
    return taken


def refunds() -> int:
    return LedgerEntry.objects.filter(kind="refund").count()


def assert_on(made: Transaction, partner: PartnerStage) -> None:
    """Paid once, on once, told once."""
    row = fresh(made)
    assert (row.status, row.subscription.status) == ("SUCCESS", "active"), row.reason
    assert partner.service(made)["switched_on"] == 1
    assert refunds() == 0
    assert Notice.objects.filter(transaction=row, kind="activated").count() == 1


def test_success_makes_the_service_run_from_now_for_the_days_paid(buyer: User, partner: PartnerStage) -> None:
    made = ordered(buyer)
    tick()
    assert_on(made, partner)
    row = fresh(made)
    assert row.partner_reference == partner.service(made)["reference"]
    assert row.subscription.starts_at and row.subscription.expires_at
    assert row.subscription.expires_at - row.subscription.starts_at == timedelta(days=30)
    assert timezone.now() - row.subscription.starts_at < timedelta(minutes=1)


def test_a_refusal_gives_the_money_back_once(buyer: User, partner: PartnerStage) -> None:
    partner.fault("refuse")
    made = ordered(buyer)
    tick()
    tick()
    row = fresh(made)
    assert (row.status, row.subscription.status, row.reason) == ("FAILED", "failed", "out of stock")
    assert balance_of(buyer) == Decimal("100.00")
    assert refunds() == 1
    assert Notice.objects.get(transaction=row).kind == "refunded"


@pytest.mark.parametrize("kind", UNKNOWN_FAULTS)
def test_an_answer_that_says_nothing_decides_nothing_and_the_partner_is_asked_again(
    kind: str, buyer: User, partner: PartnerStage
) -> None:
    partner.fault(kind)
    made = ordered(buyer)
    tick()
    row = fresh(made)
    assert (row.status, refunds()) == ("PENDING", 0)
    assert row.due_at > timezone.now()
    assert row.reason
    tick()
    assert_on(made, partner)


@pytest.mark.parametrize("kind", ["hang", "hang_after_accept"])
def test_a_partner_that_hangs_is_left_after_the_time_out_and_asked_again(
    kind: str, buyer: User, partner: PartnerStage, settings: Any
) -> None:
    settings.PARTNER_TIMEOUT_SECONDS = 0.2
    partner.fault(kind, ms=600)
    made = ordered(buyer)
    tick()
    assert fresh(made).reason == "The partner did not answer in time."
    partner.calm()
    tick()
    assert_on(made, partner)


def test_flaw_23_a_partner_that_cannot_be_reached_keeps_the_order_waiting(buyer: User) -> None:
    made = ordered(buyer)
    tick()
    row = fresh(made)
    assert (row.status, row.reason) == (
        "PENDING",
        "The partner could not be asked: ClientConnectorError.",
    )


def test_flaw_23_a_lost_nudge_and_a_worker_that_died_cost_time_not_money(
    buyer: User, partner: PartnerStage
) -> None:
    made = ordered(buyer)
    claimed(made)  # and nothing more: killed before it asked
    tick()
    assert fresh(made).status == "PROCESSING"
    lose_the_worker(made)
    tick()
    assert_on(made, partner)


def test_a_worker_that_died_after_the_activation_does_not_activate_again(
    buyer: User, partner: PartnerStage
) -> None:
    made = ordered(buyer)
    gateway.ask([claimed(made)])  # killed before it recorded
    assert partner.service(made)["status"] == "active"
    lose_the_worker(made)
    partner.fault("refuse")  # whoever activates again gets this
    tick()
    assert_on(made, partner)


@pytest.mark.parametrize("late", [ACTIVE, REFUSED, Answer(Outcome.UNKNOWN)])
def test_a_worker_that_comes_back_late_does_not_overrule(late: Answer, buyer: User) -> None:
    made = ordered(buyer)
    first = claimed(made)
    lose_the_worker(made)
    second = claimed(made)
    assert not settle.record(transaction_id=made.pk, claim=first.attempts, answer=late)
    assert fresh(made).status == "PROCESSING"
    assert settle.record(transaction_id=made.pk, claim=second.attempts, answer=ACTIVE)
    assert not settle.record(transaction_id=made.pk, claim=first.attempts, answer=late)
    assert not settle.record(transaction_id=made.pk, claim=second.attempts, answer=REFUSED)
    assert (fresh(made).status, refunds()) == ("SUCCESS", 0)


def test_flaw_23_a_result_recorded_twice_refunds_once(buyer: User) -> None:
    made = ordered(buyer)
    taken = claimed(made)
    told = [settle.record(transaction_id=made.pk, claim=taken.attempts, answer=REFUSED) for _ in range(3)]
    assert told == [True, False, False]
    assert (refunds(), balance_of(buyer)) == (1, Decimal("100.00"))


def test_flaw_23_a_notice_that_cannot_be_written_changes_no_money(
    buyer: User, partner: PartnerStage, monkeypatch: Any
) -> None:
    def broken(**_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    monkeypatch.setattr(notices, "announce", broken)
    made = ordered(buyer)
    tick()
    row = fresh(made)
    assert (row.status, row.subscription.status) == ("SUCCESS", "active")
    assert partner.service(made)["switched_on"] == 1


def test_the_pause_doubles_up_to_five_minutes(buyer: User) -> None:
    made = ordered(buyer)
    pauses = []
    for _ in range(11):
        Transaction.objects.filter(pk=made.pk).update(due_at=timezone.now())
        taken = claimed(made)
        settle.record(transaction_id=made.pk, claim=taken.attempts, answer=Answer(Outcome.UNKNOWN))
        pauses.append(round((fresh(made).due_at - timezone.now()).total_seconds()))
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_activate_once(partner: PartnerStage) -> None:
    user = make_buyer("1000.00")
    made = [ordered(user) for _ in range(6)]

    def work() -> None:
        while orders := settle.claim(most=2):
            for each, answer in zip(orders, gateway.ask(orders), strict=True):
                settle.record(transaction_id=each.pk, claim=each.attempts, answer=answer)

    assert in_threads(4, work) == [None] * 4
    for each in made:
        assert fresh(each).status == "SUCCESS"
        assert fresh(each).attempts == 1
        assert partner.service(each)["switched_on"] == 1


@pytest.mark.parametrize("kind", ["error", "error_after_accept", "garble", "cut"])
def test_a_renewal_runs_on_from_its_end_even_if_the_first_answer_is_lost(
    kind: str, buyer: User, partner: PartnerStage
) -> None:
    running = make_running(buyer, make_offer(), days_left=2)
    made, _ = order.renew(user=buyer, by=BUYER, subscription_id=running.pk)
    partner.fault(kind)
    tick()
    tick()
    renewed = Subscription.objects.get(pk=running.pk)
    assert fresh(made).status == "SUCCESS"
    assert renewed.starts_at == running.starts_at
    assert running.expires_at and renewed.expires_at == running.expires_at + timedelta(days=30)
    assert Notice.objects.get(transaction=made).kind == "renewed"


def test_what_had_run_out_runs_from_now(buyer: User, partner: PartnerStage) -> None:
    over = make_running(buyer, make_offer(), days_left=-5, status=Subscription.Status.EXPIRED)
    order.renew(user=buyer, by=BUYER, subscription_id=over.pk)
    tick()
    renewed = Subscription.objects.get(pk=over.pk)
    assert renewed.status == Subscription.Status.ACTIVE
    assert renewed.starts_at and timezone.now() - renewed.starts_at < timedelta(minutes=1)
    assert renewed.expires_at == renewed.starts_at + timedelta(days=30)


def test_flaw_24_a_refused_renewal_leaves_the_service_as_it_was(buyer: User, partner: PartnerStage) -> None:
    running = make_running(buyer, make_offer(), days_left=2)
    order.renew(user=buyer, by=BUYER, subscription_id=running.pk)
    partner.fault("refuse")
    tick()
    after = Subscription.objects.get(pk=running.pk)
    assert (after.status, after.expires_at) == ("active", running.expires_at)
    assert balance_of(buyer) == Decimal("100.00")


def test_a_day_has_the_length_of_a_day_also_over_a_change_of_clocks(
    buyer: User, partner: PartnerStage
) -> None:
    with time_machine.travel("2026-10-24T12:00:00Z", tick=False):
        made = ordered(buyer)
        tick()
        row = fresh(made)
    assert row.subscription.expires_at and row.subscription.starts_at
    assert row.subscription.expires_at - row.subscription.starts_at == timedelta(days=30)


def test_a_defect_over_one_order_does_not_keep_its_neighbours_waiting(
    buyer: User, partner: PartnerStage, monkeypatch: Any
) -> None:
    unlucky, broken, lucky = (ordered(buyer) for _ in range(3))
    carry, record = gateway.carry, settle.record

    async def carry_badly(where: Any, made: Transaction) -> Answer:
        return await carry(where, None if made.pk == unlucky.pk else made)  # type: ignore[arg-type]

    def record_badly(**about: Any) -> bool:
        return record(**about) if about["transaction_id"] != broken.pk else 1 / 0 > 0

    monkeypatch.setattr(gateway, "carry", carry_badly)
    monkeypatch.setattr(settle, "record", record_badly)
    tick()
    assert [fresh(each).status for each in (unlucky, broken, lucky)] == ["PENDING", "PROCESSING", "SUCCESS"]
    assert "defect" in fresh(unlucky).reason
