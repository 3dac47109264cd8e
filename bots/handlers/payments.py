"""Telegram's door of Stars: an owner asks to top up, Telegram asks before it takes the Stars, and tells what it did."""

from typing import Any

from aiogram import F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.filters.command import CommandObject
from aiogram.methods import AnswerPreCheckoutQuery, SendInvoice, TelegramMethod
from aiogram.types import LabeledPrice, Message, PreCheckoutQuery, RefundedPayment, SuccessfulPayment
from django.conf import settings

from bots import texts
from bots.database import database
from bots.filters import Where
from bots.models import Bot, StarPayment
from bots.services import owners, stars
from bots.services.stars import CURRENCY, USUAL_STARS, Charge
from bots.telegram import Served
from config.errors import DomainError

router = Router(name="payments")
SHOWN = {
    StarPayment.Status.PAID: texts.STARS_ARRIVED,
    StarPayment.Status.HELD: texts.STARS_HELD,
    StarPayment.Status.REFUNDED: texts.STARS_WENT_BACK,
    StarPayment.Status.OWED: texts.STARS_OWED,
}


@router.message(Where(F.chat.type == ChatType.PRIVATE), Command("topup"))
async def top_up(message: Message, command: CommandObject, served: Served) -> TelegramMethod[Any]:
    """The owner asks for an invoice; to anybody else the command means nothing."""
    person = message.from_user
    owner = await database(owners.owner_behind, bot_id=served.id, chat_id=person.id) if person else None
    if person is None or owner is None:
        raise SkipHandler
    language = person.language_code
    if not await database(_takes_stars, bot_id=served.id):
        return message.answer(_elsewhere(language))
    number = (command.args or str(USUAL_STARS)).strip()
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    try:
        payment = await database(
            stars.open_invoice, user=owner, bot_id=served.id, person_id=person.id, stars=wanted
        )
    except DomainError as refusal:
        return message.answer(refusal.told(language))
    return invoice(payment, owner.account.name, language)


def _takes_stars(*, bot_id: int) -> bool:
    return Bot.objects.get(pk=bot_id).takes_stars


def _elsewhere(language: str | None) -> str:
    names = ", ".join(f"@{name}" for name in settings.STARS_BOTS)
    return texts.STARS_ELSEWHERE.plain(language, bots=names) if names else texts.STARS_OFF.plain(language)


def invoice(payment: StarPayment, account: str, language: str | None) -> SendInvoice:
    """What Telegram shows with a button that pays; its payload is the row's own id."""
    about = {"stars": payment.stars, "amount": f"{payment.amount:.2f}", "account": account[:60]}
    title = texts.STARS_TITLE.plain(language, **about)
    return SendInvoice(
        chat_id=payment.person_id,
        title=title,
        description=texts.STARS_ABOUT.plain(language, **about),
        payload=str(payment.public_id),
        provider_token="",
        currency=CURRENCY,
        prices=[LabeledPrice(label=title, amount=payment.stars)],
    )


@router.pre_checkout_query()
async def check_out(query: PreCheckoutQuery, served: Served) -> AnswerPreCheckoutQuery:
    """Answered within ten seconds, or Telegram takes nothing (Bot API, answerPreCheckoutQuery)."""
    asked = Charge(served.id, query.from_user.id, query.invoice_payload, query.total_amount, query.currency)
    refusal = await database(stars.check_out, query_id=query.id, asked=asked)
    if refusal is None:
        return query.answer(ok=True)
    return query.answer(ok=False, error_message=refusal.plain(query.from_user.language_code))


@router.message(Where(F.successful_payment))
async def paid(message: Message, served: Served) -> TelegramMethod[Any] | None:
    """The Stars have come."""
    payment = await database(stars.take_in, charge=charge_of(message, served, message.successful_payment))
    return told(message, payment)


@router.message(Where(F.refunded_payment))
async def refunded(message: Message, served: Served) -> TelegramMethod[Any] | None:
    """The Stars have gone back, by us or by Telegram."""
    payment = await database(stars.take_back, charge=charge_of(message, served, message.refunded_payment))
    return told(message, payment)


def charge_of(message: Message, served: Served, what: SuccessfulPayment | RefundedPayment | None) -> Charge:
    """Whoever's private chat it is has paid: a refund may be told in the bot's own name."""
    assert what is not None  # noqa: S101 - the filter has looked
    return Charge(
        served.id,
        message.chat.id,
        what.invoice_payload,
        what.total_amount,
        what.currency,
        what.telegram_payment_charge_id,
    )


def told(message: Message, payment: StarPayment) -> TelegramMethod[Any] | None:
    """What became of it, with the balance as it is now."""
    language = message.from_user.language_code if message.from_user else None
    said = SHOWN.get(StarPayment.Status(payment.status))
    if said is texts.STARS_WENT_BACK and not payment.credited:
        said = texts.STARS_RETURNED
    about = {
        "stars": payment.stars,
        "amount": f"{payment.amount:.2f}",
        "account": payment.account.name,
        "balance": f"{payment.account.balance:.2f}",
    }
    return message.answer(said.plain(language, **about)) if said else None
