"""The sources of a channel's statistics, asked in order: the public preview page, then Telegram's updates."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

import aiohttp
import structlog
from django.conf import settings

from bots.database import database
from bots.models import Channel, Source
from bots.preview import Post, Preview, PreviewChanged, PreviewUnavailable, read_preview
from bots.services import statistics
from bots.services.statistics import Found, Number, Seen

log = structlog.get_logger(__name__)
MOST_PAGES = 50
MOST_BYTES = 2_000_000
MOST_SECONDS = 60  # for all pages of one channel: a job's lease is two minutes
PAGE_SECONDS = 10
HEADERS = {"Accept-Language": "en", "Accept": "text/html"}


class DayFinder(Protocol):
    """A source: what it can tell of one day of a channel, None when it can tell nothing."""

    async def day(self, channel: Channel, day: date) -> Found | None: ...


class Updates:
    """Publications as Telegram told bots of them; no views."""

    async def day(self, channel: Channel, day: date) -> Found | None:
        count = await database(statistics.count_posts, channel=channel, day=day)
        return None if count is None else Found(posts=Number(count, Source.UPDATES))


class PreviewPages:
    """The pages t.me/s/<name> of one channel, read once from the newest back to the day asked for."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http
        self.posts: dict[int, Post] = {}
        self.older: int | None = None
        self.at_beginning = False
        self.pages = 0
        self.is_gone = False
        self.deadline = asyncio.get_running_loop().time() + MOST_SECONDS

    async def day(self, channel: Channel, day: date) -> Found | None:
        if self.is_gone or not channel.username:
            return None
        start, end = statistics.bounds(day)
        try:
            async with asyncio.timeout_at(self.deadline):
                await self._reach(channel.username, start)
        except (PreviewUnavailable, aiohttp.ClientError, TimeoutError) as error:
            self.is_gone = True
            reason = str(error) or type(error).__name__
            changed = isinstance(error, PreviewChanged)
            log.warning("preview_unavailable", channel=channel.telegram_id, reason=reason, changed=changed)
            return None
        return summary([post for post in self.posts.values() if start <= post.published_at < end])

    async def _reach(self, username: str, start: datetime) -> None:
        """Reads on until the day is covered; a page without posts proves nothing."""
        while not self.at_beginning and not any(post.published_at < start for post in self.posts.values()):
            if self.pages == MOST_PAGES:
                raise PreviewUnavailable("too many pages to the day")
            page = await asyncio.to_thread(read_preview, await self._fetch(username))
            self._add(page, username)

    def _add(self, page: Preview, username: str) -> None:
        if page.username.casefold() != username.casefold():
            raise PreviewUnavailable("the page of another channel")
        if not page.posts:
            raise PreviewUnavailable("a page without posts")
        if page.older and self.older and page.older >= self.older:
            raise PreviewChanged("older posts lead to newer ones")
        self.pages += 1
        self.posts |= {post.id: post for post in page.posts}
        self.older, self.at_beginning = page.older, page.older is None

    async def _fetch(self, username: str) -> str:
        query = {"before": str(self.older)} if self.older else {}
        address = f"{settings.PREVIEW_URL}/s/{username}"
        async with self.http.get(address, params=query, allow_redirects=False) as answer:
            if answer.status != 200:  # 302 is how a channel without a preview answers
                raise PreviewUnavailable(f"HTTP {answer.status}")
            body = bytearray()
            async for chunk in answer.content.iter_chunked(65_536):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise PreviewUnavailable("a page too large")
        return body.decode("utf8", "replace")


def summary(posts: Sequence[Post]) -> Found:
    """A day's publications and their views together; one post whose views are not shown leaves the sum untold."""
    seen = [Seen(post.id, post.published_at, _views(post)) for post in posts if not post.is_service]
    known = [post.views for post in seen if post.views]
    total = Number(
        sum(views.value for views in known), Source.PREVIEW, sum(views.precision for views in known)
    )
    return Found(
        posts=Number(len(seen), Source.PREVIEW),
        views=total if len(known) == len(seen) else None,
        seen=tuple(seen),
    )


def _views(post: Post) -> Number | None:
    """Whether Telegram rounds or cuts is not known, so the truth may be a whole last digit away."""
    return Number(post.views.number, Source.PREVIEW, 2 * post.views.precision) if post.views else None


async def find_days(channel: Channel, days: Sequence[date]) -> dict[date, Found]:
    """Each number from the first source that tells it."""
    limit = aiohttp.ClientTimeout(total=PAGE_SECONDS)
    async with aiohttp.ClientSession(timeout=limit, headers=HEADERS) as http:
        sources: list[DayFinder] = [PreviewPages(http), Updates()]
        return {day: await _find(sources, channel, day) for day in days}


async def _find(sources: Sequence[DayFinder], channel: Channel, day: date) -> Found:
    best = Found()
    for source in sources:
        if best.posts and best.views:
            break
        if told := await source.day(channel, day):
            best = Found(best.posts or told.posts, best.views or told.views, None, (*best.seen, *told.seen))
    return best
