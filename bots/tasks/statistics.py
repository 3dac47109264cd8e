"""Days of channels: found by asking the sources, kept by day; safe to run twice, and for past days."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from secrets import token_hex

import structlog
from django.conf import settings

from bots import gateway, mtproto, telegram
from bots.models import Bot, Channel, ChannelDay, Job, Source
from bots.services import bots, jobs, statistics
from bots.services.statistics import Number
from bots.statistics import find_days
from config import redis

log = structlog.get_logger(__name__)
LEASE_SECONDS = 300
MOST_ATTEMPTS = 5
BUSY_SECONDS = 2
OWN = 'if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end return 0'


def collect_missing(channel_id: int) -> None:
    """The day that ended, and what the last week is short of: a run that never came is caught up by the next."""
    channel = Channel.objects.get(pk=channel_id)
    collect(channel, missing_days(channel))


def missing_days(channel: Channel) -> list[date]:
    """The ended days worth asking for."""
    return statistics.missing_days(channel, has_views=bool(channel.username) or mtproto.source() is not None)


def collect(channel: Channel, days: Sequence[date]) -> list[ChannelDay]:
    """Collects the days nobody else is collecting at this moment; the rows that came of it."""
    with _claimed(channel, days) as ours:
        if not ours:
            return []
        bot = statistics.serving_bot(channel.pk)
        username, members = _ask_telegram(channel, bot)
        asked = Channel(pk=channel.pk, telegram_id=channel.telegram_id, username=username)
        found = telegram.wait_for(find_days(asked, ours, bot))
        ended = statistics.today() - timedelta(days=1)
        kept = []
        for day in ours:  # members are counted now, which says nothing of days long past
            told = replace(found[day], members=members if day >= ended else None)
            kept.append(statistics.record_day(channel=channel, day=day, found=told))
    log.info("statistics_collected", channel=channel.telegram_id, days=[str(day) for day in ours])
    return [row for row in kept if row]


def _ask_telegram(channel: Channel, bot: Bot | None) -> tuple[str, Number | None]:
    """The channel's name of today, because a former one may be somebody else's, and how many subscribe."""
    if bot is None:
        return channel.username, None
    token, client = bots.token_of(bot), telegram.shared()
    facts, _ = telegram.wait_for(gateway.get_channel(client, token, channel.telegram_id))
    count = telegram.wait_for(gateway.count_members(client, token, channel.telegram_id))
    username = facts.username if facts else channel.username
    return username, None if count is None else Number(count, Source.BOT_API)


@contextmanager
def _claimed(channel: Channel, days: Sequence[date]) -> Iterator[list[date]]:
    """The days this worker alone collects; a worker that dies leaves them to the next after the lease."""
    client, mark = redis.client(), token_hex(8)
    lease = max(1, int(LEASE_SECONDS * settings.LEASE_SCALE))
    keys = {day: f"statistics:{channel.pk}:{day}" for day in days}
    ours = [day for day, key in keys.items() if client.set(key, mark, nx=True, ex=lease)]
    try:
        yield ours
    finally:
        for day in ours:
            client.eval(OWN, 1, keys[day], mark)


def collect_on_demand(job: Job) -> None:
    """One day, because its owner asked; waits while another worker collects the same."""
    channel = Channel.objects.get(pk=job.arguments["channel_id"])
    day = date.fromisoformat(job.arguments["day"])
    rows = collect(channel, [day])
    if not rows and _is_busy(channel, day) and job.attempts < MOST_ATTEMPTS:
        return jobs.postpone_job(job=job, seconds=BUSY_SECONDS)
    return jobs.finish_job(job=job, result={"channel_id": channel.telegram_id, **_shown(day, rows)})


def _is_busy(channel: Channel, day: date) -> bool:
    return bool(redis.client().exists(f"statistics:{channel.pk}:{day}"))


def _shown(day: date, rows: Sequence[ChannelDay]) -> dict[str, object]:
    """The numbers as the channel's page shows them; all empty when no source told any."""
    row = rows[0] if rows else ChannelDay(day=day)
    names = (
        "posts", "posts_source", "views", "views_precision", "views_source", "members", "members_source",
        "joins", "joins_source", "leaves", "leaves_source",
    )  # fmt: skip
    return {"day": str(day), **{name: getattr(row, name) for name in names}}
