"""`manage.py reconcile`: the proof that every sum and every state agrees, and what it says when one does not."""

from collections.abc import Callable
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import ledger
from accounts.audit import SYSTEM
from accounts.models import Account, LedgerEntry, User
from offers.models import Offer, Subscription, Transaction
from offers.services import order, reconcile
from tests.offers.factories import BUYER, make_buyer, make_offer, make_running
from tests.offers.partner import PartnerStage, tick

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def buyer(transactional_db: None) -> User:
    return make_buyer("500.00")


@pytest.fixture
def offer(transactional_db: None) -> Offer:
    return make_offer()


@pytest.fixture
def lived(buyer: User, offer: Offer, partner: PartnerStage) -> User:
    """An account with everything that happens: an activation, a renewal, a refusal, an order that waits."""
    order.activate(user=buyer, offer_id=offer.pk, by=BUYER)
    tick()
    order.renew(user=buyer, offer_id=offer.pk, by=BUYER)
    tick()
    partner.fault("refuse")
    order.activate(user=buyer, offer_id=offer.pk, by=BUYER)
    tick()
    order.activate(user=buyer, offer_id=offer.pk, by=BUYER)
    return buyer


def by_force(sql: str) -> None:
    """What only a person with the database's password can do: triggers and rules are out of the way."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET session_replication_role = replica; {sql}; SET session_replication_role = origin"
        )


def test_a_life_in_order_agrees(lived: User) -> None:
    assert reconcile.differences() == []
    said = StringIO()
    call_command("reconcile", stdout=said)
    assert "agree" in said.getvalue()


def refund_a_success() -> None:
    done = Transaction.objects.filter(status="SUCCESS").first()
    assert done
    ledger.refund(
        account_id=done.account_id, amount=done.amount, reason_key=done.reason_key("refund"), by=SYSTEM
    )


def fail_without_a_refund() -> None:
    Transaction.objects.filter(status="PENDING").update(status="FAILED", finished_at=timezone.now())


def name_no_transaction() -> None:
    ledger.charge(
        account_id=Account.objects.get().pk,
        amount=Decimal("1.00"),
        reason_key="transaction:7:charge",
        by=SYSTEM,
    )


def end_a_waiting_service() -> None:
    Subscription.objects.filter(status="waiting").update(status="failed")


def pay_for_nothing() -> None:
    make_running(User.objects.get(), Offer.objects.get(), days_left=5)


def change_a_balance() -> None:
    Account.objects.update(balance=Decimal("1000.00"))


def change_the_past() -> None:
    by_force("UPDATE accounts_ledgerentry SET balance_after = 0 WHERE kind = 'top_up'")


def charge_another_sum() -> None:
    Transaction.objects.filter(status="PENDING").update(amount=Decimal("1.00"))


@pytest.mark.parametrize(
    ("crime", "says"),
    [
        (refund_a_success, "it is SUCCESS, and was refunded"),
        (fail_without_a_refund, "its refund is not in the ledger"),
        (name_no_transaction, "there is no transaction of its reason"),
        (end_a_waiting_service, "it is failed, and no order of its own says so"),
        (pay_for_nothing, "it is active, and no order of its own says so"),
        (change_a_balance, "the balance is 1000.00, its entries sum to"),
        (change_the_past, "it tells a balance of 0.00, and 500.00 is the sum"),
        (charge_another_sum, "its charge is not in the ledger"),
    ],
)
def test_what_differs_is_named(crime: Callable[[], None], says: str, lived: User) -> None:
    crime()
    assert any(says in sentence for sentence in reconcile.differences())
    with pytest.raises(CommandError):
        call_command("reconcile", stdout=StringIO())


def test_the_partners_word_is_asked_for_and_compared(lived: User, partner: PartnerStage) -> None:
    call_command("reconcile", partner=True, stdout=StringIO())
    partner.http.post("/../reset")
    said = StringIO()
    with pytest.raises(CommandError, match="2 differences"):  # both successes; a refusal agrees with "absent"
        call_command("reconcile", partner=True, stdout=said)
    assert "it is SUCCESS, and the partner says: absent" in said.getvalue()
    assert LedgerEntry.objects.count() == 6
