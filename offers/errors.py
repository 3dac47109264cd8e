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


class NoPartner(DomainError):
    """Nothing is charged that nobody could activate."""

    code = "PARTNER_NOT_CONFIGURED"
    status = 503
    message = "Nothing can be activated here yet: no partner is set up. Nothing was charged."


class AlreadySettled(DomainError):
    code = "TRANSACTION_SETTLED"
    message = "The transaction {transaction_id} is {status} already. Nothing was changed."


class NotCalledOff(DomainError):
    code = "TRANSACTION_NOT_CALLED_OFF"
    message = "Call the transaction {transaction_id} off first: the partner is asked to cancel it, and mostly answers."


class PartnerBeingAsked(DomainError):
    code = "PARTNER_BEING_ASKED"
    message = (
        "The partner is being asked about the transaction {transaction_id} right now. Try again in a minute."
    )
