"""The captcha: once per person for the whole platform; guesses are counted across sessions."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from participants import captcha
from participants.models import Captcha, Person
from participants.steps import CoolingDown, Question


def ask(*, person: Person, giveaway_id: int) -> Question | CoolingDown:
    """The person's open question, or a new one; nobody gets a fresh question while they have to wait."""
    now = timezone.now()
    if person.captcha_blocked_until and person.captcha_blocked_until > now:
        return CoolingDown(person.captcha_blocked_until)
    open_one = Captcha.objects.select_for_update().filter(person=person).first()
    if open_one and open_one.expires_at > now and open_one.attempts_left and not open_one.solved_at:
        open_one.giveaway_id = giveaway_id
        open_one.save(update_fields=["giveaway"])
        return question_of(open_one)
    return question_of(renew(person, giveaway_id))


def renew(person: Person, giveaway_id: int) -> Captcha:
    """A new question in place of the old one."""
    row, _ = Captcha.objects.update_or_create(
        person=person,
        defaults={
            **asked_of(person, captcha.new_challenge()),
            "giveaway_id": giveaway_id,
            "attempts_left": captcha.MOST_ATTEMPTS,
            "expires_at": timezone.now() + timedelta(seconds=captcha.LIFETIME_SECONDS),
            "solved_at": None,
        },
    )
    return row


def asked_of(person: Person, challenge: captcha.Challenge) -> dict[str, Any]:
    """The columns that hold a question; its answer is kept as a hash."""
    return {
        "kind": challenge.kind,
        "question": challenge.text,
        "choices": list(challenge.choices),
        "answer_digest": digest(person, challenge.answer),
    }


def ask_anew(row: Captcha, person: Person, kind: str) -> None:
    """Another question in the same row: attempts and time go on as they were, so asking costs and gives nothing."""
    columns = asked_of(person, captcha.new_challenge(kind))
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=columns)


@transaction.atomic
def ask_otherwise(*, telegram_id: int, bot_id: int) -> Question | CoolingDown | None:
    """Whoever cannot answer one kind of question is asked another kind; None when nothing is asked."""
    person = Person.objects.select_for_update(no_key=True).filter(telegram_id=telegram_id).first()
    asked = Captcha.objects.select_for_update(of=("self",)).filter(giveaway__binding__bot_id=bot_id)
    row = asked.filter(person=person, solved_at__isnull=True).first() if person else None
    if person is None or row is None:
        return None
    if row.attempts_left and row.expires_at > timezone.now():
        ask_anew(row, person, captcha.other_kind(row.kind))
    return ask(person=person, giveaway_id=row.giveaway_id)


def digest(person: Person, answer: int | str) -> str:
    """The keyed hash that is kept in the answer's place."""
    return captcha.answer_digest(settings.SECRET_KEY.encode(), str(person.telegram_id), answer)


def question_of(row: Captcha, *, wrong: bool = False) -> Question:
    return Question(
        row.question,
        row.attempts_left,
        captcha.LIFETIME_SECONDS // 60,
        wrong=wrong,
        kind=row.kind,
        choices=tuple(row.choices),
    )


@transaction.atomic
def answer(
    *, telegram_id: int, bot_id: int, text: str, message_id: int, said_at: datetime | None = None
) -> int | Question | CoolingDown | None:
    """Counts one answer. Returns the giveaway to enter when it is right; None when nothing was asked.

    The same message counts once, however often Telegram delivers it; what is written to another bot is not meant.
    `said_at` is when Telegram says it was written: a rush of others before it must not make it come too late.
    """
    # The person first, as whoever arrives does: two orders would let the database end one of them.
    person = Person.objects.select_for_update(no_key=True).filter(telegram_id=telegram_id).first()
    asked = Captcha.objects.select_for_update(of=("self",)).filter(giveaway__binding__bot_id=bot_id)
    row = asked.filter(person=person).first() if person else None
    if person is None or row is None or (row.solved_at and row.last_message_id != message_id):
        return None
    if row.solved_at:
        return row.giveaway_id
    if row.last_message_id == message_id:
        return standing(row, person)
    row.last_message_id = message_id
    if row.expires_at <= (said_at or timezone.now()) or not row.attempts_left:
        row.save(update_fields=["last_message_id"])
        return ask(person=person, giveaway_id=row.giveaway_id)
    given = captcha.read_answer(row.kind, text)
    if given is not None and captcha.is_right(row.answer_digest, digest(person, given)):
        return solve(row, person)
    return fail(row, person)


def standing(row: Captcha, person: Person) -> Question | CoolingDown:
    """What a repeated delivery of an answer is told: what the first one was."""
    blocked = person.captcha_blocked_until
    if blocked and blocked > timezone.now():
        return CoolingDown(blocked)
    return question_of(row, wrong=True)


def solve(row: Captcha, person: Person) -> int:
    """The person is known to be one, on the whole platform and for good."""
    row.solved_at = person.captcha_passed_at = timezone.now()
    row.save(update_fields=["solved_at", "last_message_id"])
    person.save(update_fields=["captcha_passed_at"])
    return row.giveaway_id


def fail(row: Captcha, person: Person) -> Question | CoolingDown:
    """A wrong answer costs an attempt; every third one of the person, over all sessions, begins a longer pause."""
    person.captcha_failures += 1
    if person.captcha_failures % captcha.FAILURES_PER_PAUSE:
        row.attempts_left -= 1
        person.save(update_fields=["captcha_failures"])
        row.save(update_fields=["attempts_left", "last_message_id"])
        if row.choices:  # the wrong one is known now: the same question would be easier
            ask_anew(row, person, row.kind)
        return question_of(row, wrong=True)
    seconds = captcha.cool_down_seconds(person.captcha_failures)
    person.captcha_blocked_until = timezone.now() + timedelta(seconds=seconds)
    person.save(update_fields=["captcha_failures", "captcha_blocked_until"])
    row.attempts_left = 0
    row.save(update_fields=["attempts_left", "last_message_id"])
    return CoolingDown(person.captcha_blocked_until)
