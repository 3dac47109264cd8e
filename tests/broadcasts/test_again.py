"""The second run: failed recipients are retried, doubts decided; the history of each stays."""

import pytest

from accounts.audit import SYSTEM
from accounts.models import AuditEntry
from bots.models import Alert, Bot
from broadcasts import services
from broadcasts.errors import BroadcastOver
from broadcasts.models import Broadcast, Chunk, Delivery, Intent
from broadcasts.services import leasing, results
from broadcasts.services.granting import Wish, grant
from broadcasts.services.leasing import Lease
from tests.broadcasts.factories import chats, make_broadcast, outcomes, pump
from tests.broadcasts.server import RESET, Refusal, Server

BROKE = Refusal(400, "Bad Request: something nobody has seen before")


def granted(lease: Lease, index: int) -> None:
    """A pump that is about to send to one recipient."""
    one = lease.rest[index]
    wish = Wish(lease.chunk_id, lease.epoch, lease.broadcast.pk, one.seq, one.chat_id, one.attempt, one.run)
    assert grant([wish])


def ended(bot: Bot, *ends: str, **fields: object) -> Broadcast:
    """A completed broadcast whose recipients ended so."""
    broadcast = make_broadcast(bot, chats(len(ends)), **fields)
    while broadcast.status != Broadcast.Status.COMPLETED:
        for lease in leasing.take(pump="one", seconds=10):
            words = [
                results.Result(broadcast.pk, each.seq, each.chat_id, ends[each.seq - 1])
                for each in lease.rest
            ]
            results.record(words)
            leasing.finish(broadcast_id=broadcast.pk, chunk_id=lease.chunk_id, epoch=lease.epoch)
        broadcast.refresh_from_db()
    return broadcast


def test_only_the_failed_are_served_again(bot: Bot) -> None:
    broadcast = ended(bot, "sent", "failed", "skipped", "failed")
    assert services.serve_again(broadcast_id=broadcast.pk, by=SYSTEM) == 2
    broadcast.refresh_from_db()
    assert (broadcast.status, broadcast.finished_at) == (Broadcast.Status.RUNNING, None)
    (lease,) = leasing.take(pump="one", seconds=10)
    assert [(each.seq, each.run, each.attempt) for each in lease.rest] == [(2, 2, 1), (4, 2, 1)]
    assert services.counts([broadcast.pk])[broadcast.pk].pending == 2
    assert AuditEntry.objects.get(verb="retry").after == {"recipients": 2}


def test_only_the_chunks_of_the_failed_are_opened(bot: Bot) -> None:
    ends = ["sent"] * 1600
    ends[19] = ends[20] = ends[1519] = (
        "failed"  # the canary's last, the first chunk's first, the third's last
    )
    broadcast = ended(bot, *ends)
    services.serve_again(broadcast_id=broadcast.pk, by=SYSTEM)
    undone = Chunk.objects.filter(broadcast=broadcast, done_at__isnull=True)
    assert list(undone.order_by("number").values_list("number", flat=True)) == [0, 1, 3]


@pytest.mark.django_db(transaction=True)
def test_a_retry_reaches_whom_the_first_run_did_not(bot: Bot, server: Server) -> None:
    broken = chats(30)[25]
    server.tell(broken, BROKE)
    broadcast = make_broadcast(bot, chats(30))
    pump()
    assert outcomes(broadcast)[broken] == ("failed", "refused")
    services.serve_again(broadcast_id=broadcast.pk, by=SYSTEM, kinds=["refused"])
    pump()
    broadcast.refresh_from_db()
    assert broadcast.status == Broadcast.Status.COMPLETED
    assert server.times_accepted() == dict.fromkeys(chats(30), 1)
    history = Delivery.objects.filter(chat_id=broken).order_by("run")
    assert [(row.run, row.outcome) for row in history] == [(1, "failed"), (2, "sent")]
    assert services.counts([broadcast.pk])[broadcast.pk] == services.Counts(recipients=30, sent=30)


