"""Public randomness: the sealed list's hash stands in the channel before the promised round, then that round.

Nothing falls back to a lower level of trust: a draw waits, and says for what.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.audit import SYSTEM, Actor
from giveaways import beacon, promise
from giveaways.models import Giveaway, Post
from giveaways.services import life
from giveaways.services.write import lock, promised_chain
from participants import draw
from participants.errors import NotTheRoundsSignature, NotWaitingForARound
from participants.models import Draw

LEASE = timedelta(seconds=60 * settings.LEASE_SCALE)
MOST_PAUSE_SECONDS = 60
CLOCKS = timedelta(seconds=3)  # how far our clock and drand's may be apart
CARRIERS = (Post.Kind.CLOSING, Post.Kind.SEAL)


def sealed_at(giveaway: Giveaway, sealed: draw.Sealed, closed_at: datetime) -> dict[str, Any]:
    """The closing record of the list for this closing time, and what follows from it, as fields of the draw."""
    record = draw.closing_record(
        opening=giveaway.opening_record.encode(), closed_at=int(closed_at.timestamp()), sealed=sealed
    )
    opening = promise.parse_opening(giveaway.opening_record.encode())
    number = draw.promised_round(
        beacon=opening["beacon"],
        beacon_delay=int(opening["beacon_delay"]),
        closed_at=int(closed_at.timestamp()),
    )
    return {
        "closing_record": record.decode(),
        "closing_sha256": promise.sha256_hex(record),
        "closed_at": closed_at,
        "status": Draw.Status.CLOSED if number is None else Draw.Status.SEALING,
        "beacon_round": number,
        "round_due_at": None if number is None else due_at(opening["beacon"], number),
    }


def due_at(promised: str, beacon_round: int) -> datetime:
    """When the round will be made."""
    source = promise.parse_beacon(promised)
    assert source is not None  # noqa: S101 (there is a round)
    return datetime.fromtimestamp(source.genesis + (beacon_round - 1) * source.period, UTC)


def carry(row: Draw) -> None:
    """Hands the hash of a public draw's list to the channel."""
    if row.beacon_round is not None and row.round_due_at is not None:
        life.seal(
            giveaway_id=row.giveaway_id,
            closing_sha256=row.closing_sha256,
            beacon_round=row.beacon_round,
            due_at=row.round_due_at,
        )


def follow_seals() -> int:
    """Draws whose hash has arrived in the channel go on; how many did."""
    waiting = Draw.objects.filter(status=Draw.Status.SEALING).values_list("pk", flat=True)[:100]
    return sum(follow_seal(draw_id=pk) for pk in list(waiting))


@transaction.atomic
def follow_seal(*, draw_id: int) -> bool:
    """A hash that arrived in time makes the draw wait for its round; one that came too late is sealed anew.

    Sealed anew with a later closing time: the same entries, another round, which nobody can know yet either. The
    round that was missed is never asked for.
    """
    giveaway_id = Draw.objects.values_list("giveaway_id", flat=True).get(pk=draw_id)
    life.lock_posts(giveaway_id, CARRIERS)
    lock(giveaway_id)
    row = Draw.objects.select_for_update(of=("self",)).select_related("giveaway").get(pk=draw_id)
    if row.status != Draw.Status.SEALING or row.round_due_at is None:
        return False
    posts = Post.objects.filter(giveaway_id=row.giveaway_id, kind__in=CARRIERS)
    arrived = posts.filter(status=Post.Status.SENT).order_by("-sent_at").first()
    if arrived is None or arrived.sent_at is None:
        last = posts.exclude(error="").order_by("-due_at").first()
        row.trouble = last.error if last else ""
        row.save(update_fields=["trouble"])
        return False
    if arrived.sent_at + CLOCKS >= row.round_due_at:
        seal_anew(row)
        return False
    row.status, row.sealed_post_at, row.trouble = Draw.Status.WAITING, arrived.sent_at, ""
    row.save(update_fields=["status", "sealed_post_at", "trouble"])
    return True


def seal_anew(row: Draw) -> None:
    """The same list under a later closing time; the locked draw."""
    closing = draw.parse_closing(row.closing_record.encode())
    sealed = draw.Sealed(row.entries, row.tickets, closing["entries_sha256"], closing.get("merkle_root", ""))
    missed = row.closing_sha256
    for name, value in sealed_at(row.giveaway, sealed, timezone.now()).items():
        setattr(row, name, value)
    row.save()
    carry(row)
    audit.record(
        SYSTEM, "seal_anew", row.giveaway, account_id=row.giveaway.account_id,
        before={"closing_sha256": missed}, after={"closing_sha256": row.closing_sha256, "round": row.beacon_round},
    )  # fmt: skip


@transaction.atomic
def claim_round() -> Draw | None:
    """Takes one draw whose promised round is made, to ask the relays for it."""
    row = (
        Draw.objects.free()
        .filter(status=Draw.Status.WAITING, round_due_at__lte=timezone.now())
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("giveaway")
        .order_by("round_due_at")
        .first()
    )
    if row:
        row.leased_until = timezone.now() + LEASE
        row.save(update_fields=["leased_until"])
    return row


@transaction.atomic
def record_silence(*, draw_id: int, trouble: str) -> None:
    """The relays did not give the round: asked again after a growing pause, and the reason is shown."""
    row = Draw.objects.select_for_update().get(pk=draw_id)
    if row.status != Draw.Status.WAITING:
        return
    row.tries = min(row.tries + 1, 30_000)
    row.trouble = trouble[:255]
    row.leased_until = timezone.now() + timedelta(seconds=min(2 ** min(row.tries, 10), MOST_PAUSE_SECONDS))
    row.save(update_fields=["tries", "trouble", "leased_until"])


@transaction.atomic
def record_round(*, draw_id: int, beacon_round: int, signature: bytes, by: Actor = SYSTEM) -> Draw:
    """The promised round's genuine signature, from the relays or from staff, is written once; nothing else is."""
    row = Draw.objects.select_for_update(of=("self",)).select_related("giveaway").get(pk=draw_id)
    if row.signature:
        return row
    if row.status != Draw.Status.WAITING or row.beacon_round != beacon_round:
        raise NotWaitingForARound(round=beacon_round)
    key = chain_of(row).public_key
    if not beacon.genuine(signature, beacon_round=beacon_round, public_key=key):
        raise NotTheRoundsSignature(round=beacon_round)
    row.signature, row.status, row.trouble, row.leased_until = (
        signature.hex(), Draw.Status.CLOSED, "", None,
    )  # fmt: skip
    row.save(update_fields=["signature", "status", "trouble", "leased_until"])
    audit.record(
        by, "record_round", row.giveaway, account_id=row.giveaway.account_id,
        after={"round": beacon_round, "signature": row.signature},
    )  # fmt: skip
    return row


def chain_of(row: Draw) -> beacon.Chain:
    """The promised chain with its pinned key; a chain whose key is not pinned here cannot be checked."""
    promised = promise.parse_opening(row.giveaway.opening_record.encode())["beacon"]
    known = (promised_chain(), beacon.chain(promise.QUICKNET, beacon.QUICKNET_KEY))
    for chain in known:
        if chain.promised == promised:
            return chain
    raise NotTheRoundsSignature(round=row.beacon_round)
