"""Days as MTProto tells them: a channel's messages by their ids, which is all that a bot may ask for."""

import asyncio
from datetime import date, datetime

import structlog

from bots.database import database
from bots.models import Bot, Channel, Source
from bots.mtproto import IDS_AT_ONCE, MTProto, Told, Unavailable
from bots.services import statistics
from bots.services.statistics import Found, Number, Seen
from bots.statistics.days import summary

log = structlog.get_logger(__name__)
MOST_BLOCKS = 50
MOST_SECONDS = 60  # for all blocks of one channel: a job's lease is two minutes


class MessagesById:
    """The messages of one channel, read once: up from the last one known, then down to the day asked for."""

    def __init__(self, speaker: MTProto, bot: Bot) -> None:
        self.speaker = speaker
        self.bot = bot
        self.told: dict[int, Told] = {}
        self.lowest: int | None = None  # all ids from here up were read
        self.blocks = 0
        self.is_gone = False
        self.deadline = asyncio.get_running_loop().time() + MOST_SECONDS

    async def day(self, channel: Channel, day: date) -> Found | None:
        if self.is_gone:
            return None
        start, end = statistics.bounds(day)
        try:
            async with asyncio.timeout_at(self.deadline):
                await self._reach(channel, start)
        except (Unavailable, TimeoutError) as error:
            self.is_gone = True
            reason = str(error) or type(error).__name__
            log.warning("mtproto_unavailable", channel=channel.telegram_id, reason=reason)
            return None
        known = await database(statistics.known_posts, channel=channel, day=day)
        if missing := known - self.told.keys():  # deleted, or hidden from us: their views are not zero
            log.info("mtproto_misses_posts", channel=channel.telegram_id, day=str(day), count=len(missing))
            return None
        posts = [told for told in self.told.values() if start <= told.published_at < end]
        return summary([_seen(told) for told in posts if not told.is_service], Source.MTPROTO)

    async def _reach(self, channel: Channel, start: datetime) -> None:
        if self.lowest is None:
            await self._read_newest(channel)
        while self.lowest and self.lowest > 1 and not any(t.published_at < start for t in self.told.values()):
            bottom = max(1, self.lowest - IDS_AT_ONCE)
            await self._read(channel, bottom, self.lowest)
            self.lowest = bottom

    async def _read_newest(self, channel: Channel) -> None:
        """A block without messages is the end: nobody deletes a hundred in a row above one we know."""
        last = await database(statistics.last_known_post, channel=channel)
        if last is None:
            raise Unavailable("no publication is known to begin with")
        bottom = lowest = max(1, last - IDS_AT_ONCE // 2)
        while await self._read(channel, bottom, bottom + IDS_AT_ONCE):
            bottom += IDS_AT_ONCE
        if not self.told:
            raise Unavailable("no message is shown")
        self.lowest = lowest

    async def _read(self, channel: Channel, bottom: int, top: int) -> bool:
        """Asks for the ids from `bottom` to below `top`; whether there were any."""
        if self.blocks == MOST_BLOCKS:
            raise Unavailable("too many messages to the day")
        self.blocks += 1
        found = await self.speaker.messages(self.bot, channel.telegram_id, range(bottom, top))
        self.told |= {told.message_id: told for told in found}
        return bool(found)


def _seen(told: Told) -> Seen:
    views = None if told.views is None else Number(told.views, Source.MTPROTO)
    return Seen(told.message_id, told.published_at, views, told.album)
