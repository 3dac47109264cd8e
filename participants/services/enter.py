"""The way in: running -> already in -> captcha -> subscription -> in. One entry per person and giveaway."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bots.links import start_link
from bots.models import Binding
from bots.services import members
from bots.services.subscribers import record_subscribers
from giveaways.models import Giveaway, Status
from giveaways.services import life
from giveaways.services.write import lock
from participants import draw
from participants.models import Entry, Person
from participants.services import captchas
from participants.services.people import Visitor, know_many, profile_of
from participants.steps import (
    AlreadyIn,
    ChannelToJoin,
    CheckSubscription,
    Closed,
    Joined,
    NotSubscribed,
    Step,
    SubscriptionUnknown,
)

Codes = Mapping[tuple[int, int], str]  # of entries, by (giveaway, person)
CLOSED: dict[str, Closed] = {
    Status.DRAFT: Closed.NOT_FOUND,
    Status.SCHEDULED: Closed.NOT_FOUND,
    Status.PUBLISH_FAILED: Closed.NOT_FOUND,
    Status.PUBLISHING: Closed.NOT_RUNNING_YET,
    Status.FINISHING: Closed.OVER,
    Status.FINISHED: Closed.OVER,
    Status.CANCELLED: Closed.CANCELLED,
}


@dataclass(frozen=True)
class Visit:
    """Somebody came to this bot by a giveaway's button."""

    giveaway_id: int
    visitor: Visitor
    bot_id: int


@dataclass(frozen=True)
class Visited:
    """A giveaway as all find it who come at one moment."""

    giveaway: Giveaway
    is_paused: bool
    channels: tuple[ChannelToJoin, ...]


def arrive(*, giveaway_id: int, visitor: Visitor, bot_id: int) -> Step:
    """Says what stands between the visitor and the giveaway of this bot; asking costs nothing and enters nobody."""
    return arrive_many([Visit(giveaway_id, visitor, bot_id)])[0]


@transaction.atomic
def arrive_many(visits: Sequence[Visit]) -> list[Step]:
    """`arrive` for everybody who comes at one moment: as many queries as for one of them."""
    return _arrive(visits, _meet(visits))


def come(*, giveaway_id: int, visitor: Visitor, bot_id: int) -> Step:
    """`arrive`, and in, when nothing stands between."""
    return come_many([Visit(giveaway_id, visitor, bot_id)])[0]


@transaction.atomic
def come_many(visits: Sequence[Visit]) -> list[Step]:
    """As far along the way in as each of them gets; where Telegram has to be asked first, CheckSubscription."""
    people = _meet(visits)
    steps = _arrive(visits, people)
    wishes = [(step.giveaway_id, step.person_id) for step in steps if is_certain(step)]
    entered = _join(wishes, {person.pk: person for person in people.values()})
    return [entered[step.giveaway_id, step.person_id] if is_certain(step) else step for step in steps]


def is_certain(step: Step) -> TypeGuard[CheckSubscription]:
    """Whether nothing but the entry itself is left: Telegram told of every channel before."""
    return isinstance(step, CheckSubscription) and not step.channels


def kept_out(step: CheckSubscription, missing: tuple[ChannelToJoin, ...] | None) -> Step | None:
    """What Telegram's answer means: only a clear yes enters, and a silence refuses nobody for good."""
    if missing is None:
        return SubscriptionUnknown(step.giveaway_id)
    return NotSubscribed(step.giveaway_id, missing) if missing else None


def _meet(visits: Sequence[Visit]) -> dict[int, Person]:
    """Whoever comes is known from now on, and may be written to by the bot they came by."""
    people = know_many([visit.visitor for visit in visits])  # first, as whoever is forgotten is locked first
    record_subscribers(
        {
            (visit.bot_id, visit.visitor.telegram_id): profile_of(visit.visitor)
            for visit in visits
            if visit.visitor.writable
        }
    )
    return people


def _arrive(visits: Sequence[Visit], people: dict[int, Person]) -> list[Step]:
    """Where these people stand before the giveaways they came for."""
    found = visited(visits)
    codes = codes_of([one.giveaway for one in found.values()], people.values())
    channels = {channel.telegram_id for one in found.values() for channel in one.channels}
    inside = members.known_inside(channels=channels, people=people)
    steps = [
        _standing(
            found.get((visit.giveaway_id, visit.bot_id)),
            visit.visitor.telegram_id,
            people[visit.visitor.telegram_id],
            codes,
            inside,
        )
        for visit in visits
    ]
    return _with_questions(visits, steps, people)


def _with_questions(
    visits: Sequence[Visit], steps: Sequence[Step | None], people: Mapping[int, Person]
) -> list[Step]:
    """Whoever has yet to show that they are human is asked, all of them at once."""
    strangers = [
        (people[visit.visitor.telegram_id], visit.giveaway_id)
        for visit, step in zip(visits, steps, strict=True)
        if step is None
    ]
    questions = iter(captchas.ask_many(strangers))
    return [next(questions) if step is None else step for step in steps]


def _standing(
    found: Visited | None, telegram_id: int, person: Person, codes: Codes, inside: set[tuple[int, int]]
) -> Step | None:
    """Where this person stands before this giveaway; None is before the captcha."""
    if found is None:
        return Closed.NOT_FOUND
    if found.giveaway.status != Status.ACTIVE:
        return CLOSED[found.giveaway.status]
    if code := codes.get((found.giveaway.pk, person.pk)):
        return AlreadyIn(code)
    if found.is_paused:
        return Closed.PAUSED
    if person.captcha_passed_at is None:
        return None
    unknown = tuple(one for one in found.channels if (one.telegram_id, telegram_id) not in inside)
    return CheckSubscription(found.giveaway.pk, person.pk, telegram_id, unknown)


