"""Stars between Telegram and the ledger: refunds that staff asked for, and what both sides say compared."""

import structlog
from aiogram.types import StarTransaction, TransactionPartnerUser

from bots import gateway, telegram
from bots.answers import Outcome
from bots.models import Bot, StarPayment
from bots.services import bots, star_refunds, stars
from bots.services.stars import Charge
from config.claims import taken

log = structlog.get_logger(__name__)
PAGE = 100
MOST_PAGES = 1000


def refund_stars() -> None:
    """Claim, tell, record."""
    for row in taken(
        star_refunds.claim_refund, lambda row: {"account_id": row.account_id, "payment_id": row.pk}
    ):
        question = gateway.refund_stars(
            telegram.shared(), bots.token_of(row.bot), row.person_id, row.charge_id
        )
        answer = telegram.wait_for(question)
        if answer.outcome is Outcome.BOT_DEAD:
            bots.quarantine_bot(
                bot_id=row.bot_id, reason=answer.description, fingerprint=row.bot.token_fingerprint
            )
        star_refunds.record_refund(payment_id=row.pk, answer=answer)


def reconcile_stars() -> None:
    """Takes in what no update told: Telegram forgets an update after a day, but never a transaction."""
    sold = StarPayment.objects.values("bot_id").distinct()
    for bot in Bot.objects.active().filter(pk__in=sold):
        for number in range(MOST_PAGES):
            answer = telegram.wait_for(
                gateway.star_transactions(telegram.shared(), bots.token_of(bot), number * PAGE, PAGE)
            )
            found = answer.result.transactions if answer.ok else []
            for one in found:
                take(bot.pk, one)
            if len(found) < PAGE:
                break


def take(bot_id: int, one: StarTransaction) -> None:
    """A payment of an invoice or its refund; everything else is none of ours."""
    back = isinstance(one.receiver, TransactionPartnerUser)
    partner = one.receiver if back else one.source
    if not isinstance(partner, TransactionPartnerUser) or partner.transaction_type != "invoice_payment":
        return
    payload = partner.invoice_payload or ""
    charge = Charge(bot_id, partner.user.id, payload, one.amount, charge_id=one.id)
    if stars.is_news(charge, back=back):
        row = (stars.take_back if back else stars.take_in)(charge)
        log.warning("stars_without_an_update", bot_id=bot_id, payment_id=row.pk, back=back)
