"""The ledger: the only writer of a balance. Every function locks the account, and runs in its caller's transaction.

A movement has a reason key: the same reason moves money once, however often it is told. Amounts are positive
Decimals of the platform's one currency with two places; which way they go is the function's name.
"""

from decimal import Decimal

from django.db import transaction

from accounts.audit import Actor
from accounts.errors import NotEnoughMoney, UnfitAmount
from accounts.models import Account, LedgerEntry

CENT = Decimal("0.01")
MOST = Decimal("9999999999.99")  # what the column holds
Kind = LedgerEntry.Kind


def top_up(*, account_id: int, amount: Decimal, reason_key: str, by: Actor, note: str = "") -> LedgerEntry:
    """Money came in."""
    return _move(account_id, Kind.TOP_UP, _positive(amount), reason_key, by, note)


def charge(*, account_id: int, amount: Decimal, reason_key: str, by: Actor, note: str = "") -> LedgerEntry:
    """Money was spent; refuses what the balance does not hold: NotEnoughMoney."""
    return _move(account_id, Kind.CHARGE, -_positive(amount), reason_key, by, note)


def refund(*, account_id: int, amount: Decimal, reason_key: str, by: Actor, note: str = "") -> LedgerEntry:
    """What was charged comes back."""
    return _move(account_id, Kind.REFUND, _positive(amount), reason_key, by, note)


def adjust(*, account_id: int, amount: Decimal, reason_key: str, by: Actor, note: str = "") -> LedgerEntry:
    """A correction by a person, or a payment's own reversal: either way, never below zero."""
    return _move(account_id, Kind.ADJUSTMENT, _exact(amount), reason_key, by, note)


def _positive(amount: Decimal) -> Decimal:
    if _exact(amount) < 0:
        raise UnfitAmount
    return amount


def _exact(amount: Decimal) -> Decimal:
    if not amount.is_finite() or amount == 0 or abs(amount) > MOST or amount != amount.quantize(CENT):
        raise UnfitAmount
    return amount


@transaction.atomic
def _move(account_id: int, kind: Kind, change: Decimal, reason_key: str, by: Actor, note: str) -> LedgerEntry:
    """Lock, refuse, change, record."""
    # NO KEY: rows that merely point at the account may be written meanwhile, so they cannot deadlock with this.
    account = Account.objects.select_for_update(no_key=True).get(pk=account_id)
    if earlier := LedgerEntry.objects.filter(reason_key=reason_key).first():
        return _same(earlier, account_id, kind, change)
    balance = account.balance + change
    if balance < 0:
        raise NotEnoughMoney(balance=account.balance, amount=-change)
    if balance > MOST:
        raise UnfitAmount
    account.balance = balance
    account.save(update_fields=["balance"])
    return LedgerEntry.objects.create(
        account_id=account_id,
        kind=kind,
        amount=change,
        balance_after=balance,
        reason_key=reason_key,
        note=note,
        actor_label=by.label[:160],
    )


def _same(earlier: LedgerEntry, account_id: int, kind: Kind, change: Decimal) -> LedgerEntry:
    """A reason that moved money before says the same again, or the program is wrong."""
    if (earlier.account_id, earlier.kind, earlier.amount) != (account_id, kind, change):
        raise RuntimeError(f"The reason {earlier.reason_key} already moved other money.")
    return earlier
