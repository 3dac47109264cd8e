"""The refusals of the broadcasts app."""

from config.errors import DomainError


class BroadcastOver(DomainError):
    code = "BROADCAST_OVER"
    message = "This broadcast is {status}: it can no longer be changed."


class ContentInvalid(DomainError):
    code = "CONTENT_INVALID"
    status = 400
    message = "The message cannot be sent: {problem}."


class IdempotencyKeyReused(DomainError):
    code = "IDEMPOTENCY_KEY_REUSED"
    status = 422
    message = "This idempotency key already belongs to broadcast {broadcast_id}, which says something else."


class MoveRefused(DomainError):
    code = "MOVE_REFUSED"
    message = "A broadcast that is {status} cannot become {wanted}."
