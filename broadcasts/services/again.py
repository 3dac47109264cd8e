"""The second run: recipients whose delivery failed or is in doubt are served again, or closed by a decision.

Nothing is changed or lost: the row of the earlier run stays, superseded, and the next run writes its own.
"""

from collections.abc import Collection
from typing import Any, Literal

from django.db import connection, transaction

from accounts import audit
from accounts.audit import Actor
from broadcasts.errors import BroadcastOver
from broadcasts.models import ERASED, Broadcast, Delivery
from broadcasts.services.control import store
from broadcasts.texts import STATES

Status, Outcome = Broadcast.Status, Delivery.Outcome
CHOSEN = """
    UPDATE broadcasts_delivery SET superseded_at = now()
    WHERE broadcast_id = %(broadcast)s AND superseded_at IS NULL
      AND outcome = ANY(%(outcomes)s) AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s))
      AND (%(chats)s::bigint[] IS NULL OR chat_id = ANY(%(chats)s)) AND chat_id > %(erased)s
"""
# What this transaction superseded, by its own now(). An undone chunk may be in the hands of a pump that does not
# know of its new recipients: the higher epoch makes it stop, and its lease is left to run out, because its last
# messages may be in the air.
REOPEN = """
    WITH bounds AS (SELECT array_agg(first_seq ORDER BY number) AS firsts FROM broadcasts_chunk
                    WHERE broadcast_id = %(broadcast)s),
    touched AS (SELECT DISTINCT width_bucket(seq, firsts) - 1 AS number FROM broadcasts_delivery, bounds
                WHERE broadcast_id = %(broadcast)s AND superseded_at = now())
    UPDATE broadcasts_chunk AS chunk
    SET done_at = NULL, epoch = epoch + 1, leased_by = '',
        leased_until = CASE WHEN done_at IS NULL THEN leased_until END
    FROM touched WHERE chunk.broadcast_id = %(broadcast)s AND chunk.number = touched.number
"""
CLOSE = f"""
    WITH chosen AS ({CHOSEN} RETURNING broadcast_id, seq, chat_id, run)
    INSERT INTO broadcasts_delivery (broadcast_id, seq, chat_id, run, outcome, kind, at)
    SELECT broadcast_id, seq, chat_id, run + 1, 'skipped', 'closed', now() FROM chosen
"""  # noqa: S608


@transaction.atomic
def serve_again(
    *,
    broadcast_id: int,
    by: Actor,
    outcomes: Collection[str] = (Outcome.FAILED,),
    kinds: Collection[str] = (),
    chat_ids: Collection[int] | None = None,
    verb: str = "retry",
) -> int:
    """Recipients with these results (of these kinds and chats, when given) are sent to anew; how many."""
    choice = _choice(broadcast_id, outcomes, kinds, chat_ids)
    with connection.cursor() as cursor:
        # Deliveries (and their tallies), broadcast, chunks: in the order in which pumps lock them.
        cursor.execute(CHOSEN, choice)
        number = int(cursor.rowcount)
        broadcast = Broadcast.objects.select_for_update(no_key=True).get(pk=broadcast_id)
        if broadcast.status in (Status.CANCELLED, Status.FAILED) or broadcast.reason == Broadcast.EXPIRED:
            raise BroadcastOver(status=STATES.get(broadcast.reason) or STATES[broadcast.status])
        cursor.execute(REOPEN, choice)
    if number and broadcast.status == Status.COMPLETED:
        store(broadcast, Status.RUNNING)
    _note(by, verb, broadcast, number)
    return number


@transaction.atomic
def decide(
    *,
    broadcast_id: int,
    by: Actor,
    verdict: Literal["resend", "skip"],
    chat_ids: Collection[int] | None = None,
) -> int:
    """Whoever is in doubt (of these chats, when given) is sent to once more, or left as it is; how many."""
    doubt = (Outcome.UNCERTAIN,)
    if verdict == "resend":
        return serve_again(
            broadcast_id=broadcast_id, by=by, outcomes=doubt, chat_ids=chat_ids, verb="resend_uncertain"
        )
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, _choice(broadcast_id, doubt, (), chat_ids))
        number = int(cursor.rowcount)
    _note(by, "close_uncertain", Broadcast.objects.get(pk=broadcast_id), number)
    return number


def _choice(
    broadcast_id: int, outcomes: Collection[str], kinds: Collection[str], chats: Collection[int] | None
) -> dict[str, Any]:
    return {
        "broadcast": broadcast_id,
        "outcomes": [str(outcome) for outcome in outcomes],
        "kinds": list(kinds) or None,
        "chats": None if chats is None else list(chats),
        "erased": ERASED,
    }


def _note(by: Actor, verb: str, broadcast: Broadcast, number: int) -> None:
    if number:
        audit.record(by, verb, broadcast, account_id=broadcast.account_id, after={"recipients": number})
