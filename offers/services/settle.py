"""Rules of settling: an order is claimed, taken to the partner, and ends as a service that is on or money that is back.

Claim, ask, record: two short transactions with the network between them. What a worker brings is taken only under
the claim it was sent out with (`attempts` is the claim's number), so one that was given up for dead changes nothing.
Nothing is refunded before the partner has said that the service is not, and never will be, on; where it says
nothing at all, a person who asked it by other means may decide (`give_up`, `confirm`).
"""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import audit, ledger
from accounts.audit import SYSTEM, Actor
from offers.answers import Answer, Outcome
from offers.errors import AlreadySettled, NotCalledOff, PartnerBeingAsked
from offers.models import Notice, Subscription, Transaction
from offers.services import notices
from offers.services.order import Kind, lock_account
from webhooks import services as webhooks
from webhooks.models import Event

log = structlog.get_logger(__name__)
Status = Transaction.Status
# Two questions may be asked under one claim.
LEASE = timedelta(seconds=2 * settings.PARTNER_TIMEOUT_SECONDS + 30 * settings.LEASE_SCALE)
# A request signed under a claim is too old for the partner after five minutes; the rest is for clocks that differ.
NOTHING_ON_ITS_WAY = LEASE + timedelta(minutes=8)
LEAST_ATTEMPTS = 3  # however long the platform itself stood still
LONGEST_PAUSE_SECONDS = 300
CHANGED = [
    "status",
    "attempts",
    "due_at",
    "claimed_until",
    "called_off_at",
    "partner_reference",
    "reason",
    "finished_at",
]


@transaction.atomic
def claim(*, most: int) -> list[Transaction]:
    """Takes due orders for this worker alone: those that wait, and those whose worker has gone."""
    due = Transaction.objects.due().select_related("offer").select_for_update(skip_locked=True, of=("self",))
    orders = list(due.order_by("due_at", "pk")[:most])
    for order in orders:
        _call_off_late(order)
        order.status, order.claimed_until = Status.PROCESSING, timezone.now() + LEASE
        order.attempts += 1
        order.save(update_fields=CHANGED)
    return orders


@transaction.atomic
def record(*, transaction_id: int, claim: int, answer: Answer) -> bool:
    """Settles what the partner decided, or lets the order wait; False when another claim has taken over."""
    order = _lock(transaction_id)
    if order.status != Status.PROCESSING or order.attempts != claim:
        return False
    match answer.outcome:
        case Outcome.ACTIVE:
            _succeed(order, answer.reference, SYSTEM)
        case Outcome.REFUSED | Outcome.CANCELLED:
            _fail(order, answer.reason or f"The partner says: {answer.outcome}.", SYSTEM)
        case _:
            _wait(order, answer.reason or f"The partner says: {answer.outcome}.")
    return True


@transaction.atomic
def call_off(*, transaction_id: int, by: Actor, reason: str) -> Transaction:
    """From now on the partner is only asked to cancel an open order; its answer decides whether money comes back."""
    order = _lock_open(transaction_id)
    if order.called_off_at is None:
        order.called_off_at = order.due_at = timezone.now()
        order.save(update_fields=CHANGED)
        audit.record(by, "call_off", order, account_id=order.account_id, after={"reason": reason})
    return order


@transaction.atomic
def give_up(*, transaction_id: int, by: Actor, reason: str) -> Transaction:
    """A person has the partner's word that the service is not on, and refunds an order that was called off."""
    order = _lock_undecided(transaction_id)
    _fail(order, reason, by)
    return order


@transaction.atomic
def confirm(*, transaction_id: int, by: Actor, reason: str) -> Transaction:
    """A person has the partner's word that the service is on, though the order was called off."""
    order = _lock_undecided(transaction_id)
    _succeed(order, "", by, reason)
    return order


def _lock(transaction_id: int) -> Transaction:
    """The account first, as everywhere."""
    lock_account(Transaction.objects.values_list("account_id", flat=True).get(pk=transaction_id))
    return Transaction.objects.select_for_update().get(pk=transaction_id)


def _lock_open(transaction_id: int) -> Transaction:
    order = _lock(transaction_id)
    if order.status not in Transaction.OPEN:
        raise AlreadySettled(transaction_id=order.public_id, status=order.status)
    return order


