"""The write-ahead intent: nothing is sent without a grant, nothing granted behind a lost lease."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Wish:
    """A pump asks to send to one recipient under its lease."""

    chunk_id: int
    epoch: int
    broadcast_id: int
    seq: int
    chat_id: int
    attempt: int


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
        FOR SHARE OF chunk
    )
    INSERT INTO broadcasts_intent (broadcast_id, seq, chat_id, attempt, epoch, at)
    SELECT fence.broadcast_id, wish.seq, wish.chat_id, wish.attempt, fence.epoch, now()
    FROM unnest(%(chunks)s::bigint[], %(seqs)s::int[], %(chats)s::bigint[], %(attempts)s::smallint[])
      AS wish (chunk_id, seq, chat_id, attempt)
    JOIN fence ON fence.id = wish.chunk_id
    ON CONFLICT (broadcast_id, seq, attempt) DO UPDATE SET at = EXCLUDED.at
      WHERE broadcasts_intent.epoch = EXCLUDED.epoch
    RETURNING broadcast_id, seq
"""


def grant(wishes: Sequence[Wish]) -> set[tuple[int, int]]:
    """Writes the intents of those who may be sent to now; returns their (broadcast, seq)."""
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
                "attempts": [wish.attempt for wish in wishes],
            },
        )
        return set(cursor.fetchall())
