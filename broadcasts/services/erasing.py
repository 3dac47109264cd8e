"""Recipients who are no longer to be known: withdrawn from what is under way, erased from what is over.

Numbers, outcomes and tallies stay. A recipient's number becomes ERASED minus their place, which names nobody.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from broadcasts.models import ERASED, Broadcast, Chunk, Erasure, Recipient

AT_A_TIME = 1_000  # broadcasts looked through by one statement
# Whoever was granted may have the message on its way: their own result says. Everybody else is told nothing more.
WITHDRAW = """
    INSERT INTO broadcasts_delivery (broadcast_id, seq, chat_id, run, outcome, kind, at)
    SELECT recipient.broadcast_id, recipient.seq, recipient.chat_id, coalesce(past.run, 0) + 1,
           'skipped', 'forgotten', now()
    FROM broadcasts_broadcast AS broadcast
    JOIN broadcasts_recipient AS recipient
      ON recipient.broadcast_id = broadcast.id AND recipient.chat_id = %(chat)s
    LEFT JOIN LATERAL (
        SELECT max(run) AS run, bool_or(superseded_at IS NULL) AS is_last FROM broadcasts_delivery
        WHERE broadcast_id = recipient.broadcast_id AND chat_id = recipient.chat_id) AS past ON true
    WHERE broadcast.status IN ('scheduled', 'running', 'paused') AND NOT broadcast.id = ANY(%(needed)s::bigint[])
      AND past.is_last IS NOT TRUE
      AND NOT EXISTS (
          SELECT 1 FROM broadcasts_intent AS intent
          WHERE intent.broadcast_id = recipient.broadcast_id AND intent.seq = recipient.seq
            AND intent.run = coalesce(past.run, 0) + 1)
    ON CONFLICT (broadcast_id, chat_id, run) DO NOTHING
"""
ERASE = """
    WITH chosen AS (
        SELECT seq, chat_id FROM broadcasts_recipient
        WHERE broadcast_id = %(broadcast)s AND chat_id > %(erased)s
          AND (%(chat)s::bigint IS NULL OR chat_id = %(chat)s)
        LIMIT %(most)s
    ), told AS (
        UPDATE broadcasts_delivery AS delivery SET chat_id = %(erased)s - chosen.seq, message_id = NULL
        FROM chosen WHERE delivery.broadcast_id = %(broadcast)s AND delivery.chat_id = chosen.chat_id
    ), granted AS (
        DELETE FROM broadcasts_intent AS intent USING chosen
        WHERE intent.broadcast_id = %(broadcast)s AND intent.seq = chosen.seq
    )
    UPDATE broadcasts_recipient AS recipient SET chat_id = %(erased)s - chosen.seq
    FROM chosen WHERE recipient.broadcast_id = %(broadcast)s AND recipient.chat_id = chosen.chat_id
"""
IN_HAND = Chunk.objects.filter(broadcast=OuterRef("pk"), leased_until__isnull=False)


def withdraw(*, chat_id: int, needed: Collection[int] = ()) -> int:
    """Nothing under way reaches this chat any more, except what is `needed` (ids of broadcasts); how many did."""
    with connection.cursor() as cursor:
        cursor.execute(WITHDRAW, {"chat": chat_id, "needed": list(needed)})
        return int(cursor.rowcount)


def request(*, chat_id: int) -> None:
    """The chat is erased from every broadcast there is, each as soon as it is over; in the caller's transaction."""
    last = Broadcast.objects.aggregate(last=Max("pk"))["last"]
    if last is not None:
        withdraw(chat_id=chat_id)
        Erasure.objects.create(chat_id=chat_id, last_broadcast_id=last)


def erase_waiting() -> int:
    """Erases asked-for chats from what is over; how many are done with. Safe to run twice, safe to kill anywhere."""
    return sum(_erase_everywhere(row) for row in list(Erasure.objects.order_by("pk")[:100]))


def _erase_everywhere(row: Erasure) -> bool:
    """True when no broadcast names the chat any more, and the row is gone."""
    left = [pk for pk in _naming(row) if not _erase(pk, chat_id=row.chat_id, most=1)]
    if left:
        return False
    return bool(Erasure.objects.filter(pk=row.pk).delete()[0])


def _naming(row: Erasure) -> Iterator[int]:
    """Broadcasts with the chat among their recipients, found by their own index some at a time."""
    known = Broadcast.objects.filter(pk__lte=row.last_broadcast_id, erased_at__isnull=True)
    ids = list(known.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_A_TIME):
        some = ids[start : start + AT_A_TIME]
        named = Recipient.objects.filter(broadcast_id__in=some, chat_id=row.chat_id)
        yield from list(named.values_list("broadcast_id", flat=True))


@transaction.atomic
def _erase(broadcast_id: int, *, chat_id: int | None = None, most: int) -> int:
    """How many recipients were erased; none of a broadcast that is not over, or that a pump still holds."""
    with connection.cursor() as cursor:
        # Deliveries and tallies first, then the broadcast: in the order in which pumps lock them.
        cursor.execute(ERASE, {"broadcast": broadcast_id, "chat": chat_id, "erased": ERASED, "most": most})
        number = int(cursor.rowcount)
    over = Broadcast.objects.select_for_update(no_key=True).filter(pk=broadcast_id, status__in=Broadcast.OVER)
    if not over.exclude(Exists(IN_HAND)).exists():
        transaction.set_rollback(True)
        return 0
    return number


def erase_old(*, before: datetime, most: int) -> int:
    """To whom broadcasts went that ended long ago is forgotten; how many recipients, at most `most`."""
    old = Broadcast.objects.filter(finished_at__lt=before, erased_at__isnull=True)
    erased = 0
    for pk in list(old.exclude(Exists(IN_HAND)).order_by("finished_at").values_list("pk", flat=True)[:100]):
        erased += _erase(pk, most=most - erased)
        if erased >= most:
            break
        Broadcast.objects.filter(pk=pk, finished_at__lt=before).update(erased_at=timezone.now())
    return erased
