"""Creating a broadcast: the audience is a snapshot, everybody in it once."""

import pytest

from accounts.models import AuditEntry, User
from bots.models import Bot
from broadcasts.errors import ContentInvalid, IdempotencyKeyReused
from broadcasts.models import Broadcast, Chunk, Recipient
from tests.broadcasts.factories import chats, make_bot, make_broadcast
from tests.threads import in_threads


def audience_of(broadcast: Broadcast) -> list[int]:
    return list(
        Recipient.objects.filter(broadcast=broadcast).order_by("seq").values_list("chat_id", flat=True)
    )


def test_every_chat_is_a_recipient_once(bot: Bot) -> None:
    broadcast = make_broadcast(bot, [5, 3, 5, -100200300400500, 3])
    assert audience_of(broadcast) == [-100200300400500, 3, 5]
    assert broadcast.recipients_count == 3
    assert broadcast.status == Broadcast.Status.SCHEDULED


def test_an_empty_audience_is_completed_at_once(bot: Bot) -> None:
    broadcast = make_broadcast(bot, [])
    assert broadcast.status == Broadcast.Status.COMPLETED
    assert broadcast.finished_at is not None


def test_the_first_twenty_are_a_chunk_of_their_own(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(1021))
    bounds = list(
        Chunk.objects.filter(broadcast=broadcast).order_by("number").values_list("first_seq", "last_seq")
    )
    assert bounds == [(1, 20), (21, 520), (521, 1020), (1021, 1021)]


@pytest.mark.parametrize("number", [1, 19, 20, 21, 520, 521])
def test_the_chunks_cover_the_audience(bot: Bot, number: int) -> None:
    broadcast = make_broadcast(bot, chats(number))
    covered = [
        seq
        for first, last in Chunk.objects.filter(broadcast=broadcast)
        .order_by("number")
        .values_list("first_seq", "last_seq")
        for seq in range(first, last + 1)
    ]
    assert covered == list(range(1, number + 1))


def test_a_scope_reaches_a_chat_once_over_all_its_broadcasts(bot: Bot) -> None:
    make_broadcast(bot, [1, 2, 3], dedup_scope="results of 7")
    assert audience_of(make_broadcast(bot, [2, 3, 4], dedup_scope="results of 7")) == [4]
    assert audience_of(make_broadcast(bot, [2, 3, 4], dedup_scope="results of 8")) == [2, 3, 4]
    assert audience_of(make_broadcast(bot, [2, 3, 4])) == [2, 3, 4]


def test_a_scope_belongs_to_its_account(bot: Bot, stranger: User) -> None:
    make_broadcast(bot, [1], dedup_scope="results")
    assert audience_of(make_broadcast(make_bot(stranger.account), [1], dedup_scope="results")) == [1]


@pytest.mark.django_db(transaction=True)
def test_two_makers_at_once_share_a_scope(bot: Bot) -> None:
    made = in_threads(4, lambda: make_broadcast(bot, chats(50), dedup_scope="results"))
    assert sorted(broadcast.recipients_count for broadcast in made) == [0, 0, 0, 50]


@pytest.mark.django_db(transaction=True)
def test_an_idempotency_key_makes_one_broadcast(bot: Bot) -> None:
    made = in_threads(8, lambda: make_broadcast(bot, chats(3), idempotency_key="once"))
    assert len({broadcast.pk for broadcast in made}) == 1
    assert Broadcast.objects.count() == 1


def test_it_refuses_a_key_that_said_something_else(bot: Bot) -> None:
    make_broadcast(bot, [1], idempotency_key="once")
    with pytest.raises(IdempotencyKeyReused):
        make_broadcast(bot, [1], idempotency_key="once", content={"type": "text", "text": "Other"})


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"type": "text", "text": " "},
        {"type": "smell", "text": "Hello"},
        {"type": "text", "text": "x" * 20_000},
        {"type": "text", "text": "Hello", "buttons": [[{"text": "Open"}]]},
        {"type": "text", "text": "Hello", "buttons": [{"text": "Open", "url": "https://example.com"}]},
    ],
)
def test_it_refuses_content_that_is_no_message(bot: Bot, content: dict[str, object]) -> None:
    with pytest.raises(ContentInvalid):
        make_broadcast(bot, [1], content=content)


def test_the_audience_may_be_a_query_on_the_same_connection(bot: Bot) -> None:
    first = make_broadcast(bot, chats(100))
    again = (
        Recipient.objects.filter(broadcast=first).values_list("chat_id", flat=True).iterator(chunk_size=10)
    )
    assert make_broadcast(bot, again).recipients_count == 100


def test_it_is_written_into_the_trail(bot: Bot) -> None:
    broadcast = make_broadcast(bot, [1, 2])
    entry = AuditEntry.objects.get(object_type="broadcast", object_id=str(broadcast.pk))
    assert (entry.verb, entry.after) == ("create", {"recipients": 2})


def test_each_sees_the_broadcasts_of_their_account(
    bot: Bot, owner: User, stranger: User, staff: User
) -> None:
    broadcast = make_broadcast(bot, [1])
    seen = [list(Broadcast.objects.visible_to(user)) for user in (owner, stranger, staff)]
    assert seen == [[broadcast], [], [broadcast]]
