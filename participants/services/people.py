"""The rules of people: who somebody is, as Telegram vouches for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bots.services.subscribers import Profile
from participants.models import Person


@dataclass(frozen=True)
class Visitor:
    """A person as Telegram vouches for them."""

    telegram_id: int
    first_name: str
    username: str
    language_code: str
    writable: bool = True  # whether the bot they came by may write to them


def profile_of(visitor: Visitor) -> Profile:
    """What the bot remembers to call the visitor by."""
    return Profile(visitor.language_code, visitor.first_name, visitor.username)


def know(visitor: Visitor) -> Person:
    """The person's row, with the name and language Telegram tells today."""
    return know_many([visitor])[visitor.telegram_id]


def know_many(visitors: Sequence[Visitor]) -> dict[int, Person]:
    """Rows by Telegram's id; written in the order of the ids, so that two lists never wait for each other."""
    told = {visitor.telegram_id: visitor for visitor in visitors}
    Person.objects.bulk_create(
        [
            Person(
                telegram_id=telegram_id,
                first_name=visitor.first_name[:64],
                username=visitor.username[:64],
                language_code=visitor.language_code[:16],
            )
            for telegram_id, visitor in sorted(told.items())
        ],
        update_conflicts=True,
        unique_fields=["telegram_id"],
        update_fields=["first_name", "username", "language_code"],
    )
    return {
        person.telegram_id: person
        for person in Person.objects.filter(telegram_id__in=told).order_by("telegram_id")
        if person.telegram_id is not None
    }
