"""A lane: everything one bot sends in a pump, at the bot's pace, shared fairly by its broadcasts."""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots import pacing
from bots.chats import Intervals
from bots.floods import Flood, Floods, Scope, Window
from bots.models import Bot
from broadcasts.fairness import FairQueue
from broadcasts.gateway import Gateway
from broadcasts.metrics import ANSWER_SECONDS, IN_FLIGHT, LATE_SLOTS, SLOT_LAG
from broadcasts.models import Broadcast
from broadcasts.services.leasing import Pending
from broadcasts.tasks.answers import Answers
from broadcasts.tasks.change import Change
from broadcasts.tasks.chats import Chats, Marks
from broadcasts.tasks.granter import Granter
from broadcasts.tasks.letter import Letter
from broadcasts.tasks.line import Line
from broadcasts.tasks.pace import LastSecond, Pace
from broadcasts.tasks.recorder import Recorder
from broadcasts.tasks.threads import DatabaseThread

log = structlog.get_logger(__name__)
WINDOW = (30, 2_000)  # messages in the air, of one bot
FIRST_WINDOW = 250  # each is a connection; more are opened when answers take long
REDIS_PAUSE_SECONDS = 0.5
RECALL_SECONDS = 1.0  # a silence shorter than this is not worth taking grants back
EARLY_SECONDS = 0.001  # not worth a timer of its own
JITTER_SECONDS = 0.012  # what leaves within a second may arrive in that much less, and arrivals are counted
LATE_SECONDS = 0.1  # a slot missed by more is lost: this process cannot keep up
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
    marks: Marks


class Sent(NamedTuple):
    """When an answer came, how long it took, and when its chat was written to before, on the loop's clock."""

    at: float
    took: float
    served_at: float | None


