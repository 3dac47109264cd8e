"""What the public page of a draw shows: before the draw that it runs or waits, afterwards everything."""

from datetime import datetime
from typing import Any

from giveaways import promise
from giveaways.composition import moment
from giveaways.models import Giveaway, Status
from participants import texts
from participants.models import Draw, Entry, Place
from participants.services import results
from participants.texts.page import CHANGED, PAGE, YES_NO

RELAY = "https://api.drand.sh"


def shown(giveaway: Giveaway, *, language: str, code: str = "") -> dict[str, Any]:
    """The page's values; `code` is one somebody looks for."""
    row = Draw.objects.filter(giveaway=giveaway).first()
    settled = row is not None and row.status == Draw.Status.SETTLED
    about: dict[str, Any] = {
        "t": {name: text.template(language) for name, text in PAGE.items()},
        "language": language,
        "giveaway": giveaway,
        "cancelled": giveaway.status == Status.CANCELLED,
        "row": row,
        "settled": settled,
        "changes": changes(giveaway, language),
        "waiting_for": results.waiting_for(row, language),
        **promised(giveaway, row, language),
    }
    if row and settled:
        about |= {
            "winners": results.winners(giveaway),
            "skips": skips(row, language),
            "code": code,
            "found": found(row, code, language) if code else None,
        }
    return about


def changes(giveaway: Giveaway, language: str) -> list[dict[str, Any]]:
    """What was changed since publication, by name, moments as people read them."""
    return [
        {
            "name": CHANGED[change.field].plain(language),
            "before": told(change.field, change.before, language),
            "after": told(change.field, change.after, language),
            "at": change.at,
            "sha256": change.sha256,
        }
        for change in giveaway.changes.order_by("number")
    ]


def told(field: str, value: Any, language: str) -> str:
    """A value as people read it: none, yes and no in words, a moment as in the post."""
    if value is None or isinstance(value, bool):
        return YES_NO[value].plain(language)
    if field == "ends_at":
        return moment(datetime.fromisoformat(value), language)
    return str(value)


def promised(giveaway: Giveaway, row: Draw | None, language: str) -> dict[str, Any]:
    """The level of trust, the beacon and the moments that follow from it.

    A chain that is not drand's own proves nothing to strangers, and is not called public.
    """
    beacon = promise.parse_opening(giveaway.opening_record.encode())["beacon"]
    number = row.beacon_round if row else None
    chain = beacon.split(":")[1] if beacon != promise.NO_BEACON else ""
    public = beacon == promise.QUICKNET
    return {
        "level": "A" if not chain else "B" if public else "rehearsal",
        "beacon": beacon if chain else "",
        "closed_more": closed(row, language),
        "round_name": PAGE["t_round"].plain(language, round=number),
        "relay": f"{RELAY}/{chain}/public/{number}" if public and row and row.signature else "",
        "rehearsal": PAGE["not_rehearsal"].plain(language, chain=chain[:8]),
    }


def closed(row: Draw | None, language: str) -> str:
    """What is said of the sealed list's hash."""
    if row is None or row.beacon_round is None:
        return PAGE["t_closed_a"].plain(language)
    if row.sealed_post_at is None:
        return PAGE["t_sealing"].plain(language)
    return PAGE["t_closed_b"].plain(language, at=f"{row.sealed_post_at:%Y-%m-%d %H:%M:%S} UTC")


def skips(row: Draw, language: str) -> list[dict[str, Any]]:
    """Whoever was passed over, in the order of the rows."""
    return [
        {
            "rank": skip.place.rank,
            "code": skip.place.entry.code,
            "reason": texts.REASONS[skip.reason].plain(language),
            "note": skip.note,
            "at": skip.evidence_at,
        }
        for skip in row.skips.select_related("place__entry").order_by("number")
    ]


def found(row: Draw, code: str, language: str) -> dict[str, Any] | None:
    """Where a code stands in the sealed list and what became of it; None when it is not there."""
    entries = Entry.objects.filter(giveaway_id=row.giveaway_id)
    entry = entries.filter(code=code).first()
    if entry is None:
        return None
    line = entries.filter(code__lte=code).count()
    return {
        "code": code,
        "where": PAGE["found"].plain(language, line=line, size=row.entries),
        "outcome": outcome(Place.objects.filter(entry=entry).first(), language),
    }


def outcome(place: Place | None, language: str) -> str:
    if place and place.verdict == Place.Verdict.WINNER:
        return PAGE["found_won"].plain(language)
    if place and place.verdict == Place.Verdict.SKIPPED:
        return PAGE["found_skipped"].plain(language, reason=texts.REASONS[place.reason].plain(language))
    return PAGE["found_lost"].plain(language)
