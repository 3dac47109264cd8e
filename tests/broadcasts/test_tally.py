"""Counts are kept by the database, whoever writes deliveries, and are exact."""

from collections import Counter

import pytest
from django.utils import timezone

from bots.models import Bot
from broadcasts import services
from broadcasts.models import Broadcast, Delivery, Tally
from broadcasts.services.results import Result, record
from tests.broadcasts.factories import chats, make_broadcast
from tests.threads import in_threads


def tallied(broadcast: Broadcast) -> dict[tuple[str, str], int]:
    rows = Tally.objects.filter(broadcast=broadcast, number__gt=0)
    return {(row.outcome, row.kind): row.number for row in rows}


def counted(broadcast: Broadcast) -> dict[tuple[str, str], int]:
    rows = Delivery.objects.filter(broadcast=broadcast).values_list("outcome", "kind")
    return dict(Counter(rows))


def results_of(broadcast: Broadcast, first: int, number: int, outcome: str, kind: str = "") -> list[Result]:
    everybody = chats(first + number)
    return [
        Result(broadcast.pk, seq, everybody[seq - 1], outcome, kind)
        for seq in range(first + 1, first + number + 1)
    ]


def test_every_result_counts_once_however_often_it_is_recorded(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(10))
    for _ in range(2):
        record(results_of(broadcast, 0, 6, "sent") + results_of(broadcast, 6, 3, "failed", "blocked"))
    assert tallied(broadcast) == {("sent", ""): 6, ("failed", "blocked"): 3}
    assert services.counts([broadcast.pk])[broadcast.pk] == services.Counts(recipients=10, sent=6, failed=3)


def test_what_is_changed_or_taken_back_counts_as_what_it_is(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(10))
    record(results_of(broadcast, 0, 8, "failed", "rights"))
    Delivery.objects.filter(broadcast=broadcast, seq__lte=3).update(outcome="uncertain", kind="")
    Delivery.objects.filter(broadcast=broadcast, seq=8).delete()
    assert tallied(broadcast) == counted(broadcast) == {("failed", "rights"): 4, ("uncertain", ""): 3}


def test_a_row_written_by_hand_counts_as_well(bot: Bot) -> None:
    broadcast = make_broadcast(bot, chats(1))
    Delivery.objects.create(broadcast=broadcast, seq=1, chat_id=5, outcome="sent", at=timezone.now())
    assert tallied(broadcast) == {("sent", ""): 1}


@pytest.mark.django_db(transaction=True)
def test_many_writers_lose_no_result_and_never_wait_for_each_other(bot: Bot) -> None:
    broadcasts = [make_broadcast(bot, chats(400)) for _ in range(3)]
    pieces = iter(range(40))

    def write() -> None:
        for piece in pieces:  # the writers share the pieces, and meet at the same tallies
            mixed = [
                result
                for broadcast in (broadcasts if piece % 2 else broadcasts[::-1])
                for result in results_of(broadcast, 10 * piece, 10, "sent" if piece % 3 else "failed")
            ]
            record(mixed)

    in_threads(4, write)
    for broadcast in broadcasts:
        assert tallied(broadcast) == counted(broadcast)
        assert services.counts([broadcast.pk])[broadcast.pk].pending == 0
