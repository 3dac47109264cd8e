"""The draw: seal the list, go down the one ranking until the winners stand, tell everybody. Never twice."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import audit
from accounts.audit import SYSTEM
from bots import crypto
from giveaways.models import Giveaway, Post, Status
from giveaways.services import life
from giveaways.services.write import lock
from participants import draw
from participants.errors import NotDrawnYet
from participants.models import Draw, Entry, Person, Place, Skip
from participants.services import places, rounds, telling

LEASE = timedelta(minutes=2 * settings.LEASE_SCALE)
RETRY = timedelta(seconds=5)
LOOK_AHEAD = 50  # places ranked beyond the winners at a time
PATIENCE = timedelta(hours=24)


def waiting_to_close() -> list[int]:
    """Giveaways that are finishing and whose list is not sealed yet."""
    drawn = Draw.objects.values("giveaway_id")
    finishing = Giveaway.objects.filter(status=Status.FINISHING).exclude(pk__in=drawn)
    return list(finishing.order_by("finish_requested_at").values_list("pk", flat=True)[:50])


def close(*, giveaway_id: int) -> Draw:
    """Seals the list of entries. Nobody can enter a finishing giveaway, so the list is read without a lock;
    whoever seals second finds the first one's draw, and both have hashed the same bytes."""
    giveaway = Giveaway.objects.get(pk=giveaway_id)
    if giveaway.finish_requested_at is None:
        raise NotDrawnYet
    sealed = draw.seal(entries_of(giveaway_id))
    closed_at = giveaway.finish_requested_at
    with transaction.atomic():
        lock(giveaway_id)
        row, new = Draw.objects.get_or_create(
            giveaway=giveaway,
            defaults={
                "entries": sealed.entries,
                "tickets": sealed.tickets,
                "block_roots": sealed.block_roots,
                **rounds.sealed_at(giveaway, sealed, closed_at),
            },
        )
        if new:
            rounds.carry(row)
            audit.record(
                SYSTEM, "close_draw", giveaway, account_id=giveaway.account_id,
                after={"entries": sealed.entries, "closing_sha256": row.closing_sha256},
            )  # fmt: skip
    return row


def entries_of(giveaway_id: int) -> Iterator[tuple[str, int]]:
    """(code, weight) in the order of entries.txt, streamed."""
    entries = Entry.objects.filter(giveaway_id=giveaway_id).in_order_of_codes()
    return entries.values_list("code", "weight").iterator(chunk_size=5000)


@transaction.atomic
def claim_draw() -> Draw | None:
    """Takes one unsettled draw for this worker alone."""
    row = (
        Draw.objects.due()
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("giveaway__binding__bot", "giveaway__binding__channel")
        .order_by("closed_at")
        .first()
    )
    if row:
        row.leased_until = timezone.now() + LEASE
        row.save(update_fields=["leased_until"])
    return row


def hold(*, draw_id: int) -> None:
    """Keeps the draw for this worker while it goes on."""
    Draw.objects.filter(pk=draw_id).update(leased_until=timezone.now() + LEASE)


def postpone(*, draw_id: int) -> None:
    """Somebody's subscription is unknown: asked again soon."""
    Draw.objects.filter(pk=draw_id).update(leased_until=timezone.now() + RETRY)


def candidates(row: Draw) -> list[Place]:
    """The places to ask Telegram about next: pending ones, as many as winners are missing.

    Empty when the winners stand, or when the ranking has nobody left.
    """
    standing = row.places.filter(verdict=Place.Verdict.WINNER).count()
    missing = row.giveaway.winner_count - standing
    if missing <= 0:
        return []
    if row.places.filter(verdict=Place.Verdict.PENDING).count() < missing:
        rank_more(row)
    pending = row.places.filter(verdict=Place.Verdict.PENDING).select_related("entry__person")
    return list(pending.order_by("rank")[:missing])


def rank_more(row: Draw) -> None:
    """Writes down the next places of the one ranking; doing it twice writes the same places."""
    last = row.places.aggregate(rank=Max("rank"), score=Max("score"))
    known, after = last["rank"] or 0, bytes.fromhex(last["score"] or "")
    ranked = draw.ranking(
        entries_of(row.giveaway_id), key_of(row), row.giveaway.winner_count + LOOK_AHEAD, after=after
    )
    ids = dict(Entry.objects.filter(code__in=[place.code for place in ranked]).values_list("code", "pk"))
    Place.objects.bulk_create(
        [
            Place(draw=row, rank=known + number, entry_id=ids[place.code], score=place.score.hex())
            for number, place in enumerate(ranked, start=1)
        ],
        ignore_conflicts=True,
    )


def seed_of(giveaway: Giveaway) -> bytes:
    """The secret of the draw; shown to nobody before it."""
    return bytes.fromhex(crypto.decrypt(giveaway.seed_encrypted))


def key_of(row: Draw) -> bytes:
    """The key of all tickets: from the seed and, where it was promised, the public randomness."""
    return draw.prk(
        seed=seed_of(row.giveaway),
        randomness=draw.randomness(signature_of(row)),
        open_sha256=row.giveaway.opening_sha256,
    )


