"""An order the partner gives no clear answer to: called off there first, refunded only when that is certain."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, LedgerEntry, User
from offers import gateway
from offers.answers import Answer, Outcome
from offers.errors import AlreadySettled, NotCalledOff, PartnerBeingAsked
from offers.models import Transaction
from offers.services import order, settle
from tests.offers.factories import BUYER, balance_of, make_buyer, make_offer
from tests.offers.partner import PartnerStage, lose_the_worker, tick
from tests.scene import later

pytestmark = pytest.mark.django_db
UNKNOWN = Answer(Outcome.UNKNOWN)


@pytest.fixture
def buyer(db: None) -> User:
    return make_buyer("100.00")


@pytest.fixture
def made(buyer: User) -> Transaction:
    return order.activate(user=buyer, offer_id=make_offer().pk, by=BUYER)[0]


def fresh(made: Transaction) -> Transaction:
    return Transaction.objects.select_related("subscription").get(pk=made.pk)


def wear_out(made: Transaction) -> None:
    """Three attempts in vain, and half an hour has gone by."""
    for _ in range(3):
        tick()
    Transaction.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(minutes=31))


def assert_refunded_once(buyer: User) -> None:
    assert balance_of(buyer) == Decimal("100.00")
    assert LedgerEntry.objects.filter(kind="refund").count() == 1


def test_after_the_platforms_patience_it_is_cancelled_and_refunded(
    made: Transaction, buyer: User, partner: PartnerStage
) -> None:
    partner.fault("error", times=None)
    wear_out(made)
    assert fresh(made).status == "PENDING"
    tick()
    assert (fresh(made).status, fresh(made).subscription.status) == ("FAILED", "failed")
    assert partner.service(made)["status"] == "cancelled"
    assert_refunded_once(buyer)
    assert AuditEntry.objects.filter(verb="call_off", object_id=str(made.pk)).exists()


def test_patience_counts_attempts_too_so_a_platform_that_stood_still_does_not_give_up(
    made: Transaction, partner: PartnerStage
) -> None:
    Transaction.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=2))
    tick()
    assert fresh(made).status == "SUCCESS"


def test_what_was_on_all_the_time_ends_as_a_success(
    made: Transaction, buyer: User, partner: PartnerStage
) -> None:
    partner.fault("error_after_accept")
    partner.fault("error", question="status", times=2)
    wear_out(made)
    tick()
    assert (fresh(made).status, partner.service(made)["status"]) == ("SUCCESS", "active")
    assert balance_of(buyer) == Decimal("70.01")


def test_a_late_activation_of_what_was_cancelled_is_refused_by_the_partner(
    made: Transaction, buyer: User, partner: PartnerStage
) -> None:
    (frozen,) = settle.claim(most=1)  # a worker about to ask, which stands still from here
    lose_the_worker(made)
    settle.call_off(transaction_id=made.pk, by=BUYER, reason="waited long enough")
    tick()
    assert fresh(made).status == "FAILED"
    (answer,) = gateway.ask([frozen])
    assert answer.outcome is Outcome.CANCELLED
    assert not settle.record(transaction_id=made.pk, claim=frozen.attempts, answer=answer)
    assert partner.service(made)["switched_on"] == 0
    assert_refunded_once(buyer)


def test_what_a_worker_that_stood_still_sends_is_too_old_for_the_partner(
    made: Transaction, partner: PartnerStage
) -> None:
    (frozen,) = settle.claim(most=1)
    with later(minutes=10):
        (answer,) = gateway.ask([frozen])
    assert (answer.outcome, answer.reason) == (Outcome.UNKNOWN, "The partner answered with HTTP 401.")
    assert partner.service(made)["status"] == "absent"


def test_a_cancellation_without_an_answer_refunds_nothing_and_needs_a_person(
    made: Transaction, buyer: User, partner: PartnerStage
) -> None:
    for question in ("activate", "status", "cancel"):
        partner.fault("error", question=question, times=None)
    wear_out(made)
    for _ in range(3):
        tick()
    assert fresh(made).needs_a_person
    assert list(Transaction.objects.needing_a_person()) == [made]
    assert balance_of(buyer) == Decimal("70.01")
    partner.calm()
    tick()
    assert fresh(made).status == "FAILED"
    assert_refunded_once(buyer)


def test_a_partner_that_keeps_an_active_service_keeps_the_money(
    made: Transaction, partner: PartnerStage
) -> None:
    gateway.ask(settle.claim(most=1))
    lose_the_worker(made)
    settle.call_off(transaction_id=made.pk, by=BUYER, reason="by mistake")
    partner.fault("error", question="status")
    partner.fault("keep", question="cancel")
    tick()
    assert (fresh(made).status, partner.service(made)["status"]) == ("SUCCESS", "active")


def test_calling_off_twice_is_calling_off_once(made: Transaction) -> None:
    first = settle.call_off(transaction_id=made.pk, by=BUYER, reason="r").called_off_at
    assert settle.call_off(transaction_id=made.pk, by=BUYER, reason="r").called_off_at == first
    assert AuditEntry.objects.filter(verb="call_off").count() == 1


@pytest.mark.parametrize(("decide", "status"), [(settle.give_up, "FAILED"), (settle.confirm, "SUCCESS")])
def test_a_person_with_the_partners_word_decides_what_was_called_off(
    decide: Callable[..., Transaction], status: str, made: Transaction, buyer: User
) -> None:
    (taken,) = settle.claim(most=1)
    settle.record(transaction_id=made.pk, claim=taken.attempts, answer=UNKNOWN)
    settle.call_off(transaction_id=made.pk, by=BUYER, reason="the partner is away")
    with later(minutes=10):
        decide(transaction_id=made.pk, by=BUYER, reason="told by telephone")
        assert (fresh(made).status, fresh(made).reason) == (status, "told by telephone")
        with pytest.raises(AlreadySettled):
            decide(transaction_id=made.pk, by=BUYER, reason="again")
    assert LedgerEntry.objects.filter(kind="refund").count() == (status == "FAILED")
    assert AuditEntry.objects.filter(verb="settle", actor_label=BUYER.label).exists()


@pytest.mark.parametrize("decide", [settle.give_up, settle.confirm])
def test_a_person_does_not_decide_while_the_partner_may_still_answer(
    decide: Callable[..., Transaction], made: Transaction
) -> None:
    with pytest.raises(NotCalledOff):
        decide(transaction_id=made.pk, by=BUYER, reason="r")
    settle.call_off(transaction_id=made.pk, by=BUYER, reason="r")
    with pytest.raises(PartnerBeingAsked):  # an activation may be on its way since before
        decide(transaction_id=made.pk, by=BUYER, reason="r")
    with later(minutes=5), pytest.raises(PartnerBeingAsked):
        decide(transaction_id=made.pk, by=BUYER, reason="r")
    with later(minutes=10):
        settle.claim(most=1)
        with pytest.raises(PartnerBeingAsked):
            decide(transaction_id=made.pk, by=BUYER, reason="r")


@pytest.mark.parametrize("late", [Answer(Outcome.ACTIVE, "S-1"), Answer(Outcome.CANCELLED)])
def test_a_worker_that_comes_back_after_a_persons_word_changes_nothing(
    late: Answer, made: Transaction, buyer: User
) -> None:
    settle.call_off(transaction_id=made.pk, by=BUYER, reason="r")
    (taken,) = settle.claim(most=1)
    with later(minutes=10):
        settle.give_up(transaction_id=made.pk, by=BUYER, reason="told by telephone")
        assert not settle.record(transaction_id=made.pk, claim=taken.attempts, answer=late)
    assert fresh(made).status == "FAILED"
    assert_refunded_once(buyer)
