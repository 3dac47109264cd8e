"""The captcha: once per person for the whole platform; guesses are counted across sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from participants import captcha
from participants.models import Captcha, Person
from participants.steps import CoolingDown, Question

# The giveaway to enter when the answer is right; None when nothing was asked.
Outcome = int | Question | CoolingDown | None


@dataclass(frozen=True)
class Answer:
    """What somebody wrote to a bot, or chose, while a question was open.

    The same message counts once, however often Telegram delivers it; what is written to another bot is not meant.
    `said_at` is when Telegram says it was written: a rush of others before it must not make it come too late.
    """

    telegram_id: int
    bot_id: int
    text: str
    message_id: int
    said_at: datetime | None = None


def ask(*, person: Person, giveaway_id: int) -> Question | CoolingDown:
    """The person's open question, or a new one; nobody gets a fresh question while they have to wait."""
    return ask_many([(person, giveaway_id)])[0]


def ask_many(strangers: Sequence[tuple[Person, int]]) -> list[Question | CoolingDown]:
    """`ask` for everybody, given with the giveaway that a right answer leads to: as many queries as for one."""
    leads = {person: giveaway_id for person, giveaway_id in strangers if not is_blocked(person)}
    if not leads:
        return [cooling_down(person) for person, _ in strangers]
    found = Captcha.objects.select_for_update().filter(person__in=leads).order_by("person")
    rows = {row.person_id: row for row in found}
    for person, giveaway_id in leads.items():
        row = rows.get(person.pk)
        if row is None or not is_open(row):
            rows[person.pk] = renewed(person, giveaway_id)
        elif row.giveaway_id != giveaway_id:
            row.giveaway_id = giveaway_id
            row.save(update_fields=["giveaway"])
    write([row for row in rows.values() if row.pk is None])
    return [
        question_of(rows[person.pk]) if person in leads else cooling_down(person) for person, _ in strangers
    ]


def is_blocked(person: Person) -> bool:
    return person.captcha_blocked_until is not None and person.captcha_blocked_until > timezone.now()


def cooling_down(person: Person) -> CoolingDown:
    return CoolingDown(person.captcha_blocked_until or timezone.now())


def is_open(row: Captcha) -> bool:
    """Whether it can still be answered."""
    return bool(row.expires_at > timezone.now() and row.attempts_left and not row.solved_at)


def renewed(person: Person, giveaway_id: int) -> Captcha:
    """A new question, to be written in place of the old one."""
    return Captcha(
        person=person,
        giveaway_id=giveaway_id,
        attempts_left=captcha.MOST_ATTEMPTS,
        expires_at=timezone.now() + timedelta(seconds=captcha.LIFETIME_SECONDS),
        **asked_of(person, captcha.new_challenge()),
    )


def write(rows: Sequence[Captcha]) -> None:
    """Each over the old question of its person, but for the message that was counted last."""
    Captcha.objects.bulk_create(
        sorted(rows, key=lambda row: row.person_id),
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=[
            "giveaway", "kind", "question", "choices", "answer_digest", "attempts_left", "expires_at", "solved_at",
        ],
    )  # fmt: skip


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


def answer(
    *, telegram_id: int, bot_id: int, text: str, message_id: int, said_at: datetime | None = None
) -> Outcome:
    """Counts one answer."""
    return answer_many([Answer(telegram_id, bot_id, text, message_id, said_at)])[0]


@transaction.atomic
def answer_many(answers: Sequence[Answer]) -> list[Outcome]:
    """Counts each answer; the rows of all are read at once."""
    # People first, as whoever arrives does: two orders would let the database end one of them.
    people = Person.objects.select_for_update(no_key=True).order_by("telegram_id")
    known = {
        person.telegram_id: person
        for person in people.filter(telegram_id__in={one.telegram_id for one in answers})
    }
    asked = (
        Captcha.objects.select_for_update(of=("self",)).filter(person__in=known.values()).order_by("person")
    )
    rows = {
        (row.person_id, row.asked_by): row for row in asked.annotate(asked_by=F("giveaway__binding__bot_id"))
    }
    outcomes: list[Outcome] = []
    for one in answers:
        person = known.get(one.telegram_id)
        row = rows.get((person.pk, one.bot_id)) if person else None
        outcomes.append(_count(one, person, row) if person and row else None)
    return outcomes


def _count(said: Answer, person: Person, row: Captcha) -> Outcome:
    """Counts one answer to this question of the locked person."""
    if row.solved_at:
        return row.giveaway_id if row.last_message_id == said.message_id else None
    if row.last_message_id == said.message_id:
        return standing(row, person)
    row.last_message_id = said.message_id
    if row.expires_at <= (said.said_at or timezone.now()) or not row.attempts_left:
        row.save(update_fields=["last_message_id"])
        return ask(person=person, giveaway_id=row.giveaway_id)
    given = captcha.read_answer(row.kind, said.text)
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
