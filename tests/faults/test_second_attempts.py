"""A second kill: only a message in the air may be in doubt for good, never one whose turn had not come."""

import signal

import pytest

from bots.models import Bot
from broadcasts.models import Broadcast, Intent
from broadcasts.services import leasing
from broadcasts.services.granting import Wish, grant
from tests.broadcasts.factories import chats, eventually, make_broadcast, outcomes, pump
from tests.broadcasts.server import Server
from tests.faults.pumps import pump_process

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]


def test_two_kills_within_a_few_messages_leave_nobody_untold(bot: Bot, server: Server) -> None:
    server.latency = 0.05
    broadcast = make_broadcast(bot, chats(20), uncertain_policy="resend_once")
    (first,) = leasing.take(pump="one that dies", seconds=0)
    grant([Wish(first.chunk_id, first.epoch, broadcast.pk, one.seq, one.chat_id, 1) for one in first.rest])
    leasing.lanes.release(pump="one that dies")
    with pump_process(server, rate=20, lease_seconds=1) as process:
        eventually(lambda: len(server.accepted) >= 5, seconds=60)
        process.send_signal(signal.SIGKILL)
        process.wait()
    told = {accepted.chat_id for accepted in server.accepted}
    granted = set(Intent.objects.filter(attempt=2).values_list("chat_id", flat=True))
    assert len(granted - told) <= 1  # the one whose slot it was
    eventually(lambda: pump(lease_seconds=1) or is_over(broadcast))
    assert all(server.times_accepted()[chat_id] >= 1 or chat_id in granted - told for chat_id in chats(20))
    assert set(outcomes(broadcast)) == set(chats(20))


def is_over(broadcast: Broadcast) -> bool:
    broadcast.refresh_from_db()
    return broadcast.status == Broadcast.Status.COMPLETED
