"""The rules of refunds that staff ask for: off the balance first, then Telegram is told until it has answered."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit, ledger
from accounts.audit import SYSTEM, Actor
from accounts.models import Account
from bots.answers import Answer, Outcome
from bots.errors import StarsNotHeld, StarsNotOwed, StarsNotRefundable, StarsSpent
from bots.models import StarPayment
from bots.services import stars

LEASE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
ALREADY = "CHARGE_ALREADY_REFUNDED"
WAITS = (Outcome.FLOOD, Outcome.NOT_SENT, Outcome.UNKNOWN, Outcome.BOT_DEAD)
Status = StarPayment.Status


@transaction.atomic
def request_refund(*, payment_id: int, by: Actor) -> StarPayment:
    """The money leaves the balance now, so that it cannot be spent meanwhile. Refuses what the balance no longer
    holds: StarsSpent; and what was not paid or went back before: StarsNotRefundable."""
    row = _locked(payment_id)
    if row.status not in (Status.PAID, Status.HELD):
        raise StarsNotRefundable(status=row.get_status_display())
    if row.status == Status.PAID and not stars.take_off(row, by):
        raise StarsSpent(amount=row.amount, balance=row.account.balance)
    row.move_to(Status.REFUNDING)
    row.due_at, row.attempts = timezone.now(), 0
    row.save(update_fields=["status", "due_at", "attempts"])
    audit.record(by, "refund_stars", row, account_id=row.account_id, after={"stars": row.stars})
    return row


@transaction.atomic
def claim_refund() -> StarPayment | None:
    """One refund that Telegram has to be told of, for this worker alone."""
    rows = StarPayment.objects.to_refund().select_for_update(skip_locked=True, of=("self",))
    row: StarPayment | None = rows.select_related("bot").order_by("due_at", "pk").first()
    if row:
        row.attempts += 1
        row.due_at = timezone.now() + min(LEASE * int(2 ** min(row.attempts - 1, 8)), LONGEST_PAUSE)
        row.save(update_fields=["attempts", "due_at"])
    return row


@transaction.atomic
def record_refund(*, payment_id: int, answer: Answer) -> None:
    """A clear yes ends it, a clear no puts the money back on the balance; in doubt Telegram is asked again, which
    does no harm: it refunds a charge once."""
    row = _locked(payment_id)
    if row.status != Status.REFUNDING:
        return
    row.reason = "" if answer.ok else answer.description[:200]
    if answer.ok or ALREADY in answer.description:
        row.move_to(Status.REFUNDED)
        row.refunded_at, row.reason = timezone.now(), ""
    elif answer.outcome not in WAITS:
        _put_back(row)
    row.save(update_fields=["status", "reason", "refunded_at", "undone"])


def _put_back(row: StarPayment) -> None:
    if row.credited:
        ledger.adjust(
            account_id=row.account_id,
            amount=row.amount,
            reason_key=f"{row.refund_key}:undone",
            by=SYSTEM,
            note="Telegram did not refund the Stars",
        )
    row.undone += 1
    row.move_to(Status.PAID if row.credited else Status.HELD)


@transaction.atomic
def collect(*, payment_id: int, by: Actor) -> StarPayment:
    """A debt is taken off the balance once the balance holds it: StarsSpent until then."""
    row = _locked(payment_id)
    if row.status != Status.OWED:
        raise StarsNotOwed(status=row.get_status_display())
    if not stars.take_off(row, by):
        raise StarsSpent(amount=row.amount, balance=row.account.balance)
    row.move_to(Status.REFUNDED)
    row.reason = ""
    row.save(update_fields=["status", "reason"])
    audit.record(by, "collect_stars", row, account_id=row.account_id, after={"amount": str(row.amount)})
    return row


@transaction.atomic
def credit(*, payment_id: int, by: Actor) -> StarPayment:
    """Somebody has looked at a held payment and found that it belongs to this account."""
    row = _locked(payment_id)
    if row.status != Status.HELD:
        raise StarsNotHeld(status=row.get_status_display())
    row.reason = stars.put_on(row, by)
    if not row.reason:
        row.move_to(Status.PAID)
    row.save(update_fields=["status", "reason", "credited"])
    audit.record(by, "credit_stars", row, account_id=row.account_id, after={"amount": str(row.amount)})
    return row


def _locked(payment_id: int) -> StarPayment:
    account_id = StarPayment.objects.values_list("account_id", flat=True).get(pk=payment_id)
    account = Account.objects.select_for_update().get(pk=account_id)
    row = StarPayment.objects.select_for_update().get(pk=payment_id)
    row.account = account
    return row
