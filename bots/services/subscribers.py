"""The rules of people who started a bot: who may be written to."""

from collections.abc import Mapping

from django.utils import timezone

from bots.models import Subscriber


def record_subscriber(*, bot_id: int, chat_id: int, language_code: str) -> None:
    """Whoever writes to a bot may be written to."""
    record_subscribers({(bot_id, chat_id): language_code})


def record_subscribers(came: Mapping[tuple[int, int], str]) -> None:
    """Languages of people by (bot, chat). One statement, because it is asked for at every message; in the order
    of the keys, so that two lists never wait for each other."""
    Subscriber.objects.bulk_create(
        [
            Subscriber(bot_id=bot_id, chat_id=chat_id, language_code=code[:16], seen_at=timezone.now())
            for (bot_id, chat_id), code in sorted(came.items())
        ],
        update_conflicts=True,
        unique_fields=["bot", "chat_id"],
        update_fields=["language_code", "unreachable", "seen_at"],
    )


def record_unreachable(*, bot_id: int, chat_id: int, kind: str) -> None:
    """Telegram said finally that this person cannot be written to."""
    Subscriber.objects.update_or_create(bot_id=bot_id, chat_id=chat_id, defaults={"unreachable": kind[:32]})
