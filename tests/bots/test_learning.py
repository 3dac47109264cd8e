"""The learned rate against a server that keeps its limit secret."""

import heapq
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st

from bots.learning import Bounds, Learner

LIMIT = 30.0
BOUNDS = Bounds(limit=LIMIT, least=3.0, slow_seconds=1.0)
ABSORBED_SECONDS = 8.0  # what Telegram swallows before it says 429
LATENCY = 0.05


@dataclass
class Telegram:
    """Serves `rate` messages a second, one after another, and refuses who would wait too long."""

    rate: float
    busy_until: float = 0.0
    floods: list[float] = field(default_factory=list)

    def take(self, now: float) -> tuple[float, bool]:
        """(seconds until the answer, whether it is a success)."""
        waits = max(0.0, self.busy_until - now)
        if waits > ABSORBED_SECONDS:
            self.floods.append(now)
            return LATENCY, False
        self.busy_until = max(self.busy_until, now) + 1 / self.rate
        return LATENCY + waits, True


@dataclass
class Run:
    """One bot sending at its learned rate for a while."""

    telegram: Telegram
    sent: int = 0
    rates: list[float] = field(default_factory=list)

    def last(self, seconds: float, rate: float = LIMIT) -> "Run":
        learner, now, silent_until = Learner(BOUNDS, rate=rate, now=0.0), 0.0, 0.0
        answers: list[tuple[float, float, bool]] = []
        while now < seconds:
            while answers and answers[0][0] <= now:
                at, took, clean = heapq.heappop(answers)
                if clean:
                    learner.answered(took)
                else:
                    learner.refused(now)
                    silent_until = max(silent_until, at + 3)
            learner.learn(now)
            if now >= silent_until:
                took, clean = self.telegram.take(now)
                self.sent += clean
                heapq.heappush(answers, (now + took, took, clean))
            self.rates.append(learner.rate)
            now += 1 / learner.rate
        return self


@given(st.floats(4, 60), st.floats(1, 100))
@run(max_examples=25, deadline=None)
def test_it_finds_the_secret_limit_and_stays_under_its_own(secret: float, start: float) -> None:
    ran = Run(Telegram(secret)).last(400, rate=start)
    assert max(ran.rates) <= LIMIT
    assert ran.sent >= 0.75 * 400 * min(secret, LIMIT) - 8 * LIMIT  # it uses what it is given
    assert not [at for at in ran.telegram.floods if at > 60]  # and is not refused once it has learned


def test_a_server_that_allows_the_limit_is_used_to_the_limit() -> None:
    ran = Run(Telegram(40)).last(60)
    assert set(ran.rates) == {LIMIT}


def test_slow_answers_slow_the_bot_before_any_refusal() -> None:
    ran = Run(Telegram(20)).last(120)
    assert not ran.telegram.floods
    assert min(ran.rates) < 20


def test_a_flood_falls_once_however_many_were_in_the_air() -> None:
    learner = Learner(BOUNDS, rate=LIMIT, now=0.0)
    for index in range(50):
        learner.refused(0.01 * index)
        learner.learn(0.01 * index)
    assert learner.rate == 21.0


def test_the_rise_is_slow() -> None:
    learner = Learner(BOUNDS, rate=10, now=0.0)
    for second in range(1, 11):
        for _ in range(10):
            learner.answered(0.05)
        learner.learn(float(second))
    assert 12 <= learner.rate <= 14


def test_one_slow_answer_among_many_is_no_verdict_and_silence_changes_nothing() -> None:
    learner = Learner(BOUNDS, rate=20, now=0.0)
    for took in (3.0, *[0.05] * 29):
        learner.answered(took)
    learner.learn(1.0)
    assert learner.rate > 20
    rate = learner.rate
    assert not learner.learn(5.0)
    assert learner.rate == rate
