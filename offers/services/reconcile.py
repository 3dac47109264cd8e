"""The proof that money is where it should be: ledger, balances, transactions and subscriptions, told apart.

Everything is read in one snapshot, so that orders which go on meanwhile cannot look like differences.
"""

from collections.abc import Callable, Iterator, Sequence

from django.db import connection, transaction
from django.db.models import (
    CharField,
    DecimalField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Cast, Coalesce, Concat

from accounts.models import Account, LedgerEntry
from offers.answers import Answer, Outcome
from offers.models import Subscription, Transaction

Status = Transaction.Status
MONEY = DecimalField(max_digits=14, decimal_places=2)
# What a settled transaction's service may be at the partner.
AGREES = {
    Status.SUCCESS: {Outcome.ACTIVE},
    Status.FAILED: {Outcome.REFUSED, Outcome.CANCELLED, Outcome.ABSENT},
}


@transaction.atomic(durable=True)
def differences() -> list[str]:
    """A sentence for everything that does not agree; none means that every sum and every state does."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    return [sentence for check in CHECKS for sentence in check()]


def balances() -> Iterator[str]:
    """A balance is the sum of its entries."""
    entries = LedgerEntry.objects.filter(account=OuterRef("pk")).order_by().values("account")
    summed = Coalesce(entries.annotate(sum=Sum("amount")).values("sum"), Value(0), output_field=MONEY)
    for account in Account.objects.annotate(summed=summed).exclude(balance=F("summed")):
        yield f"account {account.pk}: the balance is {account.balance}, its entries sum to {account.summed}"


def running_sums() -> Iterator[str]:
    """Every entry tells the balance after it."""
    so_far = Window(Sum("amount"), partition_by=F("account"), order_by=F("id").asc())
    entries = LedgerEntry.objects.annotate(so_far=so_far).exclude(balance_after=F("so_far"))
    for number, told, summed in entries.values_list("pk", "balance_after", "so_far"):
        yield f"ledger entry {number}: it tells a balance of {told}, and {summed} is the sum"


def charges() -> Iterator[str]:
    """Every transaction took its amount once, from its own account."""
    for order in Transaction.objects.filter(
        ~Exists(_entries("charge").filter(kind="charge", amount=OuterRef("amount") * -1))
    ):
        yield f"transaction {order.public_id}: it is {order.status}, and its charge is not in the ledger"


def refunds() -> Iterator[str]:
    """What failed came back whole; nothing else did."""
    failed = Q(status=Status.FAILED)
    for order in Transaction.objects.filter(
        failed, ~Exists(_entries("refund").filter(kind="refund", amount=OuterRef("amount")))
    ):
        yield f"transaction {order.public_id}: it failed, and its refund is not in the ledger"
    for order in Transaction.objects.filter(~failed, Exists(_entries("refund"))):
        yield f"transaction {order.public_id}: it is {order.status}, and was refunded"


def strays() -> Iterator[str]:
    """Money that moved in the name of a transaction belongs to one."""
    movements = Q(reason_key__endswith=":charge") | Q(reason_key__endswith=":refund")
    named = Transaction.objects.annotate(text=Cast("public_id", CharField())).filter(
        text=Func(OuterRef("reason_key"), Value(":"), Value(2), function="split_part")
    )
    moved = LedgerEntry.objects.filter(reason_key__startswith="transaction:")
    for entry in moved.exclude(movements & Exists(named)):
        yield f"ledger entry {entry.pk}: there is no transaction of its reason {entry.reason_key}"


def subscriptions() -> Iterator[str]:
    """A service is what became of the order that began it."""
    orders = Transaction.objects.filter(subscription=OuterRef("pk"), kind=Transaction.Kind.ACTIVATION)
    ran = Exists(orders.filter(status=Status.SUCCESS))
    failed = Exists(orders.filter(status=Status.FAILED))
    waits = Exists(orders.filter(status__in=Transaction.OPEN))
    known = Subscription.Status
    agrees = (
        Q(ran, status__in=[known.ACTIVE, known.EXPIRED])
        | Q(failed, status=known.FAILED)
        | Q(waits, status=known.WAITING)
    )
    for subscription in Subscription.objects.exclude(agrees):
        yield f"subscription {subscription.pk}: it is {subscription.status}, and no order of its own says so"


CHECKS: tuple[Callable[[], Iterator[str]], ...] = (
    balances, running_sums, charges, refunds, strays, subscriptions,
)  # fmt: skip


def against(orders: Sequence[Transaction], answers: Sequence[Answer]) -> Iterator[str]:
    """What the partner says of settled orders, where it is something else."""
    for order, answer in zip(orders, answers, strict=True):
        if answer.outcome not in AGREES[Status(order.status)]:
            says = answer.reason or answer.outcome
            yield f"transaction {order.public_id}: it is {order.status}, and the partner says: {says}"


def settled() -> QuerySet[Transaction]:
    """What the partner can be asked about, the newest first."""
    return Transaction.objects.filter(status__in=AGREES).select_related("offer").order_by("-pk")


def _entries(movement: str) -> QuerySet[LedgerEntry]:
    """The outer transaction's entry for a movement; its reason is Transaction.reason_key's."""
    words = (Value("transaction:"), Cast(OuterRef("public_id"), CharField()), Value(f":{movement}"))
    reason = Concat(*words, output_field=CharField())
    return LedgerEntry.objects.filter(account=OuterRef("account"), reason_key=reason)
