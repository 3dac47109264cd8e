"""The sources of a channel's statistics, asked in order: MTProto, the public preview page, Telegram's updates."""

from collections.abc import Sequence
from datetime import date

import aiohttp

from bots import mtproto
from bots.models import Bot, Channel
from bots.services.statistics import Found
from bots.statistics.by_id import MessagesById
from bots.statistics.days import DayFinder, Updates
from bots.statistics.pages import HEADERS, PAGE_SECONDS, PreviewPages


async def find_days(channel: Channel, days: Sequence[date], bot: Bot | None) -> dict[date, Found]:
    """Each number from the first source that tells it. `bot`: one that is in the channel."""
    limit = aiohttp.ClientTimeout(total=PAGE_SECONDS)
    async with aiohttp.ClientSession(timeout=limit, headers=HEADERS) as http:
        sources: list[DayFinder] = [PreviewPages(http), Updates()]
        if bot and (speaker := mtproto.source()):
            sources.insert(0, MessagesById(speaker, bot))
        return {day: await _find(sources, channel, day) for day in days}


async def _find(sources: Sequence[DayFinder], channel: Channel, day: date) -> Found:
    best = Found()
    for source in sources:
        if best.posts and best.views:
            break
        if told := await source.day(channel, day):
            best = Found(best.posts or told.posts, best.views or told.views, None, (*best.seen, *told.seen))
    return best
