"""A pump killed in the middle: nobody is lost in silence, nobody is sent to twice in silence."""

import signal
from collections import Counter
from dataclasses import dataclass

import pytest

from bots import pacing
from bots.models import Bot
from broadcasts.models import Broadcast
from tests.broadcasts.factories import chats, eventually, make_bot, make_broadcast, outcomes, pump
from tests.broadcasts.server import Server
from tests.faults.pumps import pump_process

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
LATENCY = 0.05
UNWRITTEN = 0.2  # seconds of sending whose results a kill may find not written yet


def is_over(broadcast: Broadcast) -> bool:
    broadcast.refresh_from_db()
    return broadcast.status == Broadcast.Status.COMPLETED


@dataclass
class Ended:
    """What was recorded and what was really accepted of one broadcast."""

    recorded: dict[int, tuple[str, str]]
    accepted: Counter[int]


@pytest.fixture(params=[(30, 45, [15, 60]), (500, 1200, [300, 1200])], ids=["30 a second", "500 a second"])
def ended(request: pytest.FixtureRequest, bot: Bot, server: Server) -> dict[str, Ended]:
    """Two bots with a broadcast each, one per policy, sent by pumps that are killed one after another."""
    rate, number, kill_at = request.param
    server.latency = LATENCY
    skipping = make_broadcast(bot, chats(number))
    other = make_bot(bot.account)
    resending = make_broadcast(other, chats(number), uncertain_policy="resend_once")
    for total in kill_at:
        with pump_process(server, rate=rate, lease_seconds=1) as process:
            eventually(lambda total=total: len(server.accepted) >= total)
            process.send_signal(signal.SIGKILL)
    eventually(lambda: pump(rate=1000, lease_seconds=1) or (is_over(skipping) and is_over(resending)))
    return {
        "skip": Ended(outcomes(skipping), server.times_accepted(bot.telegram_id)),
        "resend": Ended(outcomes(resending), server.times_accepted(other.telegram_id)),
        "limit": (number, len(kill_at) * (pacing.ahead(rate) + rate * (LATENCY + UNWRITTEN))),
    }


def test_kills_leave_doubts_but_no_silence(ended: dict[str, Ended]) -> None:
    number, most_in_doubt = ended["limit"]
    skip, resend = ended["skip"], ended["resend"]

    assert set(skip.recorded) == set(resend.recorded) == set(chats(number))
    assert max(skip.accepted.values()) == 1
    for chat, (outcome, _) in skip.recorded.items():
        assert skip.accepted[chat] == 1 or outcome == "uncertain"
    assert sum(outcome == "uncertain" for outcome, _ in skip.recorded.values()) <= most_in_doubt

    assert max(resend.accepted.values()) <= 2
    for chat, (outcome, kind) in resend.recorded.items():
        assert resend.accepted[chat] >= 1 or outcome == "uncertain"
        assert resend.accepted[chat] <= 1 or kind in ("resent", "interrupted")


def test_a_frozen_pump_that_wakes_up_after_its_lease_sends_nothing_twice(bot: Bot, server: Server) -> None:
    broadcast = make_broadcast(bot, chats(900))
    with pump_process(server, rate=300, lease_seconds=1) as process:
        eventually(lambda: len(server.accepted) >= 200)
        process.send_signal(signal.SIGSTOP)
        eventually(lambda: pump(rate=1000, lease_seconds=1) or is_over(broadcast))
        process.send_signal(signal.SIGCONT)
        process.wait(timeout=20)
    assert max(server.times_accepted().values()) == 1
    assert set(outcomes(broadcast)) == set(chats(900))
