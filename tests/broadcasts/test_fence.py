"""The fence: a pump that lost its lease is refused, and what it had granted is in doubt, not forgotten."""

import pytest

from accounts.audit import SYSTEM
from bots.models import Bot
from broadcasts import services
from broadcasts.models import Broadcast, Intent
from broadcasts.services import leasing, results
from broadcasts.services.granting import Wish, grant
from broadcasts.services.leasing import Lease, Pending
from tests.broadcasts.factories import chats, make_broadcast, outcomes


def wish(lease: Lease, pending: Pending) -> Wish:
    return Wish(
        lease.chunk_id, lease.epoch, lease.broadcast.pk, pending.seq, pending.chat_id, pending.attempt
    )


@pytest.fixture
def broadcast(bot: Bot) -> Broadcast:
    return make_broadcast(bot, chats(5))


def test_the_first_lease_starts_the_broadcast(broadcast: Broadcast) -> None:
    leasing.take(pump="one", seconds=10)
    broadcast.refresh_from_db()
    assert broadcast.status == Broadcast.Status.RUNNING
    assert broadcast.started_at is not None


def test_a_leased_chunk_is_nobody_elses(broadcast: Broadcast) -> None:
    assert len(leasing.take(pump="one", seconds=10)) == 1
    assert leasing.take(pump="two", seconds=10) == []


def test_the_others_wait_for_the_canary(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(600))
    (canary,) = leasing.take(pump="one", seconds=10)
    assert len(canary.rest) == 20
    assert leasing.take(pump="two", seconds=10) == []
    leasing.finish(broadcast_id=broadcast.pk, chunk_id=canary.chunk_id, epoch=canary.epoch)
    assert len(leasing.take(pump="one", seconds=10)[0].rest) == 500


def test_a_lost_lease_grants_nothing(broadcast: Broadcast) -> None:
    (old,) = leasing.take(pump="one", seconds=-1)
    (new,) = leasing.take(pump="two", seconds=10)
    assert new.epoch == old.epoch + 1
    assert grant([wish(old, old.rest[0])]) == set()
    assert leasing.renew(pump="one", seconds=10, chunk_ids=[old.chunk_id]) == set()
    assert grant([wish(new, new.rest[0])]) == {(broadcast.pk, 1)}


def test_a_grant_asked_for_again_finds_itself(broadcast: Broadcast) -> None:
    (lease,) = leasing.take(pump="one", seconds=10)
    wishes = [wish(lease, pending) for pending in lease.rest]
    assert grant(wishes) == grant(wishes) == {(broadcast.pk, seq) for seq in range(1, 6)}
    assert Intent.objects.count() == 5


@pytest.mark.parametrize("stop", [services.pause, services.cancel])
def test_a_stopped_broadcast_grants_nothing(broadcast: Broadcast, stop: object) -> None:
    (lease,) = leasing.take(pump="one", seconds=10)
    stop(broadcast_id=broadcast.pk, by=SYSTEM)
    assert grant([wish(lease, lease.rest[0])]) == set()


def test_what_was_granted_without_a_result_is_uncertain_for_the_next_pump(broadcast: Broadcast) -> None:
    (old,) = leasing.take(pump="one", seconds=-1)
    grant([wish(old, old.rest[0]), wish(old, old.rest[1])])
    results.record([results.Result(broadcast.pk, 1, old.rest[0].chat_id, "sent", message_id=7)])
    (new,) = leasing.take(pump="two", seconds=10)
    assert [pending.seq for pending in new.rest] == [3, 4, 5]
    assert [(result.seq, result.outcome, result.kind) for result in new.settled] == [
        (2, "uncertain", "interrupted")
    ]


def test_winners_in_doubt_get_a_second_attempt_and_no_third(bot: Bot) -> None:
    make_broadcast(bot, chats(1), uncertain_policy="resend_once")
    (first,) = leasing.take(pump="one", seconds=-1)
    grant([wish(first, first.rest[0])])
    (second,) = leasing.take(pump="two", seconds=-1)
    assert [pending.attempt for pending in second.rest] == [2]
    grant([wish(second, second.rest[0])])
    (third,) = leasing.take(pump="three", seconds=10)
    assert third.rest == []
    assert [result.outcome for result in third.settled] == ["uncertain"]


def test_a_repeat_is_flagged_though_the_first_attempt_has_the_first_word(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(1), uncertain_policy="resend_once")
    (frozen,) = leasing.take(pump="one", seconds=-1)
    grant([wish(frozen, frozen.rest[0])])
    (second,) = leasing.take(pump="two", seconds=10)
    results.record([results.Result(broadcast.pk, 1, chats(1)[0], "sent")])  # the frozen pump has woken up
    grant([wish(second, second.rest[0])])
    results.record([results.Result(broadcast.pk, 1, chats(1)[0], "sent", "resent")])
    leasing.finish(broadcast_id=broadcast.pk, chunk_id=second.chunk_id, epoch=second.epoch)
    assert outcomes(broadcast) == {chats(1)[0]: ("sent", "resent")}
    assert services.counts([broadcast.pk])[broadcast.pk] == services.Counts(recipients=1, sent=1)


def test_a_withdrawn_grant_leaves_no_doubt(broadcast: Broadcast) -> None:
    (old,) = leasing.take(pump="one", seconds=-1)
    grant([wish(old, old.rest[0])])
    results.record([], withdrawn=[wish(old, old.rest[0])])
    (new,) = leasing.take(pump="two", seconds=10)
    assert len(new.rest) == 5
    assert new.settled == []


def test_the_first_word_on_a_recipient_is_the_last(broadcast: Broadcast) -> None:
    chat_id = chats(1)[0]
    results.record([results.Result(broadcast.pk, 1, chat_id, "uncertain", "interrupted")])
    results.record([results.Result(broadcast.pk, 1, chat_id, "sent")])
    assert outcomes(broadcast) == {chat_id: ("uncertain", "interrupted")}


def test_counts_of_many_broadcasts_are_one_query(
    broadcast: Broadcast, bot: Bot, django_assert_num_queries: object
) -> None:
    other = make_broadcast(bot, chats(2))
    results.record(
        [
            results.Result(broadcast.pk, 1, chats(2)[0], "sent"),
            results.Result(broadcast.pk, 2, chats(2)[1], "failed", "blocked"),
        ]
    )
    with django_assert_num_queries(1):
        counted = services.counts([broadcast.pk, other.pk, 0])
    assert counted == {
        broadcast.pk: services.Counts(recipients=5, sent=1, failed=1),
        other.pk: services.Counts(recipients=2),
    }
    assert counted[broadcast.pk].pending == 3
