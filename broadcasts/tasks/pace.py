"""The pace of one lane: slots of the shared allowance, the learned rate, and this process' own last second."""

import asyncio
from collections import deque

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bots import pacing
from bots.learning import Bounds, Learner
from broadcasts.metrics import LEARNED_SHARE

log = structlog.get_logger(__name__)
SECOND = 1.0


class Pace:
    """What a bot may send, under the name its allowance has in Redis."""

    def __init__(self, redis: Redis, name: str, rate: float, *, reply_share: float) -> None:
        self.redis = redis
        self.name = name
        self.rate = rate
        self.reply_share = reply_share
        least = rate * settings.LEAST_SHARE_OF_RATE
        bounds = Bounds(limit=rate, least=least, slow_seconds=settings.SLOW_ANSWER_SECONDS)
        self.learner = Learner(bounds, rate=rate, now=asyncio.get_running_loop().time())

    async def reserve(self, wanted: int) -> pacing.Slots:
        """Slots; what this process learned is told with the question, what others learned comes back."""
        if self.learner.learn(asyncio.get_running_loop().time()):
            slower = self.learner.rate < self.rate
            await pacing.learn(self.redis, self.name, self.learner.rate if slower else None)
        slots = await pacing.reserve(self.redis, self.name, wanted, self.rate, reply_share=self.reply_share)
        self.learner.rate = slots.learned or self.rate
        LEARNED_SHARE.observe(self.learner.rate / self.rate)
        return slots

    async def close(self, seconds: float) -> None:
        """No process of this bot sends before so many seconds have passed."""
        try:
            await pacing.close_gate(self.redis, self.name, seconds)
        except (RedisError, OSError) as error:  # this lane is silent anyway; without Redis nobody has slots
            log.warning("gate_not_closed", error=type(error).__name__)


class LastSecond:
    """When the last messages left, as many as fit into a second: a late slot may be used, but never as a burst."""

    def __init__(self, rate: float) -> None:
        self.times: deque[float] = deque(maxlen=max(1, int(rate)))

    def earliest(self, slot: float) -> float:
        """The slot's time, or when the oldest of a full second's messages is a second old."""
        full = len(self.times) == self.times.maxlen
        return max(slot, self.times[0] + SECOND) if full else slot

    def sent(self, now: float) -> None:
        self.times.append(now)
