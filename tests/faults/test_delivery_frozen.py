"""A pump frozen beyond its lease: it wakes up into a world that went on without it. Kills: test_campaign.py."""

import signal

import pytest

from bots.models import Bot
from broadcasts.models import Broadcast
from tests.broadcasts.factories import chats, eventually, make_broadcast, outcomes, pump
from tests.broadcasts.server import Server
from tests.faults.pumps import pump_process

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


def is_over(broadcast: Broadcast) -> bool:
    broadcast.refresh_from_db()
    return broadcast.status == Broadcast.Status.COMPLETED


def test_a_frozen_pump_that_wakes_up_after_its_lease_sends_nothing_twice(bot: Bot, server: Server) -> None:
    broadcast = make_broadcast(bot, chats(900))
    with pump_process(server, rate=300, lease_seconds=1) as process:
        eventually(lambda: len(server.accepted) >= 200, 60)
        process.send_signal(signal.SIGSTOP)
        eventually(lambda: pump(rate=1000, lease_seconds=1) or is_over(broadcast))
        process.send_signal(signal.SIGCONT)
        process.wait(timeout=20)
    assert max(server.times_accepted().values()) == 1
    assert set(outcomes(broadcast)) == set(chats(900))
