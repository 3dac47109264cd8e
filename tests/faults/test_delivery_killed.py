"""A pump killed in the middle: nobody is lost in silence, nobody is sent to twice in silence."""

import signal

import pytest

from bots import pacing
from bots.models import Bot
from broadcasts.models import Broadcast
from tests.broadcasts.factories import chats, eventually, make_broadcast, outcomes, pump
from tests.broadcasts.server import Server
from tests.faults.pumps import pump_process

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
LATENCY = 0.05
IN_FLIGHT = 0.2  # seconds of sending that a kill may find on their way, with their results not yet written


def delivered_with_kills(server: Server, broadcast: Broadcast, *, rate: float, kill_at: list[int]) -> None:
    """Pumps one after another, each killed when that many messages were accepted in all; the last may finish."""
    server.latency = LATENCY
    for number in kill_at:
        with pump_process(server, rate=rate) as process:
            eventually(lambda number=number: len(server.accepted) >= number)
            process.send_signal(signal.SIGKILL)
    eventually(lambda: pump(rate=rate, lease_seconds=2) or is_over(broadcast))


def is_over(broadcast: Broadcast) -> bool:
    broadcast.refresh_from_db()
    return broadcast.status == Broadcast.Status.COMPLETED


SPEEDS = [(30, 70, [12, 40]), (500, 2000, [300, 1100])]


@pytest.mark.parametrize(("rate", "number", "kill_at"), SPEEDS)
def test_kills_leave_doubts_but_no_repeats(
    bot: Bot, server: Server, rate: int, number: int, kill_at: list[int]
) -> None:
    broadcast = make_broadcast(bot, chats(number))
    delivered_with_kills(server, broadcast, rate=rate, kill_at=kill_at)
    accepted, recorded = server.times_accepted(), outcomes(broadcast)
    assert set(recorded) == set(chats(number))
    assert max(accepted.values()) == 1
    assert all(accepted[chat] == 1 for chat, (outcome, _) in recorded.items() if outcome == "sent")
    uncertain = [chat for chat, (outcome, _) in recorded.items() if outcome == "uncertain"]
    assert len(uncertain) <= len(kill_at) * (pacing.ahead(rate) + rate * (LATENCY + IN_FLIGHT))


@pytest.mark.parametrize(("rate", "number", "kill_at"), SPEEDS)
def test_winners_are_never_lost_and_a_repeat_is_flagged(
    bot: Bot, server: Server, rate: int, number: int, kill_at: list[int]
) -> None:
    broadcast = make_broadcast(bot, chats(number), uncertain_policy="resend_once")
    delivered_with_kills(server, broadcast, rate=rate, kill_at=kill_at)
    accepted, recorded = server.times_accepted(), outcomes(broadcast)
    assert set(recorded) == set(chats(number))
    assert max(accepted.values()) <= 2
    for chat, (outcome, kind) in recorded.items():
        assert accepted[chat] >= 1 or outcome == "uncertain"
        assert accepted[chat] == 1 or kind in ("resent", "interrupted")


def test_a_frozen_pump_that_wakes_up_after_its_lease_sends_nothing_twice(bot: Bot, server: Server) -> None:
    broadcast = make_broadcast(bot, chats(900))
    with pump_process(server, rate=300) as process:
        eventually(lambda: len(server.accepted) >= 200)
        process.send_signal(signal.SIGSTOP)
        eventually(lambda: pump(rate=1000, lease_seconds=2) or is_over(broadcast))
        process.send_signal(signal.SIGCONT)
        process.wait(timeout=20)
    assert max(server.times_accepted().values()) == 1
    assert set(outcomes(broadcast)) == set(chats(900))
