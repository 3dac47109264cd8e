"""Chunks in the hands of pumps: taken, renewed, given back, done.

A pump that dies leaves its chunks to the next when the lease ends. Whoever was granted and has no result is
then in doubt: the broadcast's policy says what becomes of them, never silence.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from bots.services.subscribers import people_of
from broadcasts.metrics import LEASE_EXPIRIES
from broadcasts.models import Broadcast, Chunk, Delivery
from broadcasts.services import lanes
from broadcasts.services.control import complete_if_done
from broadcasts.services.lanes import DUE
from broadcasts.services.results import Result

MANY = 10_000  # recipients after which the planner's old idea of the tables would be wrong
MOST = 200  # leases at a time
LANE_SHARE = 0.5  # of a chunk's lease: a dead pump's bots wait no longer for the next one
Status, Outcome = Broadcast.Status, Delivery.Outcome
RESEND_ONCE = Broadcast.UncertainPolicy.RESEND_ONCE


@dataclass(slots=True)
class Pending:
    """A recipient still to be served; `to` is where the message goes, which a migration may change.

    `attempt` counts within the `run`: whoever is served again begins a new one.
    """

    seq: int
    chat_id: int
    attempt: int
    to: int
    run: int = 1


@dataclass(frozen=True)
class Lease:
    """A chunk of this pump: who is still to be served, and what is already decided without sending.

    `broadcast` comes with its bot, `people` are those it calls by name; `paid`: its Stars last for some more messages.
    """

    chunk_id: int
    broadcast: Broadcast
    epoch: int
    rest: list[Pending] = field(default_factory=list)
    people: dict[int, dict[str, str]] = field(default_factory=dict)
    settled: list[Result] = field(default_factory=list)
    is_first_of_many: bool = False
    paid: bool = False


CLAIM = f"""
    WITH free AS (
        SELECT chunk.id, chunk.expired
        FROM broadcasts_broadcast AS broadcast
        CROSS JOIN LATERAL (
            SELECT candidate.id, candidate.leased_until IS NOT NULL AS expired FROM broadcasts_chunk AS candidate
            WHERE candidate.broadcast_id = broadcast.id AND candidate.done_at IS NULL
              AND (candidate.leased_until IS NULL OR candidate.leased_until < now())
              AND (candidate.number = 0 OR broadcast.expires_at <= now() OR NOT EXISTS (
                  SELECT 1 FROM broadcasts_chunk AS canary
                  WHERE canary.broadcast_id = broadcast.id AND canary.number = 0 AND canary.done_at IS NULL))
            ORDER BY candidate.number LIMIT 1
            FOR UPDATE OF candidate SKIP LOCKED
        ) AS chunk
        WHERE (broadcast.bot_id = ANY(%(bots)s::bigint[]) AND {DUE}
               OR broadcast.status = 'running' AND broadcast.expires_at <= now())
          AND NOT broadcast.id = ANY(%(full)s::bigint[])
        ORDER BY broadcast.id LIMIT %(most)s
    )
    UPDATE broadcasts_chunk AS chunk
    SET leased_by = %(pump)s, leased_until = now() + make_interval(secs => %(seconds)s), epoch = epoch + 1
    FROM free WHERE chunk.id = free.id
    RETURNING chunk.id, chunk.broadcast_id, chunk.epoch, chunk.first_seq, chunk.last_seq, free.expired
"""  # noqa: S608
# The bounds are literals on purpose: the planner then knows that these are a few hundred rows of millions.
REST = """
    SELECT recipient.seq, recipient.chat_id, coalesce(past.run, 0) + 1, coalesce(intent.attempt, 0),
           coalesce(subscriber.unreachable, '')
    FROM broadcasts_recipient AS recipient
    LEFT JOIN LATERAL (
        SELECT max(run) AS run, bool_or(superseded_at IS NULL) AS is_last FROM broadcasts_delivery
        WHERE broadcast_id = recipient.broadcast_id AND chat_id = recipient.chat_id) AS past ON true
    LEFT JOIN LATERAL (
        SELECT max(attempt) AS attempt FROM broadcasts_intent
        WHERE broadcast_id = recipient.broadcast_id AND seq = recipient.seq
          AND run = coalesce(past.run, 0) + 1) AS intent ON true
    LEFT JOIN bots_subscriber AS subscriber
      ON subscriber.bot_id = %(bot)s AND subscriber.chat_id = recipient.chat_id
    WHERE recipient.broadcast_id = %(broadcast)s AND recipient.seq BETWEEN %(first)s AND %(last)s
      AND past.is_last IS NOT TRUE
    ORDER BY recipient.seq
