"""The way in: running -> already in -> captcha -> subscription -> in. One entry per person and giveaway."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bots.links import start_link
from bots.models import Binding
from bots.services.subscribers import record_subscriber
from giveaways.models import Giveaway, Status
from giveaways.services import life
from giveaways.services.write import lock
from participants import draw
from participants.models import Entry, Person
from participants.services import captchas
from participants.steps import AlreadyIn, ChannelToJoin, CheckSubscription, Closed, Joined, Step

CLOSED: dict[str, Closed] = {
    Status.DRAFT: Closed.NOT_FOUND,
    Status.PUBLISH_FAILED: Closed.NOT_FOUND,
    Status.PUBLISHING: Closed.NOT_RUNNING_YET,
    Status.FINISHING: Closed.OVER,
    Status.FINISHED: Closed.OVER,
    Status.CANCELLED: Closed.CANCELLED,
}


@dataclass(frozen=True)
class Visitor:
    """A person as Telegram vouches for them."""

    telegram_id: int
    first_name: str
    username: str
    language_code: str
    writable: bool = True  # whether the bot they came by may write to them


@transaction.atomic
def arrive(*, giveaway_id: int, visitor: Visitor, bot_id: int) -> Step:
    """Says what stands between the visitor and the giveaway of this bot; asking costs nothing and enters nobody."""
    if visitor.writable:
        record_subscriber(bot_id=bot_id, chat_id=visitor.telegram_id, language_code=visitor.language_code)
    person = know(visitor)
    giveaway = (
        Giveaway.objects.filter(pk=giveaway_id, binding__bot_id=bot_id)
        .select_related("binding__channel", "binding__bot")
        .prefetch_related("required_bindings__channel")
        .first()
    )
    if giveaway is None:
        return Closed.NOT_FOUND
    if giveaway.status != Status.ACTIVE:
        return CLOSED[giveaway.status]
    entry = Entry.objects.filter(giveaway=giveaway, person=person).first()
    if entry:
        return AlreadyIn(entry.code)
    if giveaway.pause_reason:
        return Closed.PAUSED
    if person.captcha_passed_at is None:
        return captchas.ask(person=person, giveaway_id=giveaway.pk)
    return CheckSubscription(giveaway.pk, person.pk, person.telegram_id, channels_of(giveaway))


def know(visitor: Visitor) -> Person:
    """The person's row, with the name and language Telegram tells today."""
    told = {
        "first_name": visitor.first_name[:64],
        "username": visitor.username[:64],
        "language_code": visitor.language_code[:16],
    }
    Person.objects.bulk_create(
        [Person(telegram_id=visitor.telegram_id, **told)],
        update_conflicts=True,
        unique_fields=["telegram_id"],
        update_fields=list(told),
    )
    return Person.objects.get(telegram_id=visitor.telegram_id)


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


@transaction.atomic
def join(*, giveaway_id: int, person_id: int) -> Step:
    """Enters a person whose subscription Telegram has just confirmed. The giveaway's row is locked, so nobody
    enters after it was closed, and nobody takes a place that is not there."""
    giveaway = lock(giveaway_id)
    if giveaway.status != Status.ACTIVE:
        return CLOSED[giveaway.status]
    entry = Entry.objects.filter(giveaway=giveaway, person_id=person_id).first()
    if entry:
        return AlreadyIn(entry.code)
    person = Person.objects.get(pk=person_id)
    if person.captcha_passed_at is None:
        return captchas.ask(person=person, giveaway_id=giveaway_id)
    entry = sign(giveaway, person)
    entry.save()
    life.add_participant(giveaway_id=giveaway_id)
    return Joined(giveaway.title, entry.code, entry.nonce, entry.receipt)


def sign(giveaway: Giveaway, person: Person) -> Entry:
    """A new entry with its secret nonce, its public code and our signature under both."""
    nonce, now = draw.new_nonce(), timezone.now()
    code = draw.entry_code(giveaway=giveaway.public_id, user_id=person.telegram_id, nonce=nonce)
    receipt = draw.sign_receipt(
        settings.SIGNING_KEY, giveaway=giveaway.public_id, code=code, weight=1, joined_at=int(now.timestamp())
    )
    return Entry(
        giveaway=giveaway, person=person, code=code, nonce=nonce.hex(), receipt=receipt, joined_at=now
    )


def result_link(bot_username: str, result_token: str) -> str:
    """The deep link that shows a person their own result."""
    return deep_link(bot_username, f"result_{result_token}")


def deep_link(bot_username: str, payload: str) -> str:
    """A link that opens the bot with a payload."""
    return start_link(settings.TELEGRAM_LINK_URL, bot_username, payload)
