"""How far a broadcast is, how fast it goes, and when it will be over; None where nobody can know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis.exceptions import RedisError

from bots import pacing
from bots.models import Bot
from broadcasts.models import Broadcast
from broadcasts.services.counting import Counts, counts
from broadcasts.services.estimate import Work, seconds_left
from config.redis import client

RECENT_SECONDS = 10
LOOKED_AT = 10_000  # newest deliveries of the platform: enough for ten seconds, read in a few milliseconds
Status = Broadcast.Status

RECENT = """
    SELECT delivery.broadcast_id, count(*)
    FROM broadcasts_delivery AS delivery
    JOIN broadcasts_broadcast AS broadcast ON broadcast.id = delivery.broadcast_id AND broadcast.bot_id = %s
    WHERE delivery.id > (SELECT max(id) FROM broadcasts_delivery) - %s
      AND delivery.at > now() - make_interval(secs => %s)
    GROUP BY delivery.broadcast_id
"""


@dataclass(frozen=True)
class Progress:
    """`rate` is results a second just now, `eta` the moment of the last one."""

    counts: Counts
    rate: float | None
    eta: datetime | None


def progress(broadcast: Broadcast) -> Progress:
    """Counts for everybody; a rate and an end only for what is under way."""
    if broadcast.status not in Broadcast.LIVE:
        return Progress(counts([broadcast.pk])[broadcast.pk], None, None)
    starts_at = max(broadcast.scheduled_at or timezone.now(), timezone.now())
    live = Broadcast.objects.live().filter(bot_id=broadcast.bot_id)
    beside = {one.pk: one for one in live if one.scheduled_at is None or one.scheduled_at <= starts_at}
    counted = counts([broadcast.pk, *beside])
    recent = _recent(broadcast.bot)
    rate = recent.get(broadcast.pk, 0) / RECENT_SECONDS if _measurable(broadcast) else None
    works = {pk: Work(counted[pk].pending, one.WEIGHTS[one.priority]) for pk, one in beside.items()}
    pace = _pace(broadcast, sum(recent.values()))
    if pace is None or broadcast.pk not in works:
        return Progress(counted[broadcast.pk], rate, None)
    left = seconds_left(works, pace)[broadcast.pk]
    return Progress(counted[broadcast.pk], rate, starts_at + timedelta(seconds=left))


def _recent(bot: Bot) -> Mapping[int, int]:
    """Results of the bot's broadcasts in the last seconds."""
    with connection.cursor() as cursor:
        cursor.execute(RECENT, [bot.pk, LOOKED_AT, RECENT_SECONDS])
        return dict(cursor.fetchall())


def _measurable(broadcast: Broadcast) -> bool:
    started = broadcast.started_at
    return started is not None and timezone.now() - started >= timedelta(seconds=RECENT_SECONDS)


def _pace(broadcast: Broadcast, recent: int) -> float | None:
    """Measured once the broadcast runs for some seconds, else what the bot is allowed; None when it stands still."""
    if broadcast.bot.status != Bot.Status.ACTIVE:
        return None
    if _measurable(broadcast):
        return recent / RECENT_SECONDS if recent else None
    waits = timezone.now() - (broadcast.scheduled_at or broadcast.created_at)
    if broadcast.status == Status.SCHEDULED and waits > timedelta(seconds=RECENT_SECONDS):
        return None  # nobody delivers
    return _allowed(broadcast.bot)


def _allowed(bot: Bot) -> float:
    """What the bot may send now, as far as its pumps have learned."""
    limit = float(settings.MESSAGES_PER_SECOND_PER_BOT)
    try:
        return pacing.present_rate(client(), bot.telegram_id, limit)
    except RedisError:
        return limit
