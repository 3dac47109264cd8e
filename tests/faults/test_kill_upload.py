"""A pump killed while it brings a file to Telegram: one in doubt, nobody forgotten, the file once more at most."""

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bots.models import Bot
from tests.broadcasts.factories import eventually, make_broadcast, outcomes
from tests.broadcasts.test_on_telegram import post
from tests.broadcasts.test_types_on_telegram import PNG, bot, people, sandbox, stored, telegram, uploads
from tests.faults.pumps import pump_process

__all__ = ["bot", "people", "sandbox", "telegram"]
pytestmark = pytest.mark.django_db(transaction=True)


def accepted(telegram: httpx.Client, bot: Bot) -> list[int]:
    return [entry["chat_id"] for entry in telegram.get(f"/accepted?bot_id={bot.telegram_id}").json()]


def test_killed_before_telegram_could_answer_with_the_id(
    sandbox: str, telegram: httpx.Client, bot: Bot, people: list[int]
) -> None:
    place: Any = SimpleNamespace(url=sandbox)
    post(telegram, "/faults", kind="delay_after_accept", method="sendPhoto", ms=3_000, times=1)
    broadcast = make_broadcast(bot, people, content={"type": "photo", "media_id": stored(bot, PNG).pk})
    with pump_process(place) as first:
        eventually(lambda: accepted(telegram, bot), 30)
        first.kill()
        first.wait()
    with pump_process(place):
        eventually(lambda: len(outcomes(broadcast)) == len(people), 60)
    ends = outcomes(broadcast)
    assert "uncertain" in {outcome for outcome, _ in ends.values()}
    assert {outcome for outcome, _ in ends.values()} <= {"sent", "uncertain"}
    got = accepted(telegram, bot)
    assert len(got) == len(set(got)), "somebody got it twice"
    assert {chat for chat, (outcome, _) in ends.items() if outcome == "sent"} <= set(got)
    assert uploads(telegram, bot, "photo").count(True) <= 2
