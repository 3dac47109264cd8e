"""What became of recipients, written in batches; the first word on a recipient is the last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from bots.models import Subscriber
from broadcasts.services.granting import Wish


@dataclass(frozen=True, slots=True)
class Result:
    """The end of one recipient, with `outcome` and `kind` as in Delivery."""

    broadcast_id: int
    seq: int
    chat_id: int
    outcome: str
    kind: str = ""
    message_id: int | None = None
    run: int = 1


def record(
    results: Sequence[Result],
    *,
    withdrawn: Sequence[Wish] = (),
    unreachable: Mapping[tuple[int, int], str] | None = None,
) -> None:
    """One transaction: results, grants surely not used, and why a (bot, chat) can no longer be reached."""
    with transaction.atomic():
        if results:
            _append(results)
        if withdrawn:
            _withdraw(withdrawn)
        if unreachable:
            _remember(unreachable)


def _append(results: Sequence[Result]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO broadcasts_delivery (broadcast_id, seq, chat_id, run, outcome, kind, message_id, at)
            SELECT broadcast_id, seq, chat_id, run, outcome, kind, message_id, now()
            FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::smallint[], %s::text[], %s::text[],
                        %s::bigint[])
              AS result (broadcast_id, seq, chat_id, run, outcome, kind, message_id)
            ON CONFLICT (broadcast_id, chat_id, run) DO NOTHING
            """,
            [
                [result.broadcast_id for result in results],
                [result.seq for result in results],
                [result.chat_id for result in results],
                [result.run for result in results],
                [str(result.outcome) for result in results],
                [result.kind[:32] for result in results],
                [result.message_id for result in results],
            ],
        )


def _withdraw(wishes: Sequence[Wish]) -> None:
    """Only intents of the same epoch: what a later pump granted is not ours to take back. Stars come back."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (
                DELETE FROM broadcasts_intent AS intent
                USING unnest(%s::bigint[], %s::int[], %s::smallint[], %s::smallint[], %s::int[])
                  AS unused (broadcast_id, seq, run, attempt, epoch)
                WHERE intent.broadcast_id = unused.broadcast_id AND intent.seq = unused.seq
                  AND intent.run = unused.run AND intent.attempt = unused.attempt
                  AND intent.epoch = unused.epoch
                RETURNING intent.broadcast_id, intent.paid
            ), refund AS (
                SELECT broadcast_id, count(*) AS messages FROM gone WHERE paid GROUP BY broadcast_id
            )
            UPDATE broadcasts_broadcast AS broadcast
            SET paid_granted = paid_granted - refund.messages
            FROM refund WHERE broadcast.id = refund.broadcast_id
            """,
            [
                [wish.broadcast_id for wish in wishes],
                [wish.seq for wish in wishes],
                [wish.run for wish in wishes],
                [wish.attempt for wish in wishes],
                [wish.epoch for wish in wishes],
            ],
        )


def _remember(unreachable: Mapping[tuple[int, int], str]) -> None:
    """In the order of the keys, so that two pumps never wait for each other."""
    Subscriber.objects.bulk_create(
        [
            Subscriber(bot_id=bot_id, chat_id=chat_id, unreachable=kind[:32])
            for (bot_id, chat_id), kind in sorted(unreachable.items())
        ],
        update_conflicts=True,
        unique_fields=["bot", "chat_id"],
        update_fields=["unreachable"],
    )
