"""When a broadcast may send: not before its time, not after its end, not while its bot is stopped."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit import SYSTEM
from bots.models import Bot
from broadcasts import services
from broadcasts.models import Broadcast
from broadcasts.services import leasing, upkeep
from broadcasts.services.granting import Wish, grant
from tests.broadcasts.factories import chats, make_bot, make_broadcast, outcomes, pump
from tests.broadcasts.server import Server

Status = Broadcast.Status
HOUR = timedelta(hours=1)


def state(broadcast: Broadcast) -> tuple[str, str]:
    broadcast.refresh_from_db()
    return broadcast.status, broadcast.reason


def test_nothing_is_taken_before_its_time(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(3), scheduled_at=timezone.now() + HOUR)
    assert not leasing.work_is_due()
    assert leasing.take(pump="one", seconds=10) == []
    assert state(broadcast) == (Status.SCHEDULED, "")
    Broadcast.objects.update(scheduled_at=timezone.now() - HOUR)
    assert leasing.work_is_due()
    assert len(leasing.take(pump="one", seconds=10)) == 1


def test_nothing_is_granted_after_its_end(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(3), expires_at=timezone.now() + HOUR)
    (lease,) = leasing.take(pump="one", seconds=10)
    Broadcast.objects.update(expires_at=timezone.now() - HOUR)
    wish = Wish(lease.chunk_id, lease.epoch, broadcast.pk, 1, lease.rest[0].chat_id, 1)
    assert grant([wish]) == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", ["scheduled", "paused", "stopped bot"])
def test_the_rest_of_an_expired_broadcast_is_skipped_and_nobody_is_sent_to(
    bot: Bot, server: Server, before: str
) -> None:
    broadcast = make_broadcast(bot, chats(1200), expires_at=timezone.now() + HOUR)
    if before == "paused":
        services.pause(broadcast_id=broadcast.pk, by=SYSTEM)
    if before == "stopped bot":
        Bot.objects.update(status=Bot.Status.QUARANTINED)
    Broadcast.objects.update(expires_at=timezone.now() - HOUR)
    upkeep.keep_up()
    assert leasing.work_is_due()
    pump()
    assert state(broadcast) == (Status.COMPLETED, "expired")
    assert set(outcomes(broadcast).values()) == {("skipped", "expired")}
    assert services.counts([broadcast.pk])[broadcast.pk].skipped == 1200
    assert not server.calls
    upkeep.keep_up()
    assert not leasing.work_is_due()


def test_whoever_was_in_doubt_when_it_expired_stays_in_doubt(bot: Bot) -> None:
    broadcast = make_broadcast(
        bot, chats(2), uncertain_policy="resend_once", expires_at=timezone.now() + HOUR
    )
    (lease,) = leasing.take(pump="one", seconds=-1)
    grant([Wish(lease.chunk_id, lease.epoch, broadcast.pk, 1, lease.rest[0].chat_id, 1)])
    Broadcast.objects.update(expires_at=timezone.now() - HOUR)
    (late,) = leasing.take(pump="two", seconds=10)
    assert late.rest == []
    assert [(result.outcome, result.kind) for result in late.settled] == [
        ("uncertain", "interrupted"),
        ("skipped", "expired"),
    ]


def test_broadcasts_follow_their_bot(bot: Bot) -> None:
    follows, chosen = make_broadcast(bot, chats(3)), make_broadcast(bot, chats(3))
    other = make_broadcast(make_bot(bot.account), chats(3))
    services.pause(broadcast_id=chosen.pk, by=SYSTEM)
    Bot.objects.filter(pk=bot.pk).update(status=Bot.Status.QUARANTINED)
    upkeep.keep_up()
    assert state(follows) == (Status.PAUSED, "the bot is stopped")
    assert state(other) == (Status.SCHEDULED, "")
    Bot.objects.filter(pk=bot.pk).update(status=Bot.Status.ACTIVE)
    upkeep.keep_up()
    assert state(follows) == (Status.RUNNING, "")
    assert state(chosen) == (Status.PAUSED, "")


def test_a_bot_is_served_by_one_pump_until_it_lets_go(bot: Bot) -> None:
    make_broadcast(bot, chats(10))
    make_broadcast(make_bot(bot.account), chats(10))
    first = leasing.take(pump="one", seconds=10, most_bots=1)
    assert len(first) == 1
    make_broadcast(first[0].broadcast.bot, chats(10))
    assert len(leasing.take(pump="two", seconds=10)) == 1
    assert leasing.take(pump="two", seconds=10) == []
    assert not leasing.work_is_due()
    leasing.lanes.release(pump="one")
    assert leasing.work_is_due()
    assert len(leasing.take(pump="two", seconds=10)) == 1
