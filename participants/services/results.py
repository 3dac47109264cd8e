"""Reading what came out: a person's own result, a giveaway's numbers, a person's history."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User
from bots.services.subscribers import record_subscriber
from broadcasts.models import Delivery
from broadcasts.services import counts, unreachable
from giveaways.models import Giveaway, Status
from giveaways.services.write import draw_url
from participants import texts
from participants.errors import DeliveryIsRecorded, InvalidTokenFormat, NotParticipating
from participants.models import Draw, Entry, Person, Place
from participants.services.people import Visitor, know


def winning() -> Exists:
    """Whether the entry of the outer query won."""
    return Exists(Place.objects.filter(entry=OuterRef("pk"), verdict=Place.Verdict.WINNER))


def won(entry: Entry) -> bool:
    """Whether the entry is one of the winners."""
    return Place.objects.filter(entry=entry, verdict=Place.Verdict.WINNER).exists()


def personal_result(*, result_token: str, visitor: Visitor, bot_id: int) -> str:
    """What VIEW RESULTS tells this person: nothing but "running" before the draw, afterwards their own result."""
    record_subscriber(
        bot_id=bot_id,
        chat_id=visitor.telegram_id,
        language_code=visitor.language_code,
        first_name=visitor.first_name,
        username=visitor.username,
    )
    language = visitor.language_code
    giveaway = Giveaway.objects.filter(result_token=result_token, binding__bot_id=bot_id).first()
    if giveaway is None:
        return texts.CLOSED["not_found"].to(language)
    if giveaway.status == Status.CANCELLED:
        return texts.CLOSED["cancelled"].to(language)
    if giveaway.status != Status.FINISHED:
        return texts.RESULT_RUNNING.to(language, title=giveaway.title)
    person = know(visitor)
    entry = Entry.objects.filter(giveaway=giveaway, person=person).first()
    ending = texts.RESULT_LINK.to(
        language,
        participants=giveaway.participant_count,
        winners=giveaway.winners_selected or 0,
        draw_url=draw_url(giveaway),
    )
    if entry is None:
        return texts.RESULT_NOT_IN.to(language, title=giveaway.title) + ending
    place = Place.objects.filter(entry=entry, verdict=Place.Verdict.SKIPPED).first()
    if place:
        reason = texts.REASONS[place.reason].plain(language)
        return texts.RESULT_LOST_PLACE.to(language, title=giveaway.title, reason=reason) + ending
    if won(entry):
        return texts.RESULT_WON.to(language, title=giveaway.title, message=giveaway.winner_message) + ending
    return texts.RESULT_MESSAGE.to(language, title=giveaway.title, message=giveaway.loser_message) + ending


@dataclass(frozen=True)
class Stats:
    """Numbers of one giveaway, each counted from rows, and where its draw stands."""

    draw_status: str
    waiting_for: str
    beacon_round: int | None
    round_due_at: datetime | None
    winners_claimed: int
    winners_replaced: int

    total_participants: int
    captcha_completed_participants: int
    winner_count: int
    winners_selected: int
    messages_total: int
    messages_delivered: int
    messages_failed: int
    messages_unreachable: int
    messages_pending: int
    messages_uncertain: int


def waiting_for(row: Draw | None, language: str = "en") -> str:
    """What a draw still waits for, in a sentence; empty when it waits for nothing."""
    if row is None or row.beacon_round is None or row.round_due_at is None:
        return ""
    waits = {Draw.Status.SEALING: texts.WAITING_FOR_SEAL, Draw.Status.WAITING: texts.WAITING_FOR_ROUND}
    text = waits.get(Draw.Status(row.status))
    if text is None:
        return ""
    said = text.plain(language, round=row.beacon_round, due=f"{row.round_due_at:%Y-%m-%d %H:%M:%S} UTC")
    return f"{said} ({row.trouble})" if row.trouble else said


def stats(giveaway: Giveaway) -> Stats:
    """Participants from entries, messages from the delivery rows of the two result broadcasts."""
    people = Entry.objects.filter(giveaway=giveaway).aggregate(
        total=Count("pk"), captcha=Count("pk", filter=Q(person__captcha_passed_at__isnull=False))
    )
    row = Draw.objects.filter(giveaway=giveaway).first()
    ids = [pk for pk in (row.winners_broadcast_id, row.rest_broadcast_id) if pk] if row else []
    sent = list(counts(ids).values())
    claimed = Place.objects.filter(draw=row, verdict=Place.Verdict.WINNER, claimed_at__isnull=False)
    return Stats(
        draw_status=row.status if row else "",
        waiting_for=waiting_for(row),
        beacon_round=row.beacon_round if row else None,
        round_due_at=row.round_due_at if row else None,
        winners_claimed=claimed.count() if row else 0,
        winners_replaced=giveaway.replaced_winners,
        total_participants=people["total"],
        captcha_completed_participants=people["captcha"],
        winner_count=giveaway.winner_count,
        winners_selected=giveaway.winners_selected or 0,
        messages_total=sum(each.recipients for each in sent),
        messages_delivered=sum(each.sent for each in sent),
        messages_failed=sum(each.failed + each.skipped for each in sent),
        messages_unreachable=unreachable(ids),
        messages_pending=sum(each.pending for each in sent),
        messages_uncertain=sum(each.uncertain for each in sent),
    )


@dataclass(frozen=True)
class WinnerStatus:
    """Whether a person took part and won; `is_winner` is None before the draw."""

    participated: bool
    is_winner: bool | None
    code: str
    joined_at: datetime | None
    rank: int | None = None
    skip_reason: str = ""
    claim_until: datetime | None = None
    claimed_at: datetime | None = None


def winner_status(*, giveaway: Giveaway, telegram_id: int) -> WinnerStatus:
    """Before the draw nobody has won or lost."""
    entry = Entry.objects.filter(giveaway=giveaway, person__telegram_id=telegram_id).first()
    if entry is None:
        return WinnerStatus(False, None, "", None)
    if giveaway.status != Status.FINISHED:
        return WinnerStatus(True, None, entry.code, entry.joined_at)
    place = Place.objects.filter(entry=entry).exclude(verdict=Place.Verdict.PENDING).first()
    return WinnerStatus(
        True,
        place is not None and place.verdict == Place.Verdict.WINNER,
        entry.code,
        entry.joined_at,
        rank=place.rank if place else None,
        skip_reason=place.reason if place else "",
        claim_until=place.claim_until if place else None,
        claimed_at=place.claimed_at if place else None,
    )


@dataclass(frozen=True)
class History:
    """A person's entries in the giveaways the caller may see."""

    person: Person
    total_participations: int
    total_wins: int
    win_rate: float | None
    entries: QuerySet[Entry]


