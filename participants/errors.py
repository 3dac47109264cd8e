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
