"""Making a broadcast: the audience becomes an immutable snapshot, cut into chunks, in one transaction."""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any, TypedDict, Unpack

from django.db import connection, transaction

from accounts import audit
from accounts.audit import Actor
from broadcasts.errors import IdempotencyKeyReused
from broadcasts.metrics import TASKS_CREATED
from broadcasts.models import Broadcast
from broadcasts.services.content import checked, keep
from broadcasts.services.control import tell_completed

CANARY = 20  # recipients who meet the content first, alone: broken content stops there
CHUNK = 500
COPY_BATCH = 10_000


class Terms(TypedDict, total=False):
    """How and when; what is not said is as below."""

    name: str
    kind: str
    target_id: int | None
    priority: str
    dedup_scope: str
    uncertain_policy: str
    scheduled_at: datetime | None
    expires_at: datetime | None
    repeat_seconds: int | None
    paid: bool
    stars_budget: int
    stars_spent_then: str


DEFAULTS: Terms = {
    "name": "",
    "kind": Broadcast.Kind.SEND,
    "target_id": None,
    "priority": Broadcast.Priority.MEDIUM,
    "dedup_scope": "",
    "uncertain_policy": Broadcast.UncertainPolicy.SKIP,
    "scheduled_at": None,
    "expires_at": None,
    "repeat_seconds": None,
    "paid": False,
    "stars_budget": 0,
    "stars_spent_then": Broadcast.WhenSpent.FREE,
}


@transaction.atomic
def create(
    *,
    account_id: int,
    bot_id: int,
    content: dict[str, Any],
    chats: Iterable[int],
    by: Actor,
    idempotency_key: str = "",
    audience: dict[str, Any] | None = None,
    **terms: Unpack[Terms],
) -> Broadcast:
    """Every chat is a recipient once, and once per scope of the account; one key makes one broadcast."""
    content, files = checked(account_id=account_id, content=content)
    said = {"bot_id": bot_id, "content": content, "audience": audience or {}}
    wanted: dict[str, Any] = {**said, **DEFAULTS, **terms}
    if idempotency_key and (earlier := _made_with(account_id, idempotency_key, wanted)):
        return earlier
    broadcast = Broadcast.objects.create(account_id=account_id, idempotency_key=idempotency_key, **wanted)
    keep(broadcast, files)
    _snapshot(broadcast, chats)
    if broadcast.recipients_count:
        _cut(broadcast)
    else:
        broadcast.move_to(Broadcast.Status.COMPLETED)
    broadcast.save(update_fields=["recipients_count", "audience", "status", "finished_at"])
    if broadcast.status == Broadcast.Status.COMPLETED:  # nobody was left to write to
        tell_completed(broadcast)
    transaction.on_commit(TASKS_CREATED.inc)
    audit.record(
        by, "create", broadcast, account_id=account_id, after={"recipients": broadcast.recipients_count}
    )
    return broadcast


def _made_with(account_id: int, key: str, wanted: dict[str, Any]) -> Broadcast | None:
    """The broadcast this key already made; whoever asks at the same moment waits for the first."""
    lock(f"key:{account_id}:{key}")
    earlier = Broadcast.objects.filter(account_id=account_id, idempotency_key=key).first()
    if earlier and not _same(earlier, wanted):
        raise IdempotencyKeyReused(task_id=earlier.public_id)
    return earlier


def _same(earlier: Broadcast, wanted: dict[str, Any]) -> bool:
    """Whether a broadcast is the one wanted; its audience has been counted since."""
    audience = wanted["audience"].items() <= earlier.audience.items()
    return audience and all(
        getattr(earlier, name) == value for name, value in wanted.items() if name != "audience"
    )


def lock(name: str) -> None:
    """Held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"broadcasts:{name}"])


@contextmanager
def audience_table(chats: Iterable[int]) -> Iterator[int]:
    """The chats in a temporary table `audience`, streamed; how many they are. It needs a transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE audience (chat_id bigint NOT NULL) ON COMMIT DROP")
        yield _load(cursor, chats)
        cursor.execute("DROP TABLE audience")  # a second one may follow in the same transaction


def _snapshot(broadcast: Broadcast, chats: Iterable[int]) -> None:
    """Writes the recipients, in the order of their chat ids so that the indexes grow at one end, and counts."""
    if broadcast.dedup_scope:
        lock(f"scope:{broadcast.account_id}:{broadcast.dedup_scope}")
    with audience_table(chats) as received, connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO broadcasts_recipient (broadcast_id, seq, chat_id)
            SELECT %(id)s, row_number() OVER (ORDER BY chat_id), chat_id
            FROM (SELECT DISTINCT chat_id FROM audience) AS once
            WHERE %(scope)s = '' OR NOT EXISTS (
                SELECT 1 FROM broadcasts_broadcast AS other
                JOIN broadcasts_recipient AS served ON served.broadcast_id = other.id
                WHERE other.account_id = %(account)s AND other.dedup_scope = %(scope)s
                  AND other.dedup_scope <> '' AND other.id <> %(id)s AND served.chat_id = once.chat_id
            )
            """,
            {"id": broadcast.pk, "account": broadcast.account_id, "scope": broadcast.dedup_scope},
        )
        broadcast.recipients_count = different = cursor.rowcount
        if broadcast.dedup_scope:
            cursor.execute("SELECT count(DISTINCT chat_id) FROM audience")
            (different,) = cursor.fetchone()
    broadcast.audience = broadcast.audience | {
        "received": received,
        "duplicates": received - different,
        "reached_before": different - broadcast.recipients_count,
    }


def _load(cursor: Any, chats: Iterable[int]) -> int:
    """Streams the audience in; `chats` may be a query on this connection, so COPY never waits for it."""
    waiting, received = iter(chats), 0
    while batch := list(islice(waiting, COPY_BATCH)):
        lines = io.StringIO("".join(f"{int(chat)}\n" for chat in batch))
        cursor.copy_expert("COPY audience (chat_id) FROM STDIN", lines)
        received += len(batch)
    return received


def _cut(broadcast: Broadcast) -> None:
    """The canary alone, then chunks of CHUNK."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO broadcasts_chunk (broadcast_id, number, first_seq, last_seq, leased_by, epoch)
            SELECT %(id)s, 0, 1, least(%(canary)s, %(count)s), '', 0
            UNION ALL
            SELECT %(id)s, part + 1, %(canary)s + part * %(chunk)s + 1,
                   least(%(canary)s + (part + 1) * %(chunk)s, %(count)s), '', 0
            FROM generate_series(0, (%(count)s - %(canary)s - 1) / %(chunk)s) AS part
            WHERE %(count)s > %(canary)s
            """,
            {"id": broadcast.pk, "canary": CANARY, "chunk": CHUNK, "count": broadcast.recipients_count},
        )