def history(*, user: User, telegram_id: int) -> History | None:
    """None when the person never entered a giveaway the caller may see."""
    visible = Giveaway.objects.visible_to(user)
    entries = (
        Entry.objects.filter(person__telegram_id=telegram_id, giveaway__in=visible)
        .select_related("giveaway", "person")
        .annotate(won=winning())
        .order_by("-joined_at", "-pk")
    )
    first = entries.first()
    if first is None:
        return None
    over = entries.filter(giveaway__status=Status.FINISHED)
    wins, ended = over.filter(won=True).count(), over.count()
    rate = round(wins / ended, 4) if ended else None
    return History(first.person, entries.count(), wins, rate, entries)


def winners(giveaway: Giveaway) -> list[Place]:
    """Who won, in the order of the ranking."""
    won = Place.objects.filter(draw__giveaway=giveaway, verdict=Place.Verdict.WINNER)
    return list(won.select_related("entry__person").order_by("rank"))


TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def by_token(result_token: str) -> dict[str, object] | None:
    """What anybody with the token may know; None when no giveaway has it."""
    if not TOKEN.fullmatch(result_token):
        raise InvalidTokenFormat
    giveaway = Giveaway.objects.filter(result_token=result_token).first()
    if giveaway is None:
        return None
    if giveaway.status != Status.FINISHED:
        return {"status": "cancelled" if giveaway.status == Status.CANCELLED else "running"}
    return {
        "status": "finished",
        "title": giveaway.title,
        "total_participants": giveaway.participant_count,
        "winner_codes": [place.entry.code for place in winners(giveaway)],
        "finished_at": giveaway.finished_at,
        "draw_url": draw_url(giveaway),
    }


@dataclass(frozen=True)
class Delivered:
    """What the delivery engine knows of a person's result message."""

    status: str
    kind: str
    at: datetime | None


def delivery_status(*, giveaway: Giveaway, telegram_id: int, claimed: str = "") -> Delivered:
    """The engine's own record, newest first; somebody else's word (`claimed`) that contradicts it is refused."""
    place = Place.objects.filter(draw__giveaway=giveaway, entry__person__telegram_id=telegram_id).first()
    row = Draw.objects.filter(giveaway=giveaway).first()
    if row is None or not Entry.objects.filter(giveaway=giveaway, person__telegram_id=telegram_id).exists():
        raise NotParticipating
    ids = [place.told_by_id if place else None, row.winners_broadcast_id, row.rest_broadcast_id]
    told = Delivery.objects.current().filter(broadcast_id__in=[pk for pk in ids if pk], chat_id=telegram_id)
    last = told.order_by("-at").first()
    known = Delivered(last.outcome, last.kind, last.at) if last else Delivered("pending", "", None)
    if claimed and claimed != known.status:
        raise DeliveryIsRecorded(status=known.status)
    return known
