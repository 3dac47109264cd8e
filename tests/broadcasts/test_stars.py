"""Paid broadcasts: every message that may cost is counted before it is sent, and never one too many."""

import pytest
from django.db import IntegrityError

from accounts.audit import SYSTEM
from bots.models import Bot
from broadcasts import services
from broadcasts.models import Broadcast, Intent
from broadcasts.services import leasing, results, upkeep
from broadcasts.services.granting import Wish, grant
from broadcasts.services.leasing import Lease
from tests.broadcasts.factories import chats, make_broadcast
from tests.threads import in_threads


def wishes(lease: Lease, first: int, last: int) -> list[Wish]:
    return [
        Wish(lease.chunk_id, lease.epoch, lease.broadcast.pk, one.seq, one.chat_id, 1, one.run, lease.paid)
        for one in lease.rest[first:last]
    ]


def granted(broadcast: Broadcast) -> int:
    broadcast.refresh_from_db()
    return broadcast.paid_granted


def test_a_message_is_paid_when_it_is_granted_and_only_once(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(20), paid=True, stars_budget=1)
    (lease,) = leasing.take(pump="one", seconds=10)
    assert lease.paid
    for _ in range(2):  # the answer of the first was lost
        assert len(grant(wishes(lease, 0, 4))) == 4
    assert granted(broadcast) == 4


def test_what_the_stars_do_not_pay_is_not_granted(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(20), paid=True, stars_budget=1)
    (lease,) = leasing.take(pump="one", seconds=10)
    assert grant(wishes(lease, 0, 20)) == {(broadcast.pk, seq) for seq in range(1, 11)}
    assert granted(broadcast) == 10


def test_a_grant_that_was_not_used_is_paid_back(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(20), paid=True, stars_budget=1)
    (lease,) = leasing.take(pump="one", seconds=10)
    grant(wishes(lease, 0, 10))
    results.record([], withdrawn=wishes(lease, 7, 10))
    assert granted(broadcast) == 7
    results.record([], withdrawn=wishes(lease, 7, 10))
    assert granted(broadcast) == 7


@pytest.mark.django_db(transaction=True)
def test_pumps_at_once_never_spend_more_than_the_budget(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(1200), paid=True, stars_budget=60)
    (canary,) = leasing.take(pump="one", seconds=30)
    leasing.finish(broadcast_id=broadcast.pk, chunk_id=canary.chunk_id, epoch=canary.epoch)
    held = [leasing.take(pump="one", seconds=30)[0] for _ in range(3)]

    def spend() -> None:
        lease = held.pop()
        for start in range(0, len(lease.rest), 50):
            grant(wishes(lease, start, start + 50))

    in_threads(3, spend)
    assert granted(broadcast) == Intent.objects.count() == 600


def test_the_database_knows_the_budget_too(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(2), paid=True, stars_budget=1)
    with pytest.raises(IntegrityError):
        Broadcast.objects.filter(pk=broadcast.pk).update(paid_granted=11)


def test_a_spent_budget_means_the_free_rate_or_a_pause(bot: Bot) -> None:
    free = make_broadcast(bot, chats(2), paid=True)
    paused = make_broadcast(bot, chats(2), paid=True, stars_spent_then="pause")
    (lease,) = leasing.take(pump="one", seconds=10)
    assert (lease.broadcast, lease.paid) == (free, False)
    upkeep.keep_up()
    paused.refresh_from_db()
    assert (paused.status, paused.reason) == (Broadcast.Status.PAUSED, "stars budget spent")
    Broadcast.objects.filter(pk=paused.pk).update(stars_budget=1)
    services.resume(broadcast_id=paused.pk, by=SYSTEM)
    assert [each.paid for each in leasing.take(pump="one", seconds=10)] == [True]
