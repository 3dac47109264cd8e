"""The rules of Stars: an invoice, one charge, one entry in the ledger; whatever Telegram tells is never lost.

Only bots named by STARS_BOTS take Stars, because they belong to whoever owns the bot: a customer who paid their own bot
would get the money here and keep the Stars. The account is locked before the payment.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import ledger
from accounts.audit import Actor
from accounts.errors import NotEnoughMoney, UnfitAmount
from accounts.models import Account, User
from bots import texts
from bots.errors import TooFewStars, WrongStars
from bots.models import Bot, StarPayment
from bots.services import owners
from config.language import Text

log = structlog.get_logger(__name__)
CURRENCY = "XTR"
USUAL_STARS = 100
PAYABLE_FOR = timedelta(days=1)
CHECKOUT = timedelta(minutes=1)  # within it a person pays what was agreed to, or never does
MOST_OPEN = 20
CENT = Decimal("0.01")
Status = StarPayment.Status
GONE = (Status.REFUNDED, Status.OWED)


@dataclass(frozen=True)
class Charge:
    """A payment as Telegram tells it; `payload` is what our invoice carried."""

    bot_id: int
    person_id: int
    payload: str
    stars: int
    currency: str = CURRENCY
    charge_id: str = ""


def payer(row: StarPayment) -> Actor:
    """The ledger never forgets, so it names the user and not the person on Telegram."""
    return Actor(label=row.user.get_username() if row.user else "Telegram Stars", user_id=row.user_id)


def worth(stars: int) -> Decimal:
    """Rounded down: nobody earns a cent by paying in pieces."""
    return (stars * settings.STARS_RATE).quantize(CENT, ROUND_DOWN)


@transaction.atomic
def open_invoice(*, user: User, bot_id: int, person_id: int, stars: int = USUAL_STARS) -> StarPayment:
    """An invoice for a day. Refuses a number of Stars out of bounds: WrongStars, TooFewStars."""
    if not settings.STARS_LEAST <= stars <= settings.STARS_MOST:
        raise WrongStars(least=settings.STARS_LEAST, most=settings.STARS_MOST)
    if worth(stars) <= 0:
        raise TooFewStars
    Account.objects.select_for_update().get(pk=user.account_id)
    _expire(user.account_id)
    return StarPayment.objects.create(
        account_id=user.account_id, user=user, bot_id=bot_id, person_id=person_id, stars=stars, amount=worth(stars)
    )  # fmt: skip


def _expire(account_id: int) -> None:
    """Invoices that are a day old, and those beyond the newest few, are paid no more."""
    unpaid = StarPayment.objects.filter(account_id=account_id, status=Status.OPEN)
    unpaid.filter(created_at__lte=timezone.now() - PAYABLE_FOR).update(status=Status.EXPIRED)
    kept = list(unpaid.order_by("-pk").values_list("pk", flat=True)[: MOST_OPEN - 1])
    unpaid.exclude(pk__in=kept).update(status=Status.EXPIRED)


@transaction.atomic
def check_out(*, query_id: str, asked: Charge) -> Text | None:
    """Telegram asks before it takes the Stars, and waits ten seconds. None lets it go on; else why not."""
    row = _invoice(asked, locked=True)
    if row is None or (row.person_id, row.stars, CURRENCY) != (asked.person_id, asked.stars, asked.currency):
        return texts.STARS_NOT_OURS
    if row.status == Status.OPEN and row.checkout_id == query_id:
        return None  # asked again, because our answer was lost
    if refusal := _why_not(row):
        return refusal
    row.checkout_id, row.checked_at = query_id[:64], timezone.now()
    row.save(update_fields=["checkout_id", "checked_at"])
    return None


def _why_not(row: StarPayment) -> Text | None:
    now = timezone.now()
    if row.status != Status.OPEN or row.created_at <= now - PAYABLE_FOR:
        return texts.STARS_OVER
    if row.checked_at and row.checked_at > now - CHECKOUT:
        return texts.STARS_UNDER_WAY
    owner = owners.owner_behind(bot_id=row.bot_id, chat_id=row.person_id)
    if owner is None or owner.account_id != row.account_id:
        return texts.STARS_NOT_LINKED
    if not row.bot.takes_stars:
        return texts.STARS_OFF
    return texts.STARS_NO_ROOM if row.account.balance + row.amount > ledger.MOST else None


def _invoice(charge: Charge, *, locked: bool = False) -> StarPayment | None:
    """The row whose id the charge's payload is."""
    try:
        public_id = UUID(charge.payload)
    except ValueError:
        return None
    rows = StarPayment.objects.filter(public_id=public_id, bot_id=charge.bot_id)
    rows = rows.select_for_update(of=("self",)) if locked else rows
    return rows.select_related("account", "user", "bot").first()


