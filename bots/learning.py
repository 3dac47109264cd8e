"""How fast Telegram lets a bot speak, learned from its answers: a slow rise, a quick fall. Pure.

Telegram says nothing of its limits until they are broken, and absorbs the first seconds of an excess in
silence: its answers then take longer. So a slow success is a warning, a 429 of the bot a verdict.
"""

from dataclasses import dataclass

PERIOD_SECONDS = 1.0
RISE = 0.01  # of the limit, a second
FALL_WHEN_SLOW = 0.9
FALL_WHEN_FLOODED = 0.7
FLOOD_PERIODS = 2
SLOW_SHARE = 0.1  # of a period's answers: a single slow one may be anything


@dataclass(frozen=True)
class Bounds:
    """The configured limit is never exceeded; below `least` a bot is not slowed. Messages per second."""

    limit: float
    least: float
    slow_seconds: float


class Learner:
    """Counts the answers of a period and moves the rate once in each."""

    def __init__(self, bounds: Bounds, *, rate: float, now: float) -> None:
        self.bounds = bounds
        self.rate = within(bounds, rate)
        self.period_ends = now + PERIOD_SECONDS
        self.answers = self.slow = 0
        self.flooded = False
        self.deaf_until = now  # after a flood, to the refusals of what was already in the air

    def answered(self, seconds: float) -> None:
        """A success that took so long."""
        self.answers += 1
        self.slow += seconds >= self.bounds.slow_seconds

    def refused(self, now: float) -> None:
        """A 429 meant for the whole bot; many at once are one."""
        self.flooded = self.flooded or now >= self.deaf_until

    def learn(self, now: float) -> bool:
        """Ends the period when it is over; whether the rate changed."""
        if now < self.period_ends and not self.flooded:
            return False
        periods = 1 + max(0.0, now - self.period_ends) / PERIOD_SECONDS
        before, self.rate = self.rate, self._next(min(periods, 2))
        self.period_ends = now + PERIOD_SECONDS
        if self.flooded:
            self.period_ends = self.deaf_until = now + FLOOD_PERIODS * PERIOD_SECONDS
        self.answers = self.slow = 0
        self.flooded = False
        return self.rate != before

    def _next(self, periods: float) -> float:
        if self.flooded:
            return within(self.bounds, self.rate * FALL_WHEN_FLOODED)
        if self.slow > SLOW_SHARE * self.answers:
            return within(self.bounds, self.rate * FALL_WHEN_SLOW)
        if self.answers:
            return within(self.bounds, self.rate + RISE * self.bounds.limit * periods)
        return self.rate


def within(bounds: Bounds, rate: float) -> float:
    return min(bounds.limit, max(bounds.least, rate))
