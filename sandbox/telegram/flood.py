"""Flood control: token buckets per bot, per chat and per group minute, off until asked for."""

import math
import secrets
from dataclasses import dataclass

from sandbox.telegram.errors import too_many_requests
from sandbox.telegram.models import JSON, Bot
from sandbox.telegram.world import World

DEFAULTS: JSON = {
    "enabled": False,
    "per_bot": 30.0,
    "per_chat": 1.0,
    "per_group_minute": 20.0,
    "hostile": False,
}
CHAT_BURST = 3.0
PAID_PER_SECOND = 1000.0
HOSTILE_SECONDS = 60
HOSTILE_OCCASION = 3600


@dataclass(slots=True)
class Bucket:
    tokens: float
    at: float

    def seconds_short(self, now: float, rate: float, burst: float) -> float:
        """Refills, and tells how long until one token is there (0: now)."""
        self.tokens = min(burst, self.tokens + (now - self.at) * rate)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / rate


class FloodControl:
    def __init__(self, world: World) -> None:
        self._world = world
        self._buckets: dict[tuple[str, int, int], Bucket] = {}

    @property
    def limits(self) -> JSON:
        return DEFAULTS | self._world.limits

    def forget(self) -> None:
        self._buckets.clear()

    def check(self, bot: Bot, chat_id: int, *, paid: bool) -> None:
        """Takes one token from every bucket of the call, or refuses it and takes none."""
        limits = self.limits
        if not limits["enabled"]:
            return
        per_bot = PAID_PER_SECOND if paid else float(limits["per_bot"])
        rules = [(("bot", bot.id, 0), per_bot, max(1.0, per_bot))]
        if chat_id < 0:
            minute = float(limits["per_group_minute"])
            rules.append((("group", bot.id, chat_id), minute / 60, max(1.0, minute)))
        else:
            per_chat = float(limits["per_chat"])
            rules.append((("chat", bot.id, chat_id), per_chat, max(1.0, CHAT_BURST * per_chat)))
        self._take([rule for rule in rules if rule[1] > 0])

    def _take(self, rules: list[tuple[tuple[str, int, int], float, float]]) -> None:
        now = self._world.clock.now()
        buckets = [self._buckets.setdefault(key, Bucket(burst, now)) for key, _, burst in rules]
        short = max(
            (
                bucket.seconds_short(now, rate, burst)
                for bucket, (_, rate, burst) in zip(buckets, rules, strict=True)
            ),
            default=0.0,
        )
        if short > 0:
            raise too_many_requests(self._retry_after(short))
        for bucket in buckets:
            bucket.tokens -= 1

    def _retry_after(self, short: float) -> int:
        if not self.limits["hostile"]:
            return math.ceil(short)
        if secrets.randbelow(20) == 0:
            return HOSTILE_OCCASION
        return 1 + secrets.randbelow(HOSTILE_SECONDS)
