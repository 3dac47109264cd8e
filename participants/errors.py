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
