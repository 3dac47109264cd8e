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
    """A question as shown and the answer it expects; only a keyed hash of the answer may be stored.

    `choices` are names of PICTURES to choose from, empty where the answer is written.
    """

    kind: str
    text: str
    answer: int | str
    choices: tuple[str, ...] = ()


class Picture(NamedTuple):
    """A picture every phone shows and every screen reader names, with its name in both languages."""

    sign: str
    en: str
    ru: str


PICTURES = {
    "cat": Picture("🐈", "Cat", "Кошка"),
    "dog": Picture("🐕", "Dog", "Собака"),
    "horse": Picture("🐎", "Horse", "Лошадь"),
    "elephant": Picture("🐘", "Elephant", "Слон"),
    "fish": Picture("🐟", "Fish", "Рыба"),
    "bird": Picture("🐦", "Bird", "Птица"),
    "turtle": Picture("🐢", "Turtle", "Черепаха"),
    "butterfly": Picture("🦋", "Butterfly", "Бабочка"),
    "tree": Picture("🌳", "Tree", "Дерево"),
    "cactus": Picture("🌵", "Cactus", "Кактус"),
    "apple": Picture("🍎", "Apple", "Яблоко"),
    "lemon": Picture("🍋", "Lemon", "Лимон"),
    "cheese": Picture("🧀", "Cheese", "Сыр"),
    "bicycle": Picture("🚲", "Bicycle", "Велосипед"),
    "ship": Picture("🚢", "Ship", "Корабль"),
    "train": Picture("🚂", "Train", "Поезд"),
    "umbrella": Picture("☂️", "Umbrella", "Зонт"),
    "key": Picture("🔑", "Key", "Ключ"),
    "clock": Picture("⏰", "Clock", "Часы"),
    "book": Picture("📖", "Book", "Книга"),
}
CHOICES = 6


def new_sum() -> Challenge:
    """An addition of two numbers from 1 to 10, like `7 + 5`."""
    left, right = secrets.randbelow(10) + 1, secrets.randbelow(10) + 1
    return Challenge("sum", f"{left} + {right}", left + right)


def new_picture() -> Challenge:
    """A picture, whose name stands among others on buttons."""
    choices = tuple(secrets.SystemRandom().sample(sorted(PICTURES), CHOICES))
    answer = secrets.choice(choices)
    return Challenge("picture", PICTURES[answer].sign, answer, choices)


KINDS: dict[str, Callable[[], Challenge]] = {"sum": new_sum, "picture": new_picture}


def other_kind(kind: str) -> str:
    """What is asked instead of a question of this kind."""
    return "sum" if kind == "picture" else "picture"


def new_challenge(kind: str = "sum") -> Challenge:
    """A fresh question of the kind; KeyError for an unknown one."""
    return KINDS[kind]()


def answer_digest(key: bytes, subject: str, answer: int | str) -> str:
    """What is stored in the answer's place: 64 hex digits that are of no use to whoever lacks the key.

    `subject` is the person or the question the answer belongs to, so that equal answers look different.
    """
    # The key is shared with other uses of it: the label keeps their hashes apart.
    message = f"captcha/1/answer\0{subject}\0{answer}".encode()
    return hmac.digest(key, message, "sha256").hex()


def is_right(kept: str, given: str) -> bool:
    """Whether two digests agree, in a time that tells nothing about where they differ."""
    return hmac.compare_digest(kept.encode(), given.encode())


def read_answer(kind: str, text: str) -> int | str | None:
    """What a person answered to a question of this kind; None when it cannot be an answer."""
    return _picture(text) if kind == "picture" else read_number(text)


def _picture(text: str) -> str | None:
    """The picture meant by its key, as buttons say it, or by its name, as people write it."""
    said = text.strip().casefold()
    for key, picture in PICTURES.items():
        if said in (key, picture.en.casefold(), picture.ru.casefold()):
            return key
    return None


def read_number(text: str) -> int | None:
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