def _lock_undecided(transaction_id: int) -> Transaction:
    """A person decides only where nobody else still can: no worker is asking now, and no activation of the time
    before it was called off can still reach the partner."""
    order = _lock_open(transaction_id)
    if order.called_off_at is None:
        raise NotCalledOff(transaction_id=order.public_id)
    now = timezone.now()
    if order.called_off_at > now - NOTHING_ON_ITS_WAY or (order.claimed_until and order.claimed_until > now):
        raise PartnerBeingAsked(transaction_id=order.public_id)
    return order


def _call_off_late(order: Transaction) -> None:
    """The platform's patience ends: the claim that is being made goes to cancel, and so do all after it."""
    deadline = order.created_at + timedelta(seconds=settings.PARTNER_PATIENCE_SECONDS)
    if order.called_off_at or order.attempts < LEAST_ATTEMPTS or deadline > timezone.now():
        return
    order.called_off_at = timezone.now()
    audit.record(SYSTEM, "call_off", order, account_id=order.account_id, after={"reason": order.reason})


def _succeed(order: Transaction, reference: str, by: Actor, reason: str = "") -> None:
    """The service is on from now, a renewed one from where it would have ended."""
    subscription = Subscription.objects.select_for_update().get(pk=order.subscription_id)
    now, paid = timezone.now(), timedelta(days=order.duration_days)
    if subscription.status != Subscription.Status.ACTIVE:
        subscription.move_to(Subscription.Status.ACTIVE)
        subscription.starts_at = now
    subscription.expires_at = max(now, subscription.expires_at or now) + paid
    subscription.reminded_days = None
    subscription.save(update_fields=["status", "starts_at", "expires_at", "reminded_days"])
    order.partner_reference = reference
    _finish(order, subscription, Status.SUCCESS, by, reason)


def _fail(order: Transaction, reason: str, by: Actor) -> None:
    """The money comes back in the transaction that says so; a service that was on before stays as it is."""
    subscription = Subscription.objects.select_for_update().get(pk=order.subscription_id)
    if order.kind == Kind.ACTIVATION:
        subscription.move_to(Subscription.Status.FAILED)
        subscription.save(update_fields=["status"])
    ledger.refund(
        account_id=order.account_id,
        amount=order.amount,
        reason_key=order.reason_key("refund"),
        by=by,
        note=reason[:200],
    )
    _finish(order, subscription, Status.FAILED, by, reason)


def _wait(order: Transaction, reason: str) -> None:
    """Nothing is decided: asked again after a pause that doubles."""
    order.move_to(Status.PENDING)
    pause = min(2 ** min(order.attempts - 1, 10), LONGEST_PAUSE_SECONDS)
    order.due_at, order.claimed_until = timezone.now() + timedelta(seconds=pause), None
    order.reason = reason[:200]
    order.save(update_fields=CHANGED)


def _finish(order: Transaction, subscription: Subscription, status: Status, by: Actor, reason: str) -> None:
    order.move_to(status)
    order.claimed_until, order.finished_at, order.reason = None, timezone.now(), reason[:200]
    order.save(update_fields=CHANGED)
    after = {"status": status, "reason": order.reason, "partner_reference": order.partner_reference}
    audit.record(by, "settle", order, account_id=order.account_id, after=after)
    _tell(order, subscription)
    _call_webhooks(order)


def _call_webhooks(order: Transaction) -> None:
    """As little as a notice may an event that cannot be written keep money from being settled."""
    public_id = str(order.public_id)
    try:
        with transaction.atomic():
            webhooks.emit(
                account_id=order.account_id,
                event=Event.TRANSACTION_SETTLED,
                once=f"transaction:{public_id}",
                transaction_id=public_id,
                status=str(order.status),
            )
    except Exception:
        log.exception("event_not_written", transaction=public_id)


def _tell(order: Transaction, subscription: Subscription) -> None:
    """A notice that cannot be written is logged: it must not keep money from being settled."""
    done = Notice.Kind.ACTIVATED if order.kind == Kind.ACTIVATION else Notice.Kind.RENEWED
    kind = done if order.status == Status.SUCCESS else Notice.Kind.REFUNDED
    try:
        with transaction.atomic():
            notices.announce(
                kind=kind, subscription=subscription, about=str(order.public_id), transaction=order
            )
    except Exception:
        log.exception("notice_not_written", transaction=str(order.public_id))
