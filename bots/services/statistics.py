"""The rules of statistics: publications once each, days by the platform's clock, no number without a source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from bots.errors import ChannelNotServed
from bots.models import (
    Binding,
    Bot,
    Channel,
    ChannelDay,
    ChannelMessage,
    ChannelPost,
    ChannelWork,
    Job,
    Source,
)
from bots.services import members

CAUGHT_UP_DAYS = 7
SHOWN_DAYS = 30


@dataclass(frozen=True)
class Number:
    """What a source tells, and by how much the truth may differ from it."""

    value: int
    source: Source
    precision: int = 0


@dataclass(frozen=True)
class Seen:
    """A publication as a source shows it."""

    message_id: int
    published_at: datetime
    views: Number | None
    album: str = ""


@dataclass(frozen=True)
class Found:
    """What sources tell of one day; None is "not told", never zero."""

    posts: Number | None = None
    views: Number | None = None
    members: Number | None = None
    seen: tuple[Seen, ...] = ()


# --- days -----------------------------------------------------------------------------------------
def today() -> date:
    return timezone.localdate(timezone=timezone.get_default_timezone())


def bounds(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight in the platform's zone; 23 or 25 hours apart when its clocks change."""
    zone = timezone.get_default_timezone()
    start, end = (datetime.combine(at, time.min, tzinfo=zone) for at in (day, day + timedelta(days=1)))
    return start, end


def channels_to_collect() -> list[int]:
    """Channels that an active bot serves."""
    served = Binding.objects.filter(status=Binding.Status.ACTIVE, bot__status=Bot.Status.ACTIVE)
    return list(served.order_by("channel_id").values_list("channel_id", flat=True).distinct())


def missing_days(channel: Channel, *, has_views: bool) -> list[date]:
    """Ended days of the last week that were not collected since they ended, or not in full; the newest first.

    `has_views`: some source may tell this channel's views.
    """
    days = [today() - timedelta(days=ago) for ago in range(1, CAUGHT_UP_DAYS + 1)]
    rows = ChannelDay.objects.filter(channel=channel, day__in=days).select_related("channel")
    return [day for day in days if day not in {row.day for row in rows if _is_settled(row, has_views)}]


def _is_settled(row: ChannelDay, has_views: bool) -> bool:
    told = row.posts is not None and (row.views is not None or not has_views)
    known = _changes(row.channel, row.day)  # of late updates there may be more by now
    told = told and known in (None, (row.joins, row.leaves))
    return told and row.collected_at >= bounds(row.day)[1]


def serving_bot(channel_id: int) -> Bot | None:
    """A bot that is in the channel and whose token works."""
    served = Binding.objects.filter(
        channel_id=channel_id, status=Binding.Status.ACTIVE, bot__status=Bot.Status.ACTIVE
    )
    binding = served.select_related("bot").order_by("pk").first()
    return binding.bot if binding else None


# --- publications ---------------------------------------------------------------------------------
def record_update(*, telegram_id: int, message_id: int, published_at: datetime, album: str) -> None:
    """Telegram told a bot of a publication; twice is once, and channels nobody bound are none of ours."""
    channel = Channel.objects.filter(telegram_id=telegram_id).first()
    if channel:
        _record_post(channel.pk, message_id, published_at, Source.UPDATES, album)


def record_own_post(*, binding: Binding | None, work: ChannelWork) -> None:
    """Telegram took a publication of ours, of which it sends no update; in the transaction that records it."""
    if binding and binding.channel_id and work.message_id and work.sent_at:
        _record_post(binding.channel_id, work.message_id, work.sent_at, Source.BOT_API, "")


def _record_post(channel_id: int, message_id: int, at: datetime, source: Source, album: str) -> None:
    post = ChannelPost(
        channel_id=channel_id, message_id=message_id, published_at=at, source=source, album=album[:32]
    )
    ChannelPost.objects.bulk_create([post], ignore_conflicts=True)


def count_posts(*, channel: Channel, day: date) -> int | None:
    """Publications Telegram told of; an album is one. None when it would not have told of any.

    None seen is zero only where updates are known to come, and a bot was there from the day's beginning.
    """
    start, end = bounds(day)
    bound = Binding.objects.filter(channel=channel, created_at__lt=end).order_by("created_at").first()
    if bound is None:
        return None
    posts = ChannelPost.objects.filter(channel=channel, published_at__gte=start, published_at__lt=end)
    seen = len({album or message_id for message_id, album in posts.values_list("message_id", "album")})
    heard = ChannelPost.objects.filter(channel=channel, source=Source.UPDATES)
    silence_is_zero = bound.created_at <= start and heard.exists()
    return seen if seen or silence_is_zero else None


