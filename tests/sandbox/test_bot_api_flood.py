"""Flood control: per bot, per chat and per group minute, with the time to wait in body and header."""

import pytest

from sandbox.telegram.clock import Clock
from sandbox.telegram.errors import BotApiError
from sandbox.telegram.flood import FloodControl
from sandbox.telegram.models import Bot
from sandbox.telegram.world import World
from tests.sandbox.conftest import ActingBot, Stage


class FrozenClock(Clock):
    """Stands still until it is advanced."""

    def now(self) -> float:
        return 1_000_000.0 + self.ahead_seconds


@pytest.fixture
def world() -> World:
    world = World()
    world.clock = FrozenClock()
    return world


BOT = Bot(7, "7:x", "b", "B")


def sent(control: FloodControl, chat_ids: list[int], *, paid: bool = False) -> tuple[int, int]:
    """How many of the messages pass, and the seconds to wait that the first refused one is told."""
    for number, chat_id in enumerate(chat_ids):
        try:
            control.check(BOT, chat_id, paid=paid)
        except BotApiError as refused:
            return number, int((refused.parameters or {})["retry_after"])
    return len(chat_ids), 0


def test_nothing_is_limited_until_asked(world: World) -> None:
    assert sent(FloodControl(world), [1] * 1000) == (1000, 0)


def test_a_bot_sends_thirty_a_second_and_a_thousand_when_it_pays(world: World) -> None:
    world.keep_limits({"enabled": True})
    control = FloodControl(world)
    people = list(range(1, 3000))
    assert sent(control, people) == (30, 1)
    world.clock.advance(1)
    assert sent(control, people) == (30, 1)
    assert sent(FloodControl(world), people, paid=True) == (1000, 1)


def test_a_private_chat_takes_a_burst_of_three_then_one_a_second(world: World) -> None:
    world.keep_limits({"enabled": True})
    control = FloodControl(world)
    assert sent(control, [1] * 5) == (3, 1)
    world.clock.advance(1)
    assert sent(control, [1] * 5) == (1, 1)


def test_a_channel_takes_twenty_a_minute(world: World) -> None:
    world.keep_limits({"enabled": True})
    control = FloodControl(world)
    assert sent(control, [-100] * 30) == (20, 3)
    world.clock.advance(60)
    assert sent(control, [-100] * 30) == (20, 3)


def test_a_hostile_server_asks_for_anything(world: World) -> None:
    world.keep_limits({"enabled": True, "hostile": True, "per_chat": 1})
    waits = {sent(FloodControl(world), [1] * 5)[1] for _ in range(200)}
    assert len(waits) > 5 and waits <= {*range(1, 61), 3600}


def test_the_wait_is_told_in_the_body_and_in_the_header(stage: Stage, bot: ActingBot, ann: int) -> None:
    stage.start(ann, bot)
    stage.put("/limits", enabled=True, per_chat=0.1)
    answers = [bot.ask("sendMessage", chat_id=ann, text=str(number)) for number in range(2)]
    refused = answers[-1]
    wait = refused.json()["parameters"]["retry_after"]
    assert refused.json() == {
        "ok": False,
        "error_code": 429,
        "description": f"Too Many Requests: retry after {wait}",
        "parameters": {"retry_after": wait},
    }
    assert refused.headers["Retry-After"] == str(wait)
    assert 8 <= wait <= 10
    assert len(stage.get(f"/accepted?bot_id={bot.id}")) == 1


def test_failed_calls_count_too(stage: Stage, bot: ActingBot, ann: int) -> None:
    stage.start(ann, bot)
    stage.put("/limits", enabled=True, per_chat=0.1)
    assert bot.refusal("sendMessage", chat_id=ann, text="")[0] == 400
    assert bot.refusal("sendMessage", chat_id=ann, text="")[0] == 429
