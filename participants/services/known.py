"""What is known about a person on Telegram, all of it, for themself."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from bots.models import Bot, Channel, LinkedOwner, MemberChange, StarPayment, Subscriber
from broadcasts.models import Delivery
from giveaways.models import Status
from participants.models import Captcha, Entry, Person, Place

MOST_DELIVERIES = 1_000  # the newest
Row = dict[str, Any]


def about(*, telegram_id: int) -> Row:
    """Everything this platform keeps under the id, ready for JSON; lists are empty where there is nothing."""
    person = Person.objects.filter(telegram_id=telegram_id).first()
    started = _started(telegram_id)
    entered = list(_entries(telegram_id))
    return {
        "telegram_id": telegram_id,
        "person": _person(person) if person else None,
        "captcha": _captcha(person) if person else None,
        "giveaways": [_entry(entry) for entry in entered],
        "bots": [_subscription(row) for row in started],
        "channels": list(_memberships(telegram_id)),
        "messages": list(_deliveries(telegram_id)),
        "user_of_the_platform": _links(telegram_id),
        "paid_in_stars": _payments(telegram_id),
    }


def _person(person: Person) -> Row:
    return {
        "first_name": person.first_name,
        "username": person.username,
        "language_code": person.language_code,
        "known_since": person.created_at,
        "asked_to_be_forgotten_at": person.forget_asked_at,
    }


def _captcha(person: Person) -> Row:
    row = Captcha.objects.filter(person=person).first()
    return {
        "solved_at": person.captcha_passed_at,
        "wrong_answers": person.captcha_failures,
        "pause_until": person.captcha_blocked_until,
        "question": row.question if row else None,
        "asked_until": row.expires_at if row else None,
    }


def _entries(telegram_id: int) -> QuerySet[Entry]:
    found = Entry.objects.filter(person__telegram_id=telegram_id).select_related("giveaway")
    return found.order_by("joined_at", "pk")


def _entry(entry: Entry) -> Row:
    place = Place.objects.filter(entry=entry).exclude(verdict=Place.Verdict.PENDING).first()
    over = entry.giveaway.status == Status.FINISHED
    return {
        "title": entry.giveaway.title,
        "status": entry.giveaway.status,
        "entered_at": entry.joined_at,
        "code": entry.code,
        "nonce": entry.nonce,
        "receipt": entry.receipt,
        "result": (place.verdict if place else "not drawn") if over else None,
        "reason": place.reason if place and over else "",
        "claimed_at": place.claimed_at if place else None,
    }


def _started(telegram_id: int) -> QuerySet[Subscriber]:
    rows = Subscriber.objects.filter(bot__in=Bot.objects.values("pk"), chat_id=telegram_id)
    return rows.select_related("bot").order_by("created_at")


def _subscription(row: Subscriber) -> Row:
    return {
        "bot": str(row.bot),
        "first_name": row.first_name,
        "username": row.username,
        "language_code": row.language_code,
        "since": row.created_at,
        "seen_at": row.seen_at,
        "unreachable": row.unreachable,
    }


def _memberships(telegram_id: int) -> Iterator[Row]:
    """Comings and goings in channels that our bots serve."""
    changes = MemberChange.objects.filter(channel__in=Channel.objects.values("pk"), person_id=telegram_id)
    for change in changes.select_related("channel").order_by("at", "pk"):
        yield {
            "channel": str(change.channel),
            "joined": change.joined,
            "at": change.at,
            "invite_link": change.link,
        }


def _deliveries(telegram_id: int) -> Iterator[Row]:
    """Messages of bots the person knows; their words are the sender's and stand in the chat."""
    entered = Entry.objects.filter(person__telegram_id=telegram_id)
    bots = {
        *Subscriber.objects.filter(bot__in=Bot.objects.values("pk"), chat_id=telegram_id).values_list(
            "bot_id", flat=True
        ),
        *entered.filter(giveaway__binding__isnull=False).values_list("giveaway__binding__bot_id", flat=True),
    }
    sent = Delivery.objects.filter(broadcast__bot_id__in=bots, chat_id=telegram_id)
    for row in sent.select_related("broadcast__bot").order_by("-at")[:MOST_DELIVERIES]:
        yield {"bot": str(row.broadcast.bot), "at": row.at, "outcome": row.outcome, "why": row.kind}


def _links(telegram_id: int) -> list[Row]:
    """Owners who are told alerts here."""
    rows = LinkedOwner.objects.filter(chat_id=telegram_id).select_related("user", "bot")
    return [
        {"user": row.user.get_username(), "bot": str(row.bot), "linked_at": row.linked_at} for row in rows
    ]


def _payments(telegram_id: int) -> list[Row]:
    """Invoices and what became of them; money's records stay, as docs/privacy.md says."""
    rows = StarPayment.objects.filter(person_id=telegram_id).select_related("bot").order_by("pk")
    return [
        {
            "bot": str(row.bot),
            "stars": row.stars,
            "amount": str(row.amount),
            "status": row.status,
            "asked_at": row.created_at,
            "paid_at": row.paid_at,
            "refunded_at": row.refunded_at,
            "charge": row.charge_id,
        }
        for row in rows
    ]
