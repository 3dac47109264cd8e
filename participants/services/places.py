"""Places of the one ranking: who is passed over and why, who claims, and who moves up. Nobody is picked."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.audit import SYSTEM, Actor
from broadcasts.models import Broadcast, Delivery
from giveaways.models import Giveaway
from giveaways.promise import sha256_hex
from giveaways.services.write import lock
from participants import draw
from participants.errors import (
    IdempotencyKeyReused,
    NoEvidence,
    NotAWinner,
    NotDrawnYet,
    NoteMissing,
)
from participants.models import Draw, Place, Skip
from participants.steps import Claim

Reason = Skip.Reason
LOOK_AGAIN = timedelta(minutes=10)
REACHED = (Delivery.Outcome.SENT, Delivery.Outcome.UNCERTAIN)


def lock_draw(draw_id: int) -> tuple[Giveaway, Draw]:
    """The giveaway's row and then the draw's, locked until the transaction ends; always in this order."""
    giveaway = lock(Draw.objects.values_list("giveaway_id", flat=True).get(pk=draw_id))
    return giveaway, Draw.objects.select_for_update().get(pk=draw_id)


def skip(
    row: Draw, place: Place, *, reason: str, evidence_at: datetime, note: str = "", key: str = ""
) -> Skip:
    """Passes over a place of the locked draw for ever, with its reason, in the draw's chain of skip rows."""
    last = row.skips.order_by("-number").first()
    passed = draw.Passed(
        number=last.number + 1 if last else 1,
        rank=place.rank,
        code=place.entry.code,
        reason=reason,
        evidence_at=int(evidence_at.timestamp()),
        note=draw.one_line(note),
    )
    previous = last.sha256 if last else row.closing_sha256
    record = draw.skip_record(passed, giveaway=row.giveaway.public_id, previous=previous)
    place.verdict, place.reason = Place.Verdict.SKIPPED, reason
    place.save(update_fields=["verdict", "reason"])
    return Skip.objects.create(
        draw=row, place=place, number=passed.number, reason=reason, evidence_at=evidence_at, note=passed.note,
        record=record.decode(), sha256=sha256_hex(record), idempotency_key=key,
    )  # fmt: skip


def free(row: Draw, place: Place, *, reason: str, evidence_at: datetime, by: Actor, **about: str) -> Skip:
    """A winner of the locked draw loses the place; the next of the ranking will move up."""
    skipped = skip(row, place, reason=reason, evidence_at=evidence_at, **about)
    row.promoting_at = timezone.now()
    row.save(update_fields=["promoting_at"])
    audit.record(
        by, "replace_winner", row.giveaway, account_id=row.giveaway.account_id,
        after={"code": place.entry.code, "rank": place.rank, "reason": reason, "note": skipped.note},
    )  # fmt: skip
    return skipped


@transaction.atomic
def replace(
    *,
    giveaway_id: int,
    telegram_id: int | None,
    reason: str,
    note: str = "",
    by: Actor,
    key: str = "",
    place_id: int | None = None,
) -> Skip:
    """A winner is replaced, with a reason, by the next of the ranking: whom that is, nobody chooses.

    One key replaces one winner, however often it is sent. A forgotten winner has no id: staff name the place.
    """
    row = Draw.objects.filter(giveaway_id=giveaway_id).first()
    if row is None:
        raise NotDrawnYet
    _, row = lock_draw(row.pk)
    if row.status != Draw.Status.SETTLED:
        raise NotDrawnYet
    if key and (
        earlier := row.skips.filter(idempotency_key=key).select_related("place__entry__person").first()
    ):
        if (earlier.place.entry.person.telegram_id, earlier.reason) != (telegram_id, reason):
            raise IdempotencyKeyReused
        return earlier
    standing = row.places.filter(verdict=Place.Verdict.WINNER, seated_at__isnull=False)
    whose = Q(entry__person__telegram_id=telegram_id) if place_id is None else Q(pk=place_id)
    place = standing.filter(whose).first()
    if place is None:
        raise NotAWinner(field="user_id")
    evidence_at = evidence(place, reason, note)
    return free(row, place, reason=reason, evidence_at=evidence_at, note=note, by=by, key=key)


def evidence(place: Place, reason: str, note: str) -> datetime:
    """When the ground for a replacement was seen; a ground the platform could know has to be known to it."""
    if reason == Reason.UNREACHABLE:
        told = delivery_of(place)
        if told is None or told.outcome in REACHED:
            raise NoEvidence(field="reason")
        return told.at
    if reason == Reason.INELIGIBLE and not note.strip():
        raise NoteMissing(field="note")
    return timezone.now()