def known_posts(*, channel: Channel, day: date) -> set[int]:
    """The ids of the day's publications that were seen, without those we deleted ourselves."""
    start, end = bounds(day)
    posts = ChannelPost.objects.filter(channel=channel, published_at__gte=start, published_at__lt=end)
    removed = ChannelMessage.objects.filter(
        binding__channel=channel, status=ChannelMessage.Status.REMOVED, message_id__isnull=False
    )
    return set(
        posts.exclude(message_id__in=removed.values("message_id")).values_list("message_id", flat=True)
    )


def last_known_post(*, channel: Channel) -> int | None:
    """The newest publication that was seen."""
    newest: int | None = ChannelPost.objects.filter(channel=channel).aggregate(Max("message_id"))[
        "message_id__max"
    ]
    return newest


# --- what is kept ---------------------------------------------------------------------------------
@transaction.atomic
def record_day(*, channel: Channel, day: date, found: Found) -> ChannelDay | None:
    """Keeps what was found. Of an ended day nothing known is lost to a source that is silent now."""
    _record_views(channel, found.seen)
    changes = _changes(channel, day)
    row = ChannelDay.objects.select_for_update().filter(channel=channel, day=day).first()
    if row is None:
        if not any((found.posts, found.views, found.members, changes)):
            return None
        now = timezone.now()
        row, _ = ChannelDay.objects.get_or_create(channel=channel, day=day, defaults={"collected_at": now})
        row = ChannelDay.objects.select_for_update().get(pk=row.pk)
    _take(row, found, keep=row.collected_at >= bounds(day)[1])
    if changes:
        row.joins, row.leaves = changes
        row.joins_source = row.leaves_source = Source.UPDATES
    row.collected_at = timezone.now()
    row.save()
    return row


def _changes(channel: Channel, day: date) -> tuple[int, int] | None:
    start, end = bounds(day)
    return members.count_changes(channel=channel, since=start, until=end)


RANK = {"": 0, Source.UPDATES: 1, Source.PREVIEW: 2, Source.MTPROTO: 3, Source.BOT_API: 3}


def _take(row: ChannelDay, found: Found, *, keep: bool) -> None:
    """Each number with its source. `keep`: the row is of the whole day, and only as good a source replaces it."""
    if _replaces(found.posts, row.posts_source, keep=keep):
        row.posts, row.posts_source = _parts(found.posts)
    if _replaces(found.views, row.views_source, keep=keep):
        row.views, row.views_source = _parts(found.views)
        row.views_precision = found.views.precision if found.views else 0
    if found.members and not (keep and row.members is not None):  # counted once, nearest to the day's end
        row.members, row.members_source = _parts(found.members)


def _replaces(found: Number | None, source: str, *, keep: bool) -> bool:
    return not keep or (found is not None and RANK[found.source] >= RANK[source])


def _parts(number: Number | None) -> tuple[int | None, str]:
    return (number.value, number.source) if number else (None, "")


def _record_views(channel: Channel, seen: Sequence[Seen]) -> None:
    now = timezone.now()
    fields = ["views", "views_precision", "views_source", "views_at"]
    told = {post.message_id: post for post in reversed(seen) if post.views}  # of two sources, the first
    rows = [
        ChannelPost(
            channel=channel, message_id=post.message_id, published_at=post.published_at,
            source=post.views.source, album=post.album[:32],
            views=post.views.value, views_precision=post.views.precision, views_source=post.views.source,
            views_at=now,
        )
        for _, post in sorted(told.items())
        if post.views
    ]  # fmt: skip
    unique = ["channel", "message_id"]
    ChannelPost.objects.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=fields)


# --- who asks -------------------------------------------------------------------------------------
def may_look(binding: Binding) -> bool:
    """Only who serves a channel sees its numbers: anybody may name one, and another account may serve it."""
    return binding.status == Binding.Status.ACTIVE


def days_shown(binding: Binding) -> Sequence[ChannelDay]:
    """The last thirty days, the newest first."""
    if not may_look(binding) or binding.channel_id is None:
        return []
    oldest = today() - timedelta(days=SHOWN_DAYS - 1)
    return list(ChannelDay.objects.filter(channel_id=binding.channel_id, day__gte=oldest))


def request_collection(*, binding: Binding, day: date | None) -> Job:
    """The owner wants to know now: today so far, or a past day again."""
    if not may_look(binding) or binding.channel_id is None:
        raise ChannelNotServed
    return Job.objects.create(
        account_id=binding.account_id,
        kind=Job.Kind.COLLECT_STATISTICS,
        arguments={"channel_id": binding.channel_id, "day": str(day or today())},
    )