def test_a_pump_that_does_not_know_of_them_cannot_close_the_chunk(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(2))
    (old,) = leasing.take(pump="one", seconds=10)
    results.record([results.Result(broadcast.pk, 1, old.rest[0].chat_id, "failed")])
    services.serve_again(broadcast_id=broadcast.pk, by=SYSTEM)
    leasing.finish(broadcast_id=broadcast.pk, chunk_id=old.chunk_id, epoch=old.epoch)
    assert leasing.renew(pump="one", seconds=10, chunk_ids=[old.chunk_id]) == set()
    assert leasing.take(pump="two", seconds=10) == []  # until the old lease is over
    Chunk.objects.update(leased_until="2000-01-01T00:00Z")
    (new,) = leasing.take(pump="one", seconds=10)
    assert [(each.seq, each.run) for each in new.rest] == [(1, 2), (2, 1)]


def test_a_late_word_of_the_first_run_is_not_the_second_runs(bot: Bot) -> None:
    broadcast = ended(bot, "uncertain")
    services.decide(broadcast_id=broadcast.pk, by=SYSTEM, verdict="resend")
    results.record([results.Result(broadcast.pk, 1, chats(1)[0], "sent")])
    (lease,) = leasing.take(pump="one", seconds=10)
    assert [each.run for each in lease.rest] == [2]


def test_a_kill_in_the_second_run_is_a_doubt_of_the_second_run(bot: Bot) -> None:
    broadcast = ended(bot, "failed", "failed")
    services.serve_again(broadcast_id=broadcast.pk, by=SYSTEM)
    (old,) = leasing.take(pump="one", seconds=-1)
    granted(old, 0)
    (new,) = leasing.take(pump="one", seconds=10)
    assert [(result.seq, result.run, result.outcome) for result in new.settled] == [(1, 2, "uncertain")]
    assert [each.seq for each in new.rest] == [2]


@pytest.mark.parametrize("status", [Broadcast.Status.CANCELLED, Broadcast.Status.FAILED])
def test_what_was_stopped_is_not_served_again(bot: Bot, status: str) -> None:
    broadcast = ended(bot, "failed")
    Broadcast.objects.update(status=status)
    with pytest.raises(BroadcastOver):
        services.serve_again(broadcast_id=broadcast.pk, by=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_a_doubt_waits_for_a_person_who_is_told(bot: Bot, server: Server) -> None:
    server.tell(chats(3)[1], RESET)
    broadcast = make_broadcast(bot, chats(3), uncertain_policy="ask")
    pump()
    assert outcomes(broadcast)[chats(3)[1]] == ("uncertain", "no_answer")
    assert "whether 1 messages" in Alert.objects.get(kind="delivery_in_doubt").text
    assert services.decide(broadcast_id=broadcast.pk, by=SYSTEM, verdict="resend") == 1
    pump()
    assert server.times_accepted()[chats(3)[1]] == 2
    assert Delivery.objects.current().get(chat_id=chats(3)[1]).outcome == "sent"
    assert Intent.objects.filter(chat_id=chats(3)[1]).count() == 2


def test_a_person_may_leave_a_doubt_as_it_is(bot: Bot) -> None:
    broadcast = ended(bot, "uncertain", "uncertain", "sent")
    one = chats(1)
    assert services.decide(broadcast_id=broadcast.pk, by=SYSTEM, verdict="skip", chat_ids=one) == 1
    assert services.counts([broadcast.pk])[broadcast.pk] == services.Counts(
        recipients=3, sent=1, skipped=1, uncertain=1
    )
    assert services.decide(broadcast_id=broadcast.pk, by=SYSTEM, verdict="skip", chat_ids=one) == 0
    broadcast.refresh_from_db()
    assert broadcast.status == Broadcast.Status.COMPLETED
