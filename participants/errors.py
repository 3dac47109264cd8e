"""The refusals of the participants app."""

from config.errors import DomainError


class NotDrawnYet(DomainError):
    code = "NOT_DRAWN_YET"
    message = "The draw has not taken place yet."


class InvalidTokenFormat(DomainError):
    code = "INVALID_TOKEN_FORMAT"
    status = 400
    message = "A result token has 32 letters, digits, - or _."


class NotParticipating(DomainError):
    code = "NOT_PARTICIPATING"
    status = 404
    message = "There is no such participant."


class NotAWinner(DomainError):
    code = "NOT_A_WINNER"
    message = "This person is no winner of the giveaway (any more), so there is nobody to replace."


class NoEvidence(DomainError):
    code = "NO_EVIDENCE"
    message = (
        "Telegram took the message to this winner, or has not answered yet: unreachable is not known to be true. "
        "Use declined, or ineligible with a note."
    )


class NoteMissing(DomainError):
    code = "NOTE_MISSING"
    status = 400
    message = "Say in one public line why this winner is ineligible; name nobody in it."


class IdempotencyKeyReused(DomainError):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = "This Idempotency-Key already replaced another winner, or for another reason. Use a new key."


class NotWaitingForARound(DomainError):
    code = "NOT_WAITING_FOR_A_ROUND"
    message = (
        "This draw does not wait for round {round}. Its page names the promised round and when it is made."
    )


class NotTheRoundsSignature(DomainError):
    code = "NOT_THE_ROUNDS_SIGNATURE"
    status = 400
    message = (
        "This is not the signature of round {round} by the promised chain. Copy it from a drand relay again."
    )


class NotVouchedFor(DomainError):
    code = "NOT_AUTHENTICATED"
    status = 401
    message = "Open this page from Telegram: only there it is known who you are."


class InitDataExpired(DomainError):
    code = "INIT_DATA_EXPIRED"
    status = 401
    message = "This page has been open for too long. Open it from Telegram once more."


class AlreadyParticipated(DomainError):
    code = "ALREADY_PARTICIPATED"
    message = "{sentence}"


class GiveawayNotActive(DomainError):
    code = "GIVEAWAY_NOT_ACTIVE"
    message = "{sentence}"


class UserNotSubscribed(DomainError):
    code = "USER_NOT_SUBSCRIBED"
    status = 403
    message = "{sentence}"


class SubscriptionNotTold(DomainError):
    code = "SUBSCRIPTION_UNKNOWN"
    status = 503
    message = "{sentence}"


class CaptchaExpired(DomainError):
    code = "CAPTCHA_EXPIRED"
    message = "There is no open question: it was answered or has expired. Ask for a new one."


class CaptchaAttemptsExceeded(DomainError):
    code = "CAPTCHA_ATTEMPTS_EXCEEDED"
    status = 429
    message = "{sentence}"


class DeliveryIsRecorded(DomainError):
    code = "DELIVERY_IS_RECORDED"
    message = (
        "The delivery engine recorded this message as {status}, from Telegram's own answer. "
        "Nobody's word replaces that record; an uncertain one is decided at the broadcast."
    )
