"""What offers refuse."""

from config.errors import DomainError
from config.language import Text


class IllegalMove(DomainError):
    code = "CONFLICT"
    message = Text(
        en="What is {status} cannot become {wanted}.", ru="То, что сейчас {status}, не может стать: {wanted}."
    )


class OfferInactive(DomainError):
    code = "OFFER_INACTIVE"
    message = Text(
        en="This offer is no longer sold. Choose another one.",
        ru="Это предложение больше не продаётся. Выберите другое.",
    )


class IdempotencyKeyReused(DomainError):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = Text(
        en="This idempotency key already belongs to the transaction {transaction_id}, which asks for "
        "something else.",
        ru="Этот ключ идемпотентности уже принадлежит операции {transaction_id}, а в ней другое. "
        "Возьмите новый ключ.",
    )


class NothingToRenew(DomainError):
    code = "NOTHING_TO_RENEW"
    message = Text(
        en="You have no active or expired subscription to this offer. Activate it instead.",
        ru="У вас нет действующей или истёкшей подписки на это предложение. Подключите его.",
    )


class RenewalUnderWay(DomainError):
    code = "RENEWAL_UNDER_WAY"
    message = Text(
        en="A renewal of this subscription is under way: see transaction {transaction_id}.",
        ru="Эта подписка уже продлевается: смотрите операцию {transaction_id}.",
    )


class NoPartner(DomainError):
    """Nothing is charged that nobody could activate."""

    code = "PARTNER_NOT_CONFIGURED"
    status = 503
    message = Text(
        en="Nothing can be activated here yet: no partner is set up. Nothing was charged.",
        ru="Здесь пока нечего подключать: партнёр не настроен. Ничего не списано.",
    )


class AlreadySettled(DomainError):
    code = "TRANSACTION_SETTLED"
    message = Text(
        en="The transaction {transaction_id} is {status} already. Nothing was changed.",
        ru="Операция {transaction_id} уже завершена ({status}). Ничего не изменилось.",
    )


class NotCalledOff(DomainError):
    code = "TRANSACTION_NOT_CALLED_OFF"
    message = Text(
        en="Call the transaction {transaction_id} off first: the partner is asked to cancel it, and mostly answers.",
        ru="Сначала отзовите операцию {transaction_id}: партнёра попросят её отменить, и обычно он отвечает.",
    )


class PartnerBeingAsked(DomainError):
    code = "PARTNER_BEING_ASKED"
    message = Text(
        en="The partner may still answer about the transaction {transaction_id}. Try again in ten minutes.",
        ru="Партнёр ещё может ответить об операции {transaction_id}. Попробуйте ещё раз через десять минут.",
    )