"""


def work_is_due() -> bool:
    """Whether a pump started now would find something to take or to settle."""
    now = timezone.now()
    left = Chunk.objects.filter(leased_until__lt=now, broadcast__status__in=(Status.CANCELLED, Status.FAILED))
    expired = Chunk.objects.filter(
        Q(leased_until__isnull=True) | Q(leased_until__lt=now),
        done_at__isnull=True,
        broadcast__in=Broadcast.objects.filter(status=Status.RUNNING, expires_at__lte=now),
    )
    return lanes.due() or left.exists() or expired.exists()


@transaction.atomic
def take(
    *,
    pump: str,
    seconds: float,
    full: Collection[int] = (),
    most: int = MOST,
    most_bots: int = MOST,
) -> list[Lease]:
    """Leases one free chunk of each due broadcast that is not `full`, of the bots this pump serves.

    The canary comes first, alone. What has expired needs no bot.
    """
    bots = lanes.hold(pump=pump, seconds=seconds * LANE_SHARE, most=most_bots)
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM, {"pump": pump, "seconds": seconds, "bots": bots, "full": list(full), "most": most}
        )
        claimed = cursor.fetchall()
    if not claimed:
        return []
    broadcasts = Broadcast.objects.select_related("bot").in_bulk({row[1] for row in claimed})
    Broadcast.objects.filter(pk__in=broadcasts, status=Status.SCHEDULED).update(
        status=Status.RUNNING, started_at=timezone.now()
    )
    LEASE_EXPIRIES.inc(sum(row[-1] for row in claimed))
    return [_load(broadcasts[row[1]], *row[:-1]) for row in claimed]


def _load(broadcast: Broadcast, chunk_id: int, _: int, epoch: int, first: int, last: int) -> Lease:
    lease = Lease(
        chunk_id,
        broadcast,
        epoch,
        is_first_of_many=first == epoch == 1 and broadcast.recipients_count >= MANY,
        paid=broadcast.paid and broadcast.messages_left > 0,
    )
    expired = broadcast.expires_at is not None and broadcast.expires_at <= timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            REST, {"bot": broadcast.bot_id, "broadcast": broadcast.pk, "first": first, "last": last}
        )
        for seq, chat_id, run, attempted, unreachable in cursor.fetchall():
            refused = unreachable or ("expired" if expired else "")
            if said := _said_already(broadcast, attempted, refused):
                lease.settled.append(Result(broadcast.pk, seq, chat_id, *said, run=run))
            else:
                lease.rest.append(Pending(seq, chat_id, attempted + 1, to=chat_id, run=run))
    chats = [pending.chat_id for pending in lease.rest]
    if broadcast.content.get("placeholders"):
        lease.people.update(people_of(bot_id=broadcast.bot_id, chat_ids=chats))
    for chat_id, message_id in _messages(broadcast, chats):
        lease.people[chat_id] = {**lease.people.get(chat_id, {}), "message_id": str(message_id)}
    return lease


def _messages(broadcast: Broadcast, chats: list[int]) -> list[tuple[int, int | None]]:
    """(chat, message) of what is to be edited or deleted there; a broadcast that sends has none."""
    if broadcast.target_id is None:
        return []
    sent = Delivery.objects.current().filter(broadcast_id=broadcast.target_id, chat_id__in=chats)
    return list(sent.filter(message_id__isnull=False).values_list("chat_id", "message_id"))


def _said_already(broadcast: Broadcast, attempted: int, refused: str) -> tuple[str, str] | None:
    """(outcome, kind) of a recipient who is not to be sent to: in doubt for the last time, or refused."""
    may_repeat = attempted == 1 and broadcast.uncertain_policy == RESEND_ONCE and not refused
    if attempted and not may_repeat:
        return Outcome.UNCERTAIN, "interrupted"
    return (Outcome.SKIPPED, refused) if refused else None


def analyze() -> None:
    """After a big load: without it the planner still takes the tables for small, and scans them."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE broadcasts_recipient, broadcasts_chunk")