class Lane:
    """Reserves slots while somebody is ready, and starts one message in each, its answer not awaited."""

    def __init__(self, bot: Bot, rate: float, shared: Shared, *, paid: bool = False) -> None:
        self.bot = bot
        self.rate = rate
        self.shared = shared
        name = f"{bot.telegram_id}:paid" if paid else str(bot.telegram_id)
        spaced = rate / (1 + JITTER_SECONDS)
        self.pace = Pace(shared.redis, name, spaced, reply_share=0 if paid else settings.REPLIES_SHARE)
        self.answers = Answers(self)
        self.lines: list[Line] = []
        self.letters: dict[tuple[int, str], Letter | Change] = {}
        self.of_broadcast: Counter[int] = Counter()
        self.queue: FairQueue[int] = FairQueue()
        intervals = Intervals.of(
            per_second_in_private=settings.MESSAGES_PER_SECOND_PER_CHAT,
            per_minute_in_groups=settings.MESSAGES_PER_MINUTE_PER_GROUP,
        )
        self.chats = Chats(bot.telegram_id, intervals, shared.marks)
        self.floods = Floods()
        self.window = Window(int(min(max(WINDOW[0], 2 * rate), WINDOW[1])), first=FIRST_WINDOW)
        self.in_flight = 0
        self.landed = asyncio.Event()
        self.something = asyncio.Event()
        self.slots_in_hand = 0
        self.owed = 0  # slots of an album that left in one
        self.silent_until = 0.0
        self.troubles = 0
        self.last_second = LastSecond(rate)
        self.late_at = -1.0

    def grants_of(self, line: Line) -> int:
        """As many grants as slots reserved ahead, shared as the slots are: few are in doubt after a kill."""
        share = self.queue.share(line.broadcast_id) / self.of_broadcast[line.broadcast_id]
        return max(2, math.ceil(pacing.ahead(self.rate) * share))

    @property
    def ready(self) -> int:
        """Slots that would be used now."""
        return self.owed + sum(line.sendable * line.cost for line in self.lines)

    @property
    def silent(self) -> bool:
        return asyncio.get_running_loop().time() < self.silent_until

    @property
    def late(self) -> bool:
        """Whether this process could not keep up just now: then slow answers are its own fault."""
        return asyncio.get_running_loop().time() - self.late_at < 1

    def look(self) -> None:
        """Somebody may have become ready."""
        self.something.set()

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.of_broadcast[line.broadcast_id] += 1
        if self.of_broadcast[line.broadcast_id] == 1:
            self.queue.join(line.broadcast_id, Broadcast.WEIGHTS[line.lease.broadcast.priority])

    def remove(self, line: Line) -> None:
        self.lines.remove(line)
        self.of_broadcast[line.broadcast_id] -= 1
        if not self.of_broadcast[line.broadcast_id]:
            self.queue.leave(line.broadcast_id)

    async def run(self) -> None:
        """Sends for as long as the pump lives."""
        loop = asyncio.get_running_loop()
        async for slot in self._slots():
            wait = self.last_second.earliest(slot) - loop.time()
            if wait > EARLY_SECONDS:
                await asyncio.sleep(wait)
            late = loop.time() - slot
            SLOT_LAG.observe(max(0.0, late))
            if late > LATE_SECONDS:
                self.late_at = loop.time()
                LATE_SLOTS.inc()
                self.look()
            else:
                await self._use_slot()

    async def _use_slot(self) -> None:
        if self.owed:
            self.owed -= 1
            return
        while self.in_flight >= self.window.size:
            self.landed.clear()
            await self.landed.wait()
        line = None if self.silent else self._fairest()
        if line is None:
            self.look()
            return
        self.owed += line.cost - 1
        self.in_flight += 1
        pending = line.next_ready()
        if pending.attempt == 1:
            self.last_second.sent(asyncio.get_running_loop().time())
        self.shared.group.create_task(self._send(line, pending))

    async def _room(self) -> None:
        """After a grant that took its time, as when PostgreSQL was away: many of them together are no burst."""
        loop = asyncio.get_running_loop()
        while (wait := self.last_second.earliest(loop.time()) - loop.time()) > 0:
            await asyncio.sleep(wait)
        self.last_second.sent(loop.time())

    async def _send(self, line: Line, pending: Pending) -> None:
        loop = asyncio.get_running_loop()
        if pending.attempt > 1:
            if not await line.granted_now(pending):
                self._land()
                return
            await self._room()
        served_at = self.chats.serve(pending.to, line.cost)
        started = loop.time()
        with IN_FLIGHT.track_inprogress():
            answer = await line.send(pending)
        now = loop.time()
        ANSWER_SECONDS.observe(now - started)
        self._land()
        self.answers.meet(line, pending, answer, Sent(now, now - started, served_at))

    def _land(self) -> None:
        self.in_flight -= 1
        self.landed.set()

    def _fairest(self) -> Line | None:
        """A line of the broadcast whose turn it is."""
        now = asyncio.get_running_loop().time()
        lines: dict[int, Line] = {}
        for line in self.lines:
            if line.sendable and line.valid_until > now:
                lines.setdefault(line.broadcast_id, line)
        flow = self.queue.take(lines)
        if flow is None:
            return None
        if lines[flow].cost > 1:
            self.queue.charge(flow, lines[flow].cost - 1)
        return lines[flow]

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
                slots = await self.pace.reserve(self.ready - self.slots_in_hand)
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

    def judge(self, chat_id: int, seconds: float, sent: "Sent") -> Scope:
        """Whom a 429 means; what follows for the pace, the chat or the messages in the air follows at once."""
        flood = Flood(
            sent.at, chat_id, seconds, sent.took, self.in_flight + 1, self.window.size, sent.served_at
        )
        scope = self.floods.judge(flood)
        if scope is Scope.BOT:
            self.pace.learner.refused(sent.at)
            self.be_silent(seconds)
            self.shared.group.create_task(self.pace.close(seconds))
        else:
            self.chats.close(chat_id, seconds)
        if scope is Scope.SERVER:
            self.window.halve()
        return scope

    def clean(self, seconds: float | None) -> None:
        """Telegram answered as it should, after so long; None when that says nothing of its patience."""
        self.troubles = 0
        self.window.grow(self.in_flight)
        if seconds is not None and not self.late:
            self.pace.learner.answered(seconds)

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
