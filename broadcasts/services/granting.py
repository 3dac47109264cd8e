"""The write-ahead intent: nothing is sent without a grant, nothing granted behind a lost lease."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F

from broadcasts.models import Broadcast


@dataclass(frozen=True, slots=True)
class Wish:
    """A pump asks to send to one recipient under its lease."""

    chunk_id: int
    epoch: int
    broadcast_id: int
    seq: int
    chat_id: int
    attempt: int
    run: int = 1
    paid: bool = False


# The share lock on the chunk makes a grant and a new lease wait for each other: whoever takes the chunk over
# sees every intent granted before, and a grant that comes after meets the higher epoch. An answer lost after
# the commit may be asked for again: the second time finds its own rows.
GRANT = """
    WITH fence AS MATERIALIZED (
        SELECT chunk.id, chunk.epoch, chunk.broadcast_id
        FROM unnest(%(held)s::bigint[], %(held_epochs)s::int[]) AS held (chunk_id, epoch)
        JOIN broadcasts_chunk AS chunk ON chunk.id = held.chunk_id AND chunk.epoch = held.epoch
        JOIN broadcasts_broadcast AS broadcast ON broadcast.id = chunk.broadcast_id
        JOIN bots_bot AS bot ON bot.id = broadcast.bot_id
        WHERE chunk.done_at IS NULL AND broadcast.status = 'running' AND bot.status = 'active'
          AND (broadcast.expires_at IS NULL OR broadcast.expires_at > now())
        FOR SHARE OF chunk
    )
    INSERT INTO broadcasts_intent (broadcast_id, seq, chat_id, run, attempt, epoch, paid, at)
    SELECT fence.broadcast_id, wish.seq, wish.chat_id, wish.run, wish.attempt, fence.epoch, wish.paid, now()
    FROM unnest(%(chunks)s::bigint[], %(seqs)s::int[], %(chats)s::bigint[], %(runs)s::smallint[],
                %(attempts)s::smallint[], %(paid)s::boolean[])
      AS wish (chunk_id, seq, chat_id, run, attempt, paid)
    JOIN fence ON fence.id = wish.chunk_id
    ON CONFLICT (broadcast_id, seq, run, attempt) DO UPDATE SET at = EXCLUDED.at
      WHERE broadcasts_intent.epoch = EXCLUDED.epoch
    RETURNING broadcast_id, seq, paid AND xmax = 0
"""


def grant(wishes: Sequence[Wish]) -> set[tuple[int, int]]:
    """Writes the intents of those who may be sent to now; returns their (broadcast, seq).

    All of a chunk or none of it, but for a Stars budget that ends in the middle.
    """
    if not any(wish.paid for wish in wishes):
        return {(broadcast_id, seq) for broadcast_id, seq, _ in _write(wishes)}
    with transaction.atomic():
        granted = _write(_affordable(wishes))
        _spend(Counter(broadcast_id for broadcast_id, _, charged in granted if charged))
        return {(broadcast_id, seq) for broadcast_id, seq, _ in granted}


def _write(wishes: Sequence[Wish]) -> list[tuple[int, int, bool]]:
    """(broadcast, seq, whether it is charged now): asked for again, a grant is not charged again."""
    held = dict.fromkeys((wish.chunk_id, wish.epoch) for wish in wishes)
    with connection.cursor() as cursor:
        cursor.execute(
            GRANT,
            {
                "held": [chunk_id for chunk_id, _ in held],
                "held_epochs": [epoch for _, epoch in held],
                "chunks": [wish.chunk_id for wish in wishes],
                "seqs": [wish.seq for wish in wishes],
                "chats": [wish.chat_id for wish in wishes],
                "runs": [wish.run for wish in wishes],
                "attempts": [wish.attempt for wish in wishes],
                "paid": [wish.paid for wish in wishes],
            },
        )
        rows: list[tuple[int, int, bool]] = cursor.fetchall()
        return rows


def _affordable(wishes: Sequence[Wish]) -> list[Wish]:
    """The wishes that the Stars left can pay; the budgets stay locked until the grant is committed."""
    paid = {wish.broadcast_id for wish in wishes if wish.paid}
    budgets = Broadcast.objects.select_for_update(no_key=True).filter(pk__in=paid).order_by("pk")
    left = {each.pk: each.messages_left for each in budgets}
    kept = []
    for wish in wishes:
        if wish.paid:
            left[wish.broadcast_id] -= 1
            if left[wish.broadcast_id] < 0:
                continue
        kept.append(wish)
    return kept


def _spend(messages: Counter[int]) -> None:
    for broadcast_id, number in messages.items():
        Broadcast.objects.filter(pk=broadcast_id).update(paid_granted=F("paid_granted") + number)