def is_news(charge: Charge, *, back: bool) -> bool:
    """Whether an invoice of ours was paid, or went back, and no update has told it."""
    if _invoice(charge) is None:
        return False
    rows = StarPayment.objects.filter(charge_id=charge.charge_id)
    return not (rows.filter(status__in=GONE) if back else rows).exists()


# --- what Telegram tells: taken in whatever it is ------------------------------------------------------------
@transaction.atomic
def take_in(charge: Charge) -> StarPayment:
    """Stars have come: exactly one entry in the ledger a charge. What cannot be explained is held for a person."""
    row, invoice = _locked(charge)
    if row:
        return _as_it_is(row)
    row = _row_for(charge, invoice)
    row.charge_id, row.paid_at = charge.charge_id, timezone.now()
    row.reason = _why_held(charge, invoice) or put_on(row, payer(row))
    row.move_to(Status.HELD if row.reason else Status.PAID)
    row.save()
    if row.reason:
        log.error("stars_held", payment_id=row.pk, reason=row.reason)
    return _as_it_is(row)


@transaction.atomic
def take_back(charge: Charge) -> StarPayment:
    """Stars have gone back, whoever wanted it: exactly one reverse entry, or a debt that a person has to look at."""
    row, invoice = _locked(charge)
    if row is None:
        row = _row_for(charge, invoice)
        row.charge_id, row.reason = charge.charge_id, "It went back before it was put on the balance."
    if row.status in GONE:
        return _as_it_is(row)
    if row.status == Status.PAID and not take_off(row, payer(row)):
        row.reason = "It went back at Telegram, but the balance had spent it."
        row.move_to(Status.OWED)
        log.error("stars_owed", payment_id=row.pk)
    else:
        row.move_to(Status.REFUNDED)
    row.refunded_at = timezone.now()
    row.save()
    return _as_it_is(row)


def _as_it_is(row: StarPayment) -> StarPayment:
    """With the account and its balance, for doors that can ask no more."""
    return StarPayment.objects.select_related("account").get(pk=row.pk)


def _locked(charge: Charge) -> tuple[StarPayment | None, StarPayment | None]:
    """(the row of this charge, the invoice it names), with the account locked: whoever tells the same waits here."""
    by_charge = StarPayment.objects.filter(charge_id=charge.charge_id)
    invoice = by_charge.first() or _invoice(charge)
    account_id = invoice.account_id if invoice else Bot.objects.get(pk=charge.bot_id).account_id
    Account.objects.select_for_update().get(pk=account_id)
    return by_charge.select_for_update().first(), _invoice(charge, locked=True)


def _row_for(charge: Charge, invoice: StarPayment | None) -> StarPayment:
    """The invoice's own row for the first charge; another row for a second charge, and for one without an invoice."""
    if invoice and invoice.status in StarPayment.UNPAID and not _why_held(charge, invoice):
        return invoice
    return StarPayment(
        account_id=invoice.account_id if invoice else Bot.objects.get(pk=charge.bot_id).account_id,
        user=invoice.user if invoice else None,
        bot_id=charge.bot_id,
        person_id=charge.person_id,
        stars=charge.stars,
        amount=invoice.amount if invoice and invoice.stars == charge.stars else worth(charge.stars),
    )  # fmt: skip


def _why_held(charge: Charge, invoice: StarPayment | None) -> str:
    if invoice is None:
        return "No invoice of ours has this payload."
    if charge.currency != CURRENCY or charge.stars != invoice.stars:
        return f"The invoice was over {invoice.stars} Stars."
    return "" if charge.person_id == invoice.person_id else "Somebody else paid the invoice."


def put_on(row: StarPayment, by: Actor) -> str:
    """Puts it on the balance; why not, when the ledger refuses."""
    try:
        ledger.top_up(
            account_id=row.account_id,
            amount=row.amount,
            reason_key=f"stars:{row.charge_id}",
            by=by,
            note=f"{row.stars} Stars",
        )
    except UnfitAmount as refusal:
        return str(refusal)
    row.credited = True
    return ""


def take_off(row: StarPayment, by: Actor) -> bool:
    """Takes it off the balance; False when the balance does not hold it."""
    try:
        ledger.adjust(
            account_id=row.account_id,
            amount=-row.amount,
            reason_key=row.refund_key,
            by=by,
            note=f"{row.stars} Stars went back",
        )
    except NotEnoughMoney:
        return False
    return True
