"""What every source is: something that may tell of a day; and the simplest one, Telegram's updates."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from bots.database import database
from bots.models import Channel, Source
from bots.services import statistics
from bots.services.statistics import Found, Number, Seen


class DayFinder(Protocol):
    """A source: what it can tell of one day of a channel, None when it can tell nothing."""

    async def day(self, channel: Channel, day: date) -> Found | None: ...


class Updates:
    """Publications as Telegram told bots of them; no views."""

    async def day(self, channel: Channel, day: date) -> Found | None:
        count = await database(statistics.count_posts, channel=channel, day=day)
        return None if count is None else Found(posts=Number(count, Source.UPDATES))


def summary(seen: Iterable[Seen], source: Source) -> Found:
    """A day's publications and their views together; one whose views are not shown leaves the sum untold.

    An album is one publication, seen as often as its first item.
    """
    posts = sorted(seen, key=lambda post: post.message_id)
    publications = {post.album or post.message_id: post for post in reversed(posts)}
    known = [post.views for post in publications.values() if post.views]
    total = Number(sum(views.value for views in known), source, sum(views.precision for views in known))
    return Found(
        posts=Number(len(publications), source),
        views=total if len(known) == len(publications) else None,
        seen=tuple(posts),
    )
