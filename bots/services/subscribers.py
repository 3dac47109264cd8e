"""The rules of people who started a bot: who may be written to."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from accounts import audit
from bots.models import Bot, Channel, LinkedOwner, MemberChange, StarPayment, Subscriber


class Profile(NamedTuple):
    """What people call themselves, as Telegram tells it."""

    language_code: str
    first_name: str = ""
    username: str = ""


def record_subscriber(
    *, bot_id: int, chat_id: int, language_code: str, first_name: str = "", username: str = ""
) -> None:
    """Whoever writes to a bot may be written to."""
    record_subscribers({(bot_id, chat_id): Profile(language_code, first_name, username)})


def record_subscribers(came: Mapping[tuple[int, int], Profile]) -> None:
    """People by (bot, chat). One statement, because it is asked for at every message; in the order of the keys,
    so that two lists never wait for each other."""
    now = timezone.now()
    Subscriber.objects.bulk_create(
        [
            Subscriber(
                bot_id=bot_id,
                chat_id=chat_id,
                language_code=profile.language_code[:16],
                first_name=profile.first_name[:64],
                username=profile.username[:32],
                seen_at=now,
            )
            for (bot_id, chat_id), profile in sorted(came.items())
        ],
        update_conflicts=True,
        unique_fields=["bot", "chat_id"],
        update_fields=["language_code", "first_name", "username", "unreachable", "seen_at"],
    )


def people_of(*, bot_id: int, chat_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """What mailings may call these people by, as far as the bot knows them."""
    known = Subscriber.objects.filter(bot_id=bot_id, chat_id__in=list(chat_ids))
    names = known.values_list("chat_id", "first_name", "username", "language_code")
    return {
        chat_id: {"first_name": first_name, "username": username, "language": language}
        for chat_id, first_name, username, language in names
    }


def record_unreachable(*, bot_id: int, chat_id: int, kind: str) -> None:
    """Telegram said finally that this person cannot be written to.

    Whoever is not known stays unknown: people block a bot right after it has forgotten them.
    """
    Subscriber.objects.filter(bot_id=bot_id, chat_id=chat_id).update(unreachable=kind[:32])


def record_unreachable_owner(*, bot_id: int, chat_id: int, kind: str) -> None:
    """The same of a linked owner, who is known by the link: another bot of theirs has to tell them."""
    Subscriber.objects.update_or_create(bot_id=bot_id, chat_id=chat_id, defaults={"unreachable": kind[:32]})


def forget_person(*, chat_id: int) -> int:
    """No bot knows this person any more, as a subscriber, a member of channels, or an owner; how many rows went."""
    rows = (  # by way of every bot and channel, as the indexes begin with them
        Subscriber.objects.filter(bot__in=Bot.objects.values("pk"), chat_id=chat_id),
        MemberChange.objects.filter(channel__in=Channel.objects.values("pk"), person_id=chat_id),
        LinkedOwner.objects.filter(chat_id=chat_id),
        StarPayment.objects.filter(
            person_id=chat_id, status__in=StarPayment.UNPAID
        ),  # paid ones are accounts
    )
    links, payments = (
        LinkedOwner.objects.filter(chat_id=chat_id),
        StarPayment.objects.filter(person_id=chat_id),
    )
    was_owner = links.exists() or payments.exists()  # only owners leave their id in the trail
    gone = sum(found.delete()[0] for found in rows)
    if was_owner:
        audit.forget_label(label=f"telegram:{chat_id}")
    return gone


def forget_unreachable(*, before: datetime, most: int) -> int:
    """Whoever left a bot and has not been seen since is forgotten; how many, at most `most`."""
    gone = Subscriber.objects.filter(seen_at__lt=before).exclude(unreachable="")
    return Subscriber.objects.filter(pk__in=gone.values("pk")[:most]).delete()[0]
