"""The rules of who came into a channel and who left: each change once, counted by day and by invite link.

Every word about a membership comes in through `record_changes`: what else wants to know of one looks here.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, OuterRef, Subquery
from django.utils import timezone

from bots.models import Binding, Channel, MemberChange


@dataclass(frozen=True)
class Link:
    """An invite link as Telegram shows it to the bot: of somebody else's, the beginning only."""

    url: str = ""
    name: str = ""
    creator: str = ""


@dataclass(frozen=True)
class LinkTotals:
    """Who came by one link, and how many of them left again; without a link `url` is empty."""

    link: Link
    joins: int
    leaves: int


@dataclass(frozen=True)
class Change:
    """Telegram told a bot that somebody's membership changed; `channel_id` is Telegram's."""

    channel_id: int
    person_id: int
    was_inside: bool
    is_inside: bool
    at: datetime
    link: Link


def record_changes(told: Sequence[Change]) -> list[None]:
    """Several bots tell of the same change. What changed nothing (a promotion, a ban of who had left) is left out.

    Appended and never changed, so that thousands a minute wait for no row of each other's.
    """
    moved = [change for change in told if change.was_inside != change.is_inside]
    found = Channel.objects.filter(telegram_id__in={change.channel_id for change in moved})
    channels = dict(found.values_list("telegram_id", "pk"))  # whichever nobody bound is none of ours
    rows = [
        MemberChange(
            channel_id=channels[change.channel_id], person_id=change.person_id, joined=change.is_inside, at=change.at,
            link=change.link.url[:255], link_name=change.link.name[:64], link_creator=change.link.creator[:128],
        )
        for change in moved
        if change.channel_id in channels
    ]  # fmt: skip
    MemberChange.objects.bulk_create(rows, ignore_conflicts=True)
    return [None] * len(told)


def known_inside(*, channels: Collection[int], people: Collection[int]) -> set[tuple[int, int]]:
    """(channel, person), by Telegram's ids, of those whose last known step was into the channel, not long ago.

    Anything else says nothing: who left may be back before Telegram tells, and who came long ago may have gone
    while no bot of ours was there to hear of it. Those are asked about.
    """
    since = timezone.now() - timedelta(seconds=settings.MEMBERSHIP_SECONDS)
    last = (
        MemberChange.objects.filter(channel__telegram_id__in=channels, person_id__in=people, at__gte=since)
        .order_by("channel", "person_id", "-at", "-pk")
        .distinct("channel", "person_id")
    )
    told = last.values_list("channel__telegram_id", "person_id", "joined")
    return {(channel, person) for channel, person, joined in told if joined}


def count_changes(*, channel: Channel, since: datetime, until: datetime) -> tuple[int, int] | None:
    """Joins and leaves from `since` to before `until`; None when Telegram would not have told of any.

    None seen is zero only where such updates came before, and a bot was there from the beginning.
    """
    changes = MemberChange.objects.filter(channel=channel)
    counted = dict(
        changes.filter(at__gte=since, at__lt=until).values_list("joined").annotate(Count("pk")).order_by()
    )
    if not counted:
        served = Binding.objects.filter(channel=channel, created_at__lte=since)
        if not served.exists() or not changes.filter(at__lt=since).exists():
            return None
    return counted.get(True, 0), counted.get(False, 0)


def links_shown(binding: Binding) -> list[LinkTotals]:
    """Totals by invite link since the bot is in the channel, the most used first; for who serves it alone."""
    if binding.status != Binding.Status.ACTIVE or binding.channel_id is None:
        return []
    return totals_by_link(binding.channel_id)


def totals_by_link(channel_id: int) -> list[LinkTotals]:
    """Whoever leaves is counted with the link they last came by."""
    changes = MemberChange.objects.filter(channel_id=channel_id).order_by()
    joins = list(changes.filter(joined=True).values_list("link").annotate(Count("pk"), Max("pk")))
    newest = MemberChange.objects.in_bulk([last for _, _, last in joins])
    left = _leaves_by_link(channel_id)
    totals = [
        LinkTotals(Link(url, newest[last].link_name, newest[last].link_creator), count, left[url])
        for url, count, last in joins
    ]
    return sorted(totals, key=lambda total: (-total.joins, total.link.url))


def _leaves_by_link(channel_id: int) -> Counter[str]:
    """Who was there before any bot of ours came by no link we know, and is in none of the totals."""
    came = MemberChange.objects.filter(
        channel_id=channel_id, person_id=OuterRef("person_id"), joined=True, at__lte=OuterRef("at")
    )
    left = MemberChange.objects.filter(channel_id=channel_id, joined=False).order_by()
    by = left.annotate(by=Subquery(came.order_by("-at").values("link")[:1])).exclude(by=None)
    return Counter(dict(by.values_list("by").annotate(Count("pk"))))


def forget_changes(*, before: datetime, most: int) -> int:
    """Who came and went long ago is forgotten; the numbers of the days stay. How many, at most `most`."""
    old = MemberChange.objects.filter(at__lt=before).values("pk")[:most]  # the oldest lie first
    return MemberChange.objects.filter(pk__in=old).delete()[0]
