"""Pause, resume and cancel: effective at the next grant, refused when the broadcast is over."""

import threading
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.audit import SYSTEM
from accounts.models import AuditEntry
from bots.models import Bot
from broadcasts import services
from broadcasts.errors import BroadcastOver
from broadcasts.models import Broadcast, Chunk, Delivery, Intent
from broadcasts.services import leasing
from tests.broadcasts.factories import chats, eventually, make_broadcast, outcomes, pump
from tests.broadcasts.server import Server

pytestmark = pytest.mark.django_db(transaction=True)
Status = Broadcast.Status
AHEAD = 2 * 20 + 10  # what was granted before the stop, and what was in the air


def stopped_midway(server: Server, broadcast: Broadcast, stop: object) -> int:
    """Stops a running broadcast after 40 messages; how many were accepted before the stop."""
    pumping = threading.Thread(target=pump, kwargs={"rate": 100})
    pumping.start()
    eventually(lambda: len(server.accepted) >= 40)
    stop(broadcast_id=broadcast.pk, by=SYSTEM)
    before = len(server.accepted)
    pumping.join(15)
    assert not pumping.is_alive()
    return before


@pytest.mark.parametrize("stop", [services.pause, services.cancel])
def test_a_stop_is_effective_at_the_next_grant(bot: Bot, server: Server, stop: object) -> None:
    broadcast = make_broadcast(bot, chats(500))
    before = stopped_midway(server, broadcast, stop)
    assert len(server.accepted) - before <= AHEAD
    assert Delivery.objects.filter(outcome="sent").count() == len(server.accepted)
    assert Intent.objects.count() == len(server.accepted)  # nobody is left in doubt
    assert not Chunk.objects.filter(leased_until__isnull=False).exists()


def test_a_resumed_broadcast_reaches_the_rest_once(bot: Bot, server: Server) -> None:
    broadcast = make_broadcast(bot, chats(300))
    stopped_midway(server, broadcast, services.pause)
    services.resume(broadcast_id=broadcast.pk, by=SYSTEM)
    pump()
    assert server.times_accepted() == dict.fromkeys(chats(300), 1)
    broadcast.refresh_from_db()
    assert broadcast.status == Status.COMPLETED


def test_a_paused_broadcast_is_not_due(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(3))
    assert leasing.work_is_due()
    services.pause(broadcast_id=broadcast.pk, by=SYSTEM)
    assert not leasing.work_is_due()


def test_resuming_completes_what_ended_while_it_was_paused(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(3))
    services.pause(broadcast_id=broadcast.pk, by=SYSTEM)
    chunk = Chunk.objects.get()
    leasing.finish(broadcast_id=broadcast.pk, chunk_id=chunk.pk, epoch=chunk.epoch)
    assert services.resume(broadcast_id=broadcast.pk, by=SYSTEM).status == Status.COMPLETED


@pytest.mark.parametrize("again", [services.pause, services.cancel])
def test_asking_twice_changes_nothing(bot: Bot, again: object) -> None:
    broadcast = make_broadcast(bot, chats(3))
    first = again(broadcast_id=broadcast.pk, by=SYSTEM)
    assert again(broadcast_id=broadcast.pk, by=SYSTEM).status == first.status
    assert AuditEntry.objects.filter(object_type="broadcast").count() == 2


@pytest.mark.parametrize("move", [services.pause, services.resume, services.cancel])
def test_it_refuses_to_change_what_is_over(bot: Bot, move: object) -> None:
    broadcast = make_broadcast(bot, [])
    with pytest.raises(BroadcastOver):
        move(broadcast_id=broadcast.pk, by=SYSTEM)


def test_whoever_was_in_doubt_when_it_was_cancelled_is_recorded(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(3))
    (lease,) = leasing.take(pump="one that dies", seconds=0)
    from broadcasts.services.granting import Wish, grant

    pending = lease.rest[0]
    assert grant([Wish(lease.chunk_id, lease.epoch, broadcast.pk, pending.seq, pending.chat_id, 1)])
    services.cancel(broadcast_id=broadcast.pk, by=SYSTEM)
    assert leasing.work_is_due()
    assert leasing.settle_interrupted() == 1
    assert outcomes(broadcast) == {pending.chat_id: ("uncertain", "interrupted")}
    assert not leasing.work_is_due()


def test_an_operator_pauses_what_a_restored_database_would_repeat(bot: Bot) -> None:
    waiting = make_broadcast(bot, chats(4))
    over = services.cancel(broadcast_id=make_broadcast(bot, chats(2)).pk, by=SYSTEM)
    told = StringIO()
    call_command("broadcasts", "--pause", stdout=told)
    waiting.refresh_from_db()
    over.refresh_from_db()
    assert (waiting.status, over.status) == ("paused", "cancelled")
    assert f"{waiting.public_id}  paused" in told.getvalue()
