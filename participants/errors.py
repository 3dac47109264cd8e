"""The refusals of the participants app."""

from config.errors import DomainError
from config.language import Text


class NotDrawnYet(DomainError):
    code = "NOT_DRAWN_YET"
    message = Text(en="The draw has not taken place yet.", ru="Победители ещё не определены.")


class InvalidTokenFormat(DomainError):
    code = "INVALID_TOKEN_FORMAT"
    status = 400
    message = Text(
        en="A result token has 32 letters, digits, - or _.",
        ru="Токен результата — это 32 буквы, цифры, - или _.",
    )


class NotParticipating(DomainError):
    code = "NOT_PARTICIPATING"
    status = 404
    message = Text(en="There is no such participant.", ru="Такого участника нет.")


class NotAWinner(DomainError):
    code = "NOT_A_WINNER"
    message = Text(
        en="This person is no winner of the giveaway (any more), so there is nobody to replace.",
        ru="Этот человек не победитель розыгрыша (или уже не победитель), заменять некого.",
    )


class NoEvidence(DomainError):
    code = "NO_EVIDENCE"
    message = Text(
        en="Telegram took the message to this winner, or has not answered yet: unreachable is not known "
        "to be true. Use declined, or ineligible with a note.",
        ru="Telegram доставил сообщение этому победителю или ещё не ответил: что с ним нельзя связаться,"
        " неизвестно. Укажите declined или ineligible с пояснением.",
    )


class NoteMissing(DomainError):
    code = "NOTE_MISSING"
    status = 400
    message = Text(
        en="Say in one public line why this winner is ineligible; name nobody in it.",
        ru="Объясните одной открытой строкой, почему этот победитель не подходит; никого в ней не называйте.",
    )


class IdempotencyKeyReused(DomainError):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = Text(
        en="This Idempotency-Key already replaced another winner, or for another reason. Use a new key.",
        ru="С этим Idempotency-Key уже заменён другой победитель или по другой причине. Возьмите новый ключ.",
    )


class NotWaitingForARound(DomainError):
    code = "NOT_WAITING_FOR_A_ROUND"
    message = Text(
        en="This draw does not wait for round {round}. Its page names the promised round and when it is "
        "made.",
        ru="Этот розыгрыш не ждёт раунда {round}. На его странице указано, какой раунд обещан и когда он"
        " выйдет.",
    )


class NotTheRoundsSignature(DomainError):
    code = "NOT_THE_ROUNDS_SIGNATURE"
    status = 400
    message = Text(
        en="This is not the signature of round {round} by the promised chain. Copy it from a drand relay"
        " again.",
        ru="Это не подпись раунда {round} обещанной цепочки. Скопируйте её с сервера drand ещё раз.",
    )


class NotVouchedFor(DomainError):
    code = "NOT_AUTHENTICATED"
    status = 401
    message = Text(
        en="Open this page from Telegram: only there it is known who you are.",
        ru="Откройте эту страницу из Telegram: только там известно, кто вы.",
    )


class InitDataExpired(DomainError):
    code = "INIT_DATA_EXPIRED"
    status = 401
    message = Text(
        en="This page has been open for too long. Open it from Telegram once more.",
        ru="Эта страница открыта слишком долго. Откройте её из Telegram ещё раз.",
    )


class AlreadyParticipated(DomainError):
    code = "ALREADY_PARTICIPATED"
    message = Text(en="{sentence}", ru="{sentence}")


class GiveawayNotActive(DomainError):
    code = "GIVEAWAY_NOT_ACTIVE"
    message = Text(en="{sentence}", ru="{sentence}")


class UserNotSubscribed(DomainError):
    code = "USER_NOT_SUBSCRIBED"
    status = 403
    message = Text(en="{sentence}", ru="{sentence}")


class SubscriptionNotTold(DomainError):
    code = "SUBSCRIPTION_UNKNOWN"
    status = 503
    message = Text(en="{sentence}", ru="{sentence}")


class CaptchaExpired(DomainError):
    code = "CAPTCHA_EXPIRED"
    message = Text(
        en="There is no open question: it was answered or has expired. Ask for a new one.",
        ru="Открытого вопроса нет: на него ответили, или его время вышло. Попросите новый.",
    )


class CaptchaAttemptsExceeded(DomainError):
    code = "CAPTCHA_ATTEMPTS_EXCEEDED"
    status = 429
    message = Text(en="{sentence}", ru="{sentence}")


class DeliveryIsRecorded(DomainError):
    code = "DELIVERY_IS_RECORDED"
    message = Text(
        en="The delivery engine recorded this message as {status}, from Telegram's own answer. Nobody's "
        "word replaces that record; an uncertain one is decided at the broadcast.",
        ru="Служба доставки записала это сообщение как «{status}», по ответу самого Telegram. Ничьё "
        "слово эту запись не заменит; о неизвестном решают в самой рассылке.",
    )
