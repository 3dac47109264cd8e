"""The rules of the captcha: questions, how an answer is kept and read, how long to pause; no clock."""

import hmac
import secrets
from collections.abc import Callable
from typing import NamedTuple

MOST_ATTEMPTS = 3
LIFETIME_SECONDS = 10 * 60
FAILURES_PER_PAUSE = 3
PAUSES_SECONDS = (60, 5 * 60, 30 * 60, 2 * 3600, 24 * 3600)
MOST_ANSWER_LETTERS = 16

# Keyboards of right-to-left languages put direction marks around digits without showing them.
_INVISIBLE = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_FULL_STOPS = ".\u3002\uff0e\u06d4"
_MOST_DIGITS = 4


class Challenge(NamedTuple):
    """A question as shown and the answer it expects; only a keyed hash of the answer may be stored."""

    kind: str
    text: str
    answer: int


def new_sum() -> Challenge:
    """An addition of two numbers from 1 to 10, like `7 + 5`."""
    left, right = secrets.randbelow(10) + 1, secrets.randbelow(10) + 1
    return Challenge("sum", f"{left} + {right}", left + right)


KINDS: dict[str, Callable[[], Challenge]] = {"sum": new_sum}


def new_challenge(kind: str = "sum") -> Challenge:
    """A fresh question of the kind; KeyError for an unknown one."""
    return KINDS[kind]()


def answer_digest(key: bytes, subject: str, answer: int) -> str:
    """What is stored in the answer's place: 64 hex digits that are of no use to whoever lacks the key.

    `subject` is the person or the question the answer belongs to, so that equal answers look different.
    """
    # The key is shared with other uses of it: the label keeps their hashes apart.
    message = f"captcha/1/answer\0{subject}\0{answer}".encode()
    return hmac.digest(key, message, "sha256").hex()


def is_right(kept: str, given: str) -> bool:
    """Whether two digests agree, in a time that tells nothing about where they differ."""
    return hmac.compare_digest(kept.encode(), given.encode())


def read_answer(text: str) -> int | None:
    """The number a person typed, in digits of any script, with one full stop at most; else None."""
    if len(text) > MOST_ANSWER_LETTERS:
        return None
    digits = text.strip().strip(_INVISIBLE).strip()
    if digits and digits[-1] in _FULL_STOPS:
        digits = digits[:-1].rstrip()
    if not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        return None
    return int(digits)


def cool_down_seconds(failures: int) -> int:
    """How long a person with so many wrong answers, over all sessions, pauses: longer after every third.

    To be asked at every third failure, also where questions ran out in between: a person who lets each
    question expire before its last attempt would otherwise never pause.
    """
    pauses = failures // FAILURES_PER_PAUSE
    return PAUSES_SECONDS[min(pauses, len(PAUSES_SECONDS)) - 1] if pauses > 0 else 0
