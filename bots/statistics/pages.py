"""Days as the public preview page shows them, t.me/s/<name>: read page by page, believed only when it is whole."""

import asyncio
from datetime import date, datetime

import aiohttp
import structlog
from django.conf import settings

from bots.models import Channel, Source
from bots.preview import Post, Preview, PreviewChanged, PreviewUnavailable, read_preview
from bots.services import statistics
from bots.services.statistics import Found, Number, Seen
from bots.statistics.days import summary

log = structlog.get_logger(__name__)
MOST_PAGES = 50
MOST_BYTES = 2_000_000
MOST_SECONDS = 60  # for all pages of one channel: a job's lease is two minutes
PAGE_SECONDS = 10
HEADERS = {"Accept-Language": "en", "Accept": "text/html"}


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
        posts = [post for post in self.posts.values() if start <= post.published_at < end]
        return summary([_seen(post) for post in posts if not post.is_service], Source.PREVIEW)

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


def _seen(post: Post) -> Seen:
    """Whether Telegram rounds or cuts is not known, so the truth may be a whole last digit away."""
    views = Number(post.views.number, Source.PREVIEW, 2 * post.views.precision) if post.views else None
    return Seen(post.id, post.published_at, views)