def delivery_of(place: Place) -> Delivery | None:
    """What became of the message that told the winner; None while it is on its way."""
    if place.told_by_id is None:
        return None
    chat_id = place.entry.person.telegram_id
    if chat_id is None:
        return None
    return Delivery.objects.current().filter(broadcast_id=place.told_by_id, chat_id=chat_id).first()


# Claims -------------------------------------------------------------------------------------------
def winner_of(result_token: str, telegram_id: int, bot_id: int) -> Place | Claim:
    """The person's place of a finished draw of this bot, or why there is none."""
    giveaway = Giveaway.objects.filter(result_token=result_token, binding__bot_id=bot_id).first()
    if giveaway is None:
        return Claim.NOT_FOUND
    row = Draw.objects.filter(giveaway=giveaway, status=Draw.Status.SETTLED).first()
    if row is None:
        return Claim.RUNNING
    place = row.places.filter(entry__person__telegram_id=telegram_id).first()
    if place is None or place.verdict == Place.Verdict.PENDING:
        return Claim.NOT_A_WINNER
    return place


@transaction.atomic
def claim(*, result_token: str, telegram_id: int, bot_id: int) -> Claim:
    """A winner claims once; whoever lost the place before is told why."""
    place = winner_of(result_token, telegram_id, bot_id)
    if isinstance(place, Claim):
        return place
    lock_draw(place.draw_id)
    place.refresh_from_db()
    if place.verdict == Place.Verdict.SKIPPED:
        return Claim.LOST
    if place.claimed_at is None:
        place.claimed_at = timezone.now()
        place.save(update_fields=["claimed_at"])
    return Claim.CLAIMED


@transaction.atomic
def decline(*, result_token: str, telegram_id: int, bot_id: int) -> Claim:
    """A winner gives the place to the next of the ranking."""
    place = winner_of(result_token, telegram_id, bot_id)
    if isinstance(place, Claim):
        return place
    _, row = lock_draw(place.draw_id)
    place.refresh_from_db()
    if place.verdict == Place.Verdict.SKIPPED:
        return Claim.DECLINED if place.reason == Reason.DECLINED else Claim.LOST
    free(row, place, reason=Reason.DECLINED, evidence_at=timezone.now(), by=Actor(label="winner"))
    return Claim.DECLINED


def expire_claims() -> int:
    """Winners who did not claim in time lose their place; safe to run twice. How many lost it."""
    due = Place.objects.filter(
        verdict=Place.Verdict.WINNER, claimed_at__isnull=True, claim_until__lte=timezone.now()
    )
    return sum(expire(place_id=pk) for pk in list(due.values_list("pk", flat=True)[:200]))


@transaction.atomic
def expire(*, place_id: int) -> bool:
    """The time to claim runs from the moment the winner was told; a message still on its way expires nobody."""
    place = Place.objects.select_related("entry__person").get(pk=place_id)
    giveaway, row = lock_draw(place.draw_id)
    place.refresh_from_db(fields=["verdict", "claimed_at", "claim_until"])
    overdue = place.claim_until is not None and place.claim_until <= timezone.now()
    if place.verdict != Place.Verdict.WINNER or place.claimed_at or not overdue:
        return False
    told = delivery_of(place)
    if told and told.outcome not in REACHED:
        free(row, place, reason=Reason.UNREACHABLE, evidence_at=told.at, by=SYSTEM)
        return True
    until = told.at + timedelta(hours=giveaway.claim_hours or 0) if told else timezone.now() + LOOK_AGAIN
    if until > timezone.now():
        place.claim_until = until
        place.save(update_fields=["claim_until"])
        return False
    free(row, place, reason=Reason.UNCLAIMED, evidence_at=until, by=SYSTEM)
    return True


def seat(row: Draw, giveaway: Giveaway, places: list[Place], told_by: Broadcast | None) -> None:
    """Writes down that these winners stand and were told; their time to claim begins."""
    now = timezone.now()
    until = now + timedelta(hours=giveaway.claim_hours) if giveaway.claim_hours else None
    row.places.filter(pk__in=[place.pk for place in places]).update(
        seated_at=now, told_by=told_by, claim_until=until
    )
    row.seated_skips = row.skips.count()


@transaction.atomic
def claim_promotion() -> Draw | None:
    """Takes one settled draw in which a place is free, for this worker alone."""
    row = (
        Draw.objects.promoting()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("giveaway__binding__bot", "giveaway__binding__channel")
        .order_by("promoting_at")
        .first()
    )
    if row:
        row.leased_until = timezone.now() + timedelta(minutes=2 * settings.LEASE_SCALE)
        row.save(update_fields=["leased_until"])
    return row
