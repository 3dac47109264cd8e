"""A pump slice: for up to a minute, many bots' broadcasts on one event loop; then it ends and another begins.

It may be killed anywhere: what it granted is written, what it has not granted nobody has sent.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from django.conf import settings
from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from bots import pacing
from broadcasts.gateway import Gateway
from broadcasts.metrics import LOST_LEASES
from broadcasts.services import lanes, leasing, upkeep
from broadcasts.services.leasing import LANE_SHARE, Lease
from broadcasts.tasks.chats import Marks
from broadcasts.tasks.granter import Granter
from broadcasts.tasks.lane import Lane, Shared
from broadcasts.tasks.letter import letter_of
from broadcasts.tasks.line import Line
from broadcasts.tasks.recorder import Recorder
from broadcasts.tasks.threads import DatabaseThread

log = structlog.get_logger(__name__)
VALID_SHARE = 0.8  # of a lease: the rest is for a message already on its way
LEAST_REST = 100
LOOK_SECONDS = 0.5
UPKEEP_SECONDS = 2.0
REDIS_CONNECTIONS = 8


@dataclass(frozen=True)
class Options:
    """How a slice works; tests shorten what an operator would wait for."""

    rate: float = field(default_factory=lambda: settings.MESSAGES_PER_SECOND_PER_BOT)
    paid_rate: float = field(default_factory=lambda: settings.PAID_MESSAGES_PER_SECOND)
    slice_seconds: float = 50
    lease_seconds: float = field(default_factory=lambda: 20 * settings.LEASE_SCALE)
    gather_seconds: float = 0.05
    patience_seconds: float = 60


class Slice:
    def __init__(self, options: Options, *, stopping: Callable[[], bool] = lambda: False) -> None:
        self.options = options
        self.stopping = stopping
        self.name = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(6)}"
        self.lanes: dict[tuple[int, bool], Lane] = {}
        self.senders: list[asyncio.Task[None]] = []
        self.hungry = asyncio.Event()

    @property
    def lines(self) -> list[Line]:
        return [line for lane in self.lanes.values() for line in lane.lines]

    async def run(self) -> bool:
        """Takes, delivers and gives back until nothing is due or its time is over: then there is more to do."""
        leases = DatabaseThread("leases", patience_seconds=self.options.patience_seconds)
        writes = DatabaseThread("writes", patience_seconds=self.options.patience_seconds)
        gateway = Gateway()
        pool = BlockingConnectionPool.from_url(
            settings.REDIS_URL, max_connections=REDIS_CONNECTIONS, decode_responses=True, socket_timeout=3
        )
        redis = Redis.from_pool(pool)
        try:
            async with asyncio.TaskGroup() as group:
                recorder = Recorder(writes, gather_seconds=self.options.gather_seconds)
                marks = Marks(redis)
                shared = Shared(group, leases, Granter(writes), recorder, gateway, redis, marks)
                services = [
                    recorder.run(),
                    marks.run(),
                    self._renew(leases),
                    self._listen(redis),
                    self._keep_up(leases),
                ]
                running = [group.create_task(service) for service in services]
                more = await self._deliver(shared)
                for task in [*running, *self.senders]:
                    task.cancel()
            return more
        finally:
            await leases.run(lanes.release, pump=self.name)
            await gateway.close()
            await redis.aclose()
            await leases.close()
            await writes.close()

    async def _deliver(self, shared: Shared) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + self.options.slice_seconds
        while loop.time() < end and not self.stopping():
            taken = await self._take(shared)
            if not taken and not self.lines:
                return False
            await self._until_hungry(LOOK_SECONDS)
        for line in self.lines:
            line.close()
        while self.lines:
            await self._until_hungry(LOOK_SECONDS)
        return True

    async def _until_hungry(self, seconds: float) -> None:
        self.hungry.clear()
        try:
            async with asyncio.timeout(seconds):
                await self.hungry.wait()
        except TimeoutError:
            return

    async def _take(self, shared: Shared) -> int:
        asked_at = asyncio.get_running_loop().time()
        seconds = self.options.lease_seconds
        taken = await shared.database.run(leasing.take, pump=self.name, seconds=seconds, full=self._full())
        if any(lease.is_first_of_many for lease in taken):
            await shared.database.run(leasing.analyze)
        for lease in taken:
            self._open(lease, shared, valid_until=asked_at + VALID_SHARE * seconds)
        return len(taken)

    def _full(self) -> list[int]:
        """Broadcasts of which enough is at hand."""
        rests: dict[int, int] = {}
        for line in self.lines:
            rests[line.lease.broadcast.pk] = rests.get(line.lease.broadcast.pk, 0) + len(line.rest)
        return [broadcast_id for broadcast_id, rest in rests.items() if rest >= self._least_rest()]

    def _least_rest(self) -> float:
        return max(LEAST_REST, self.options.rate / 2)

    def _open(self, lease: Lease, shared: Shared, *, valid_until: float) -> None:
        bot = lease.broadcast.bot
        lane = self.lanes.get((bot.pk, lease.paid))
        if lane is None:
            rate = self.options.paid_rate if lease.paid else self.options.rate
            lane = self.lanes[bot.pk, lease.paid] = Lane(bot, rate, shared, paid=lease.paid)
            self.senders.append(shared.group.create_task(lane.run()))
        line = Line(lease, lane, letter_of(lane, lease), valid_until=valid_until)
        lane.add(line)
        shared.group.create_task(self._follow(line, shared))

    async def _follow(self, line: Line, shared: Shared) -> None:
        """The chunk is done when everybody has a result, and given back when the line was closed."""
        await line.run()
        lease = line.lease
        if line.closing or line.spent:
            await shared.database.run(leasing.release, chunk_id=lease.chunk_id, epoch=lease.epoch)
        else:
            await shared.database.run(
                leasing.finish, broadcast_id=lease.broadcast.pk, chunk_id=lease.chunk_id, epoch=lease.epoch
            )
        line.lane.remove(line)
        self.hungry.set()

    async def _renew(self, database: DatabaseThread) -> None:
        """Keeps the leases of living lines; a line whose lease is not certain sends nothing."""
        loop = asyncio.get_running_loop()
        seconds = self.options.lease_seconds
        while True:
            await asyncio.sleep(seconds / 4)
            asked_at, lines = loop.time(), self.lines
            serving = {lane.bot.pk for lane in self.lanes.values() if lane.lines}
            await database.run(lanes.renew, pump=self.name, seconds=seconds * LANE_SHARE, bots=serving)
            kept = await database.run(
                leasing.renew,
                pump=self.name,
                seconds=seconds,
                chunk_ids=[line.lease.chunk_id for line in lines],
            )
            for line in lines:
                if line.lease.chunk_id in kept:
                    line.valid_until = asked_at + VALID_SHARE * seconds
                elif line in line.lane.lines and not line.closing:
                    LOST_LEASES.inc()
                    line.close()

    async def _keep_up(self, database: DatabaseThread) -> None:
        """A slice lasts longer than schedules, tokens and budgets stay as they were."""
        while True:
            await asyncio.sleep(UPKEEP_SECONDS)
            await database.run(upkeep.keep_up)

    async def _listen(self, redis: Redis) -> None:
        """Another process of the same bot was told to wait: its slots here are void too."""
        while not pacing.ending():
            try:
                async for name, seconds in pacing.closures(redis):
                    for lane in self.lanes.values():
                        if lane.pace.name == name:
                            lane.be_silent(seconds)
            except (RedisError, OSError) as error:
                log.warning("redis_away", error=type(error).__name__)
                await asyncio.sleep(LOOK_SECONDS)