def visited(visits: Sequence[Visit]) -> dict[tuple[int, int], Visited]:
    """The giveaways by (id, bot), with what their steps need; another bot's is not there."""
    wanted = {(visit.giveaway_id, visit.bot_id) for visit in visits}
    found = (
        Giveaway.objects.filter(pk__in={giveaway_id for giveaway_id, _ in wanted})
        .select_related("binding__channel", "binding__bot")
        .prefetch_related("required_bindings__channel")
    )
    return {
        (giveaway.pk, giveaway.binding.bot_id): Visited(
            giveaway, bool(giveaway.pause_reason), channels_of(giveaway)
        )
        for giveaway in found
        if giveaway.binding
    }


def codes_of(giveaways: Sequence[Giveaway], people: Iterable[Person]) -> Codes:
    """The codes of those who are in already, by (giveaway, person)."""
    entries = Entry.objects.filter(giveaway__in=giveaways, person__in=people)
    return {
        (giveaway, person): code
        for giveaway, person, code in entries.values_list("giveaway", "person", "code")
    }


def channels_of(giveaway: Giveaway) -> tuple[ChannelToJoin, ...]:
    """Every channel the person must be subscribed to, the giveaway's own first."""
    bindings = [giveaway.binding, *giveaway.required_bindings.all()]
    found = {
        binding.channel_id: channel_to_join(binding) for binding in bindings if binding and binding.channel
    }
    return tuple(found.values())


def channel_to_join(binding: Binding) -> ChannelToJoin:
    """A private channel has no link that a stranger could open."""
    channel = binding.channel
    assert channel is not None  # noqa: S101 (asked for by channels_of)
    link = f"{settings.TELEGRAM_LINK_URL}/{channel.username}" if channel.username else ""
    return ChannelToJoin(channel.telegram_id, str(channel), link)


def join(*, giveaway_id: int, person_id: int) -> Step:
    """Enters a person whose subscription Telegram has just confirmed."""
    return join_many([(giveaway_id, person_id)])[0]


@transaction.atomic
def join_many(wishes: Sequence[tuple[int, int]]) -> list[Step]:
    """Enters everybody, given as (giveaway, person), whose subscription is confirmed; each once.

    A giveaway's row is locked once for all who enter it, so nobody enters after it was closed, and nobody takes a
    place that is not there. People are locked before, in the order of `know_many`: nobody is forgotten meanwhile.
    """
    rows = Person.objects.select_for_update(no_key=True).order_by("telegram_id")
    people = {person.pk: person for person in rows.filter(pk__in={person_id for _, person_id in wishes})}
    steps = _join(wishes, people)
    return [steps[wish] for wish in wishes]


def _join(wishes: Sequence[tuple[int, int]], people: Mapping[int, Person]) -> dict[tuple[int, int], Step]:
    """The steps of those who wish in, by (giveaway, person); giveaways are locked in the order of their ids."""
    steps: dict[tuple[int, int], Step] = {}
    for giveaway_id in sorted({giveaway_id for giveaway_id, _ in wishes}):
        comers = dict.fromkeys(person_id for wished, person_id in wishes if wished == giveaway_id)
        for person_id, step in _let_in(giveaway_id, [people[person_id] for person_id in comers]).items():
            steps[giveaway_id, person_id] = step
    return steps


def _let_in(giveaway_id: int, people: Sequence[Person]) -> dict[int, Step]:
    """The steps of these people, by their ids, into one giveaway."""
    giveaway = lock(giveaway_id)
    if giveaway.status != Status.ACTIVE:
        return dict.fromkeys((person.pk for person in people), CLOSED[giveaway.status])
    codes = codes_of([giveaway], people)
    steps: dict[int, Step] = {}
    entries: list[Entry] = []
    for person in people:
        if person.telegram_id is None:
            steps[person.pk] = Closed.FORGOTTEN
        elif code := codes.get((giveaway_id, person.pk)):
            steps[person.pk] = AlreadyIn(code)
        elif person.captcha_passed_at is None:
            steps[person.pk] = captchas.ask(person=person, giveaway_id=giveaway_id)
        elif (
            giveaway.max_participants
            and giveaway.participant_count + len(entries) >= giveaway.max_participants
        ):
            steps[person.pk] = Closed.OVER
        else:
            entries.append(sign(giveaway, person, person.telegram_id))
    Entry.objects.bulk_create(entries)
    if entries:
        life.add_participants(giveaway_id=giveaway_id, number=len(entries))
    return steps | {entry.person_id: joined(giveaway, entry) for entry in entries}


def joined(giveaway: Giveaway, entry: Entry) -> Joined:
    return Joined(giveaway.title, entry.code, entry.nonce, entry.receipt)


def sign(giveaway: Giveaway, person: Person, telegram_id: int) -> Entry:
    """A new entry with its secret nonce, its public code and our signature under both."""
    nonce, now = draw.new_nonce(), timezone.now()
    code = draw.entry_code(giveaway=giveaway.public_id, user_id=telegram_id, nonce=nonce)
    receipt = draw.sign_receipt(
        settings.SIGNING_KEY, giveaway=giveaway.public_id, code=code, weight=1, joined_at=int(now.timestamp())
    )
    return Entry(
        giveaway_id=giveaway.pk,
        person_id=person.pk,
        code=code,
        nonce=nonce.hex(),
        receipt=receipt,
        joined_at=now,
    )


def result_link(bot_username: str, result_token: str) -> str:
    """The deep link that shows a person their own result."""
    return deep_link(bot_username, f"result_{result_token}")


def deep_link(bot_username: str, payload: str) -> str:
    """A link that opens the bot with a payload."""
    return start_link(settings.TELEGRAM_LINK_URL, bot_username, payload)