def signature_of(row: Draw) -> bytes | None:
    """The promised round's signature; None at trust level A. Refused while a promised round is missing."""
    if row.beacon_round is None:
        return None
    if not row.signature:
        raise NotDrawnYet
    return bytes.fromhex(row.signature)


@transaction.atomic
def judge(*, place_id: int, subscribed: bool | None) -> bool:
    """Yes stands, no is skipped for ever with its reason, unknown waits: True when it is to be asked again.

    After PATIENCE an unknown stands: the person was subscribed when they entered, and errors punish nobody.
    Whoever looked for candidates before another worker's verdicts may hold a place that cannot win any more:
    under the draw's lock only the first places that are not skipped are judged, as many as there are winners.
    """
    place = Place.objects.select_related("entry").get(pk=place_id)
    # Before the draw, as whoever enters takes the person before the giveaway: nobody is forgotten while they win.
    person = Person.objects.select_for_update(no_key=True).get(pk=place.entry.person_id)
    row = Draw.objects.select_for_update(of=("self",)).select_related("giveaway").get(pk=place.draw_id)
    place.refresh_from_db(fields=["verdict"])
    before = row.places.filter(rank__lt=place.rank).exclude(verdict=Place.Verdict.SKIPPED)
    if place.verdict != Place.Verdict.PENDING or before.count() >= row.giveaway.winner_count:
        return False
    if person.forgotten_at:
        places.skip(row, place, reason=Skip.Reason.DECLINED, evidence_at=person.forgotten_at)
        return False
    place.asked_at = now = timezone.now()
    if subscribed or (subscribed is None and now - (row.promoting_at or row.closed_at) > PATIENCE):
        place.verdict = Place.Verdict.WINNER
    elif subscribed is False:
        places.skip(row, place, reason=Skip.Reason.NOT_SUBSCRIBED, evidence_at=now)
    place.save(update_fields=["verdict", "asked_at"])
    return bool(place.verdict == Place.Verdict.PENDING)


@transaction.atomic
def settle(*, draw_id: int) -> Draw:
    """The winners stand: the results are handed to delivery and the giveaway is complete, in one transaction."""
    giveaway_id = Draw.objects.values_list("giveaway_id", flat=True).get(pk=draw_id)
    giveaway = lock(giveaway_id)
    row = Draw.objects.select_for_update().get(pk=draw_id)
    if row.status == Draw.Status.SETTLED or candidates(row):  # another worker's verdicts left places to judge
        return row
    winners = Place.objects.filter(draw=row, verdict=Place.Verdict.WINNER)
    telling.tell_everybody(row, giveaway)
    places.seat(row, giveaway, list(winners), row.winners_broadcast)
    row.status, row.settled_at, row.leased_until = Draw.Status.SETTLED, timezone.now(), None
    row.save()
    life.complete(
        giveaway_id=giveaway_id, winners_selected=winners.count(), closing_sha256=row.closing_sha256
    )
    audit.record(
        SYSTEM, "settle_draw", giveaway, account_id=giveaway.account_id,
        after={"winners": list(winners.order_by("rank").values_list("entry__code", flat=True))},
    )  # fmt: skip
    return row


@transaction.atomic
def promote(*, draw_id: int) -> bool:
    """Whoever moved up is told, once; the conclusion is corrected. False while a place is still to be judged."""
    life.lock_posts(
        Draw.objects.values_list("giveaway_id", flat=True).get(pk=draw_id), [Post.Kind.CORRECTION]
    )
    giveaway, row = places.lock_draw(draw_id)
    if row.promoting_at is None:
        return True
    if candidates(row):
        return False
    fresh = row.places.filter(verdict=Place.Verdict.WINNER, seated_at__isnull=True)
    for place in list(fresh.select_related("entry__person").order_by("rank")):
        places.seat(row, giveaway, [place], telling.tell_promoted(giveaway, place))
    row.seated_skips = row.skips.count()
    row.promoting_at = row.leased_until = None
    row.save(update_fields=["promoting_at", "leased_until", "seated_skips"])
    life.correct(
        giveaway_id=giveaway.pk,
        winners_selected=row.places.filter(verdict=Place.Verdict.WINNER).count(),
        replaced=row.places.filter(verdict=Place.Verdict.SKIPPED, seated_at__isnull=False).count(),
    )
    return True


def proof_of(row: Draw) -> draw.Proof:
    """What proof.json holds; refused before the draw is settled.

    While a place is free it shows the winners as they last stood: a proof is never half of a change.
    """
    if row.status != Draw.Status.SETTLED:
        raise NotDrawnYet
    skips = list(row.skips.filter(number__lte=row.seated_skips).select_related("place__entry"))
    passed = {skip.place.entry.code: skip.reason for skip in sorted(skips, key=lambda skip: skip.place.rank)}
    seated = row.places.filter(seated_at__isnull=False).order_by("rank")
    codes = seated.values_list("entry__code", flat=True)
    return draw.proof(
        opening=row.giveaway.opening_record.encode(),
        closing=row.closing_record.encode(),
        seed=seed_of(row.giveaway),
        beacon_round=row.beacon_round,
        signature=signature_of(row),
        skipped=passed,
        skips=[skip.record.encode() for skip in skips],
        winners=[code for code in codes if code not in passed],
    )
