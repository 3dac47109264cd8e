"""A lane: everything one bot sends in a pump, at the bot's pace, shared fairly by its broadcasts."""

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots import pacing
from bots.models import Bot
from broadcasts.gateway import Gateway
from broadcasts.metrics import ANSWER_SECONDS, IN_FLIGHT, LATE_SLOTS
from broadcasts.services.leasing import Pending
from broadcasts.tasks.answers import Answers
from broadcasts.tasks.granter import Granter
from broadcasts.tasks.letter import Letter
from broadcasts.tasks.line import Line
from broadcasts.tasks.recorder import Recorder
from broadcasts.tasks.threads import DatabaseThread

log = structlog.get_logger(__name__)
LEAST_WINDOW = 30
REDIS_PAUSE_SECONDS = 0.5
RECALL_SECONDS = 1.0  # a silence shorter than this is not worth taking grants back
LEAST_LATENESS = 0.005  # seconds: what a busy loop costs anyway
LATENESS_SHARE = 0.25  # of the gap between two slots: later, and two processes together break the rate
TROUBLE_SECONDS = (0.25, 30.0)


@dataclass(frozen=True)
class Shared:
    """What all lanes of a pump share."""

    group: asyncio.TaskGroup
    database: DatabaseThread
    granter: Granter
    recorder: Recorder
    gateway: Gateway
    redis: Redis


class Lane:
    """Reserves slots while somebody is ready, and starts one message in each, its answer not awaited."""

    def __init__(self, bot: Bot, rate: float, shared: Shared) -> None:
        self.bot = bot
        self.rate = rate
        self.shared = shared
        self.answers = Answers(self)
        self.lines: list[Line] = []
        self.letters: dict[tuple[int, str], Letter] = {}
        self.window = asyncio.Semaphore(max(LEAST_WINDOW, math.ceil(2 * rate)))
        self.something = asyncio.Event()
        self.slots_in_hand = 0
        self.owed = 0  # slots of an album that left in one
        self.silent_until = 0.0
        self.troubles = 0
        self.served: dict[int, float] = {}
        self.virtual_time = 0.0

    @property
    def grants_per_line(self) -> int:
        """As many grants as slots reserved ahead, over all lines: few are in doubt after a kill."""
        return max(2, pacing.ahead(self.rate) // max(1, len(self.lines)))

    @property
    def ready(self) -> int:
        """Slots that would be used now."""
        return self.owed + sum(line.sendable * line.cost for line in self.lines)

    @property
    def silent(self) -> bool:
        return asyncio.get_running_loop().time() < self.silent_until

    def look(self) -> None:
        """Somebody may have become ready."""
        self.something.set()

    def add(self, line: Line) -> None:
        self.lines.append(line)
        broadcast_id = line.lease.broadcast.pk
        self.served[broadcast_id] = max(self.virtual_time, self.served.get(broadcast_id, 0.0))

    def remove(self, line: Line) -> None:
        self.lines.remove(line)

    async def run(self) -> None:
        """Sends for as long as the pump lives."""
        loop = asyncio.get_running_loop()
        lateness = max(LEAST_LATENESS, LATENESS_SHARE / self.rate)
        async for at in self._slots():
            if at - loop.time() > 0:
                await asyncio.sleep(at - loop.time())
            if loop.time() - at > lateness:
                LATE_SLOTS.inc()  # used now, it would be a burst
                self.look()
            else:
                await self._use_slot()

    async def _use_slot(self) -> None:
        if self.owed:
            self.owed -= 1
            return
        await self.window.acquire()
        line = None if self.silent else self._fairest()
        if line is None:
            self.window.release()
            self.look()
        else:
            self.owed += line.cost - 1
            self.shared.group.create_task(self._send(line, line.next_ready()))

    async def _send(self, line: Line, pending: Pending) -> None:
        started = asyncio.get_running_loop().time()
        with IN_FLIGHT.track_inprogress():
            answer = await line.send(pending)
        self.window.release()
        ANSWER_SECONDS.observe(asyncio.get_running_loop().time() - started)
        self.answers.meet(line, pending, answer)

    def _fairest(self) -> Line | None:
        """The line whose broadcast has had least for its weight (start-time fair queueing)."""
        now = asyncio.get_running_loop().time()
        sending = [line for line in self.lines if line.sendable and line.valid_until > now]
        if not sending:
            return None
        line = min(sending, key=lambda line: self.served[line.lease.broadcast.pk])
        broadcast_id = line.lease.broadcast.pk
        self.virtual_time = self.served[broadcast_id]
        self.served[broadcast_id] += line.cost / line.weight
        return line

    async def _slots(self) -> AsyncIterator[float]:
        """Times on the loop's clock; the next are reserved while half of the last are still to come."""
        following = asyncio.create_task(self._reserve())
        try:
            while True:
                times = await following
                for index, at in enumerate(times):
                    if index == len(times) // 2:
                        following = asyncio.create_task(self._reserve())
                    self.slots_in_hand -= 1
                    yield at
        finally:
            following.cancel()

    async def _reserve(self) -> list[float]:
        """At least one slot, as soon as somebody is ready who has none."""
        loop = asyncio.get_running_loop()
        while not pacing.ending():
            while self.silent or self.ready <= self.slots_in_hand:
                self.something.clear()
                await self.something.wait()
            try:
                slots = await pacing.reserve(
                    self.shared.redis, self.bot.telegram_id, self.ready - self.slots_in_hand, self.rate
                )
            except (RedisError, OSError) as error:
                log.warning("redis_away", error=type(error).__name__)
                await asyncio.sleep(REDIS_PAUSE_SECONDS)
                continue
            if slots.delays:
                self.slots_in_hand += len(slots.delays)
                return [loop.time() + delay for delay in slots.delays]
            if slots.retry_in > RECALL_SECONDS:
                self.be_silent(slots.retry_in)
            else:
                await asyncio.sleep(slots.retry_in)
        raise asyncio.CancelledError

    def be_silent(self, seconds: float) -> None:
        """Nothing leaves before `seconds` have passed; slots already reserved for that time go unused."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        if until <= self.silent_until:
            return
        self.silent_until = until
        loop.call_at(until + 0.001, self._speak)  # a timer may fire a tick early
        if seconds >= RECALL_SECONDS:
            for line in self.lines:
                line.recall()

    def _speak(self) -> None:
        self.something.set()
        for line in self.lines:
            line.changed.set()

    def trouble(self) -> None:
        """Telegram is not there or not itself: wait longer each time, until an answer is clear again."""
        if not self.silent:
            least, most = TROUBLE_SECONDS
            self.be_silent(min(most, least * 2**self.troubles))
            self.troubles += 1
