"""What the partner's answers mean: a pure vocabulary."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    ACTIVE = "active"  # the service is on; final
    REFUSED = "refused"  # it will never be on for this transaction; final
    CANCELLED = "cancelled"  # it is not on, and an activation that arrives later is refused; final
    ABSENT = "absent"  # the partner has never heard of this transaction
    WORKING = "working"  # the partner has it and does not know yet
    UNKNOWN = "unknown"  # no answer, or one that cannot be believed: anything may have happened


@dataclass(frozen=True)
class Answer:
    """`reference` is the partner's own number for the service, `reason` its word or ours for what went wrong."""

    outcome: Outcome
    reference: str = ""
    reason: str = ""
