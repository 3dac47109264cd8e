"""The rules of people who started a bot: who may be written to."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.utils import timezone

from bots.models import Subscriber


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
    Subscriber.objects.bulk_create(
        [
            Subscriber(
                bot_id=bot_id,
                chat_id=chat_id,
                language_code=profile.language_code[:16],
                first_name=profile.first_name[:64],
                username=profile.username[:32],
                seen_at=timezone.now(),
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
    """Telegram said finally that this person cannot be written to."""
    Subscriber.objects.update_or_create(bot_id=bot_id, chat_id=chat_id, defaults={"unreachable": kind[:32]})
