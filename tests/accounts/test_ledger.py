"""The ledger: the only writer of a balance."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import InternalError, transaction
from django.db.models import Sum

from accounts import ledger
from accounts.audit import SYSTEM
from accounts.errors import NotEnoughMoney, UnfitAmount
from accounts.models import LedgerEntry, User
from tests.factories import make_user
from tests.threads import in_threads


def balance_of(user: User) -> Decimal:
    user.account.refresh_from_db()
    return user.account.balance


def top_up(user: User, amount: str, reason: str = "") -> LedgerEntry:
    return ledger.top_up(
        account_id=user.account_id, amount=Decimal(amount), reason_key=reason or uuid4().hex, by=SYSTEM
    )


def charge(user: User, amount: str, reason: str = "") -> LedgerEntry:
    return ledger.charge(
        account_id=user.account_id, amount=Decimal(amount), reason_key=reason or uuid4().hex, by=SYSTEM
    )


def test_a_balance_is_the_sum_of_its_entries(owner: User) -> None:
    top_up(owner, "100.00")
    charge(owner, "29.99")
    entry = ledger.refund(account_id=owner.account_id, amount=Decimal("29.99"), reason_key="back", by=SYSTEM)
    assert entry.balance_after == balance_of(owner) == Decimal("100.00")
    assert owner.account.ledger_entries.aggregate(sum=Sum("amount"))["sum"] == Decimal("100.00")


def test_the_same_reason_moves_money_once(owner: User) -> None:
    assert top_up(owner, "5.00", "payment:1") == top_up(owner, "5.00", "payment:1")
    assert balance_of(owner) == Decimal("5.00")


def test_a_reason_that_says_something_else_is_a_defect(owner: User) -> None:
    top_up(owner, "5.00", "payment:1")
    with pytest.raises(RuntimeError):
        top_up(owner, "6.00", "payment:1")


def test_it_refuses_what_the_balance_does_not_hold(owner: User) -> None:
    top_up(owner, "5.00")
    with pytest.raises(NotEnoughMoney):
        charge(owner, "5.01")
    assert balance_of(owner) == Decimal("5.00")


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", "NaN", "Infinity", "10000000000"])
def test_it_refuses_what_is_no_sum(owner: User, amount: str) -> None:
    with pytest.raises(UnfitAmount):
        top_up(owner, amount)


def test_the_database_refuses_a_changed_past(owner: User) -> None:
    entry = top_up(owner, "5.00")
    with pytest.raises(InternalError, match="append-only"), transaction.atomic():
        LedgerEntry.objects.filter(pk=entry.pk).update(amount=Decimal("50"))
    with pytest.raises(InternalError, match="append-only"), transaction.atomic():
        entry.delete()


@pytest.mark.django_db(transaction=True)
def test_twenty_charges_at_once_with_money_for_two() -> None:
    owner = make_user(username="owner")
    top_up(owner, "20.00")
    outcomes = in_threads(20, lambda: charge(owner, "10.00"))
    assert sum(isinstance(outcome, LedgerEntry) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, NotEnoughMoney) for outcome in outcomes) == 18
    assert balance_of(owner) == Decimal("0.00")


@pytest.mark.django_db(transaction=True)
def test_one_reason_told_by_ten_at_once_moves_money_once() -> None:
    owner = make_user(username="owner")
    entries = in_threads(10, lambda: top_up(owner, "7.00", "payment:1"))
    assert {entry.pk for entry in entries if isinstance(entry, LedgerEntry)} == {LedgerEntry.objects.get().pk}
    assert balance_of(owner) == Decimal("7.00")
