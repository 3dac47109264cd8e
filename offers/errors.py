"""What offers refuse."""

from config.errors import DomainError


class IllegalMove(DomainError):
    code = "CONFLICT"
    message = "What is {status} cannot become {wanted}."


class OfferInactive(DomainError):
    code = "OFFER_INACTIVE"
    message = "This offer is no longer sold. Choose another one."


class IdempotencyKeyReused(DomainError):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = "This idempotency key already belongs to the transaction {transaction_id}, which asks for something else."


class NothingToRenew(DomainError):
    code = "NOTHING_TO_RENEW"
    message = "You have no active or expired subscription to this offer. Activate it instead."


class RenewalUnderWay(DomainError):
    code = "RENEWAL_UNDER_WAY"
    message = "A renewal of this subscription is under way: see transaction {transaction_id}."