def renew(*, pump: str, seconds: float, chunk_ids: Sequence[int]) -> set[int]:
    """Prolongs this pump's leases; those missing from the answer now belong to somebody else."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE broadcasts_chunk SET leased_until = now() + make_interval(secs => %s)
            WHERE id = ANY(%s) AND leased_by = %s AND done_at IS NULL RETURNING id
            """,
            [seconds, list(chunk_ids), pump],
        )
        return {row[0] for row in cursor.fetchall()}


def release(*, chunk_id: int, epoch: int) -> None:
    """Gives a chunk back, with no message of it in the air, so that another pump need not wait."""
    Chunk.objects.filter(pk=chunk_id, epoch=epoch, done_at__isnull=True).update(
        leased_by="", leased_until=None
    )


@transaction.atomic
def finish(*, broadcast_id: int, chunk_id: int, epoch: int) -> None:
    """Every recipient of the chunk has a result; the last chunk completes the broadcast."""
    _flag_repeats(chunk_id)  # before the lock: whoever writes results waits for the tallies first as well
    broadcast = Broadcast.objects.select_for_update().get(pk=broadcast_id)
    done = Chunk.objects.filter(pk=chunk_id, epoch=epoch, done_at__isnull=True).update(
        done_at=timezone.now(), leased_until=None
    )
    if done:
        complete_if_done(broadcast)


def _flag_repeats(chunk_id: int) -> None:
    """A pump that was frozen may wake up and record its first attempt while another makes the second."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE broadcasts_delivery AS delivery SET kind = 'resent'
            FROM broadcasts_chunk AS chunk
            JOIN broadcasts_broadcast AS broadcast
              ON broadcast.id = chunk.broadcast_id AND broadcast.uncertain_policy = 'resend_once'
            JOIN broadcasts_intent AS intent
              ON intent.broadcast_id = chunk.broadcast_id AND intent.attempt > 1
             AND intent.seq BETWEEN chunk.first_seq AND chunk.last_seq
            WHERE chunk.id = %s AND delivery.broadcast_id = intent.broadcast_id
              AND delivery.chat_id = intent.chat_id AND delivery.run = intent.run
              AND delivery.outcome = 'sent' AND delivery.kind = ''
            """,
            [chunk_id],
        )


@transaction.atomic
def settle_interrupted() -> int:
    """Whoever was in doubt when a pump died, and the broadcast then stopped, is uncertain; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH left_behind AS (
                UPDATE broadcasts_chunk AS chunk SET leased_until = NULL
                FROM broadcasts_broadcast AS broadcast
                WHERE broadcast.id = chunk.broadcast_id AND broadcast.status IN ('cancelled', 'failed')
                  AND chunk.leased_until < now()
                RETURNING chunk.broadcast_id, chunk.first_seq, chunk.last_seq
            )
            INSERT INTO broadcasts_delivery (broadcast_id, seq, chat_id, run, outcome, kind, at)
            SELECT DISTINCT intent.broadcast_id, intent.seq, intent.chat_id, intent.run, 'uncertain',
                   'interrupted', now()
            FROM left_behind JOIN broadcasts_intent AS intent
              ON intent.broadcast_id = left_behind.broadcast_id
             AND intent.seq BETWEEN left_behind.first_seq AND left_behind.last_seq
            ON CONFLICT (broadcast_id, chat_id, run) DO NOTHING
            """
        )
        return int(cursor.rowcount)
