"""The clock's door of the participants app: draws that wait. Claim, ask, record."""

from collections.abc import Callable

from celery import shared_task
from django.conf import settings

from bots import telegram
from bots.services.bots import token_of
from broadcasts.services import erasing
from broadcasts.tasks import pump
from config.claims import taken
from config.nudge import nudge
from giveaways.tasks import conclude_waiting
from participants import gateway
from participants.errors import NotTheRoundsSignature, NotWaitingForARound
from participants.models import Draw, Place
from participants.services import draws, enter, forgetting, places, rounds
from participants.services import purge as keeping


@shared_task
def draw_waiting() -> None:
    """Seals and settles the draws of finishing giveaways; safe to run twice, safe to kill anywhere."""
    for giveaway_id in draws.waiting_to_close():
        if draws.close(giveaway_id=giveaway_id).beacon_round:
            nudge(conclude_waiting)  # the hash has to be in the channel soon
    rounds.follow_seals()
    for waiting in taken(rounds.claim_round, ids):
        fetch_round(waiting)
    if sum(go_down(row) for row in taken(draws.claim_draw, ids)):
        nudge(conclude_waiting)
        nudge(pump)


@shared_task
def promote_waiting() -> None:
    """Takes unclaimed places back and lets the next of the ranking move up; safe to run twice, to kill anywhere."""
    places.expire_claims()
    if sum(settle_down(row, draws.promote) for row in taken(places.claim_promotion, ids)):
        nudge(conclude_waiting)
        nudge(pump)


@shared_task
def forget_waiting() -> None:
    """Forgets people whose giveaways are over, and erases chats from broadcasts that are; safe to run twice."""
    forgetting.forget_waiting()
    erasing.erase_waiting()


@shared_task
def purge() -> None:
    """Deletes personal data that was kept for as long as the settings say; safe to run twice, to kill anywhere."""
    keeping.purge()


def ids(row: Draw) -> dict[str, object]:
    """What log lines about the draw name."""
    return {"account_id": row.giveaway.account_id, "giveaway_id": row.giveaway_id}


def fetch_round(row: Draw) -> None:
    """Asks the relays for the promised round; a genuine signature lets the draw go on."""
    number = row.beacon_round
    assert number is not None  # noqa: S101 (claim_round takes no other)
    try:
        chain_hash = rounds.chain_of(row).chain_hash
        heard = telegram.wait_for(
            gateway.ask_relays(settings.DRAND_URLS, chain_hash=chain_hash, beacon_round=number)
        )
        if heard.signature is None:
            rounds.record_silence(draw_id=row.pk, trouble=heard.trouble)
        else:
            rounds.record_round(draw_id=row.pk, beacon_round=number, signature=heard.signature)
    except (NotTheRoundsSignature, NotWaitingForARound) as refusal:
        rounds.record_silence(draw_id=row.pk, trouble=str(refusal))


def go_down(row: Draw) -> bool:
    """Down the one ranking until the winners stand, and on with them."""
    return settle_down(row, settled)


def settled(*, draw_id: int) -> bool:
    return draws.settle(draw_id=draw_id).status == Draw.Status.SETTLED


def settle_down(row: Draw, then: Callable[..., bool]) -> bool:
    """Asks about the next places until as many stand as there are winners. False when Telegram keeps silent:
    the draw waits and is taken up again."""
    while asked := draws.candidates(row):
        unknown = 0
        for place in asked:
            unknown += draws.judge(place_id=place.pk, subscribed=subscribed(row, place))
            draws.hold(draw_id=row.pk)
        if unknown:
            draws.postpone(draw_id=row.pk)
            return False
    return then(draw_id=row.pk)


def subscribed(row: Draw, place: Place) -> bool | None:
    """Whether the candidate is subscribed to every channel right now; None when Telegram does not tell."""
    binding, person_id = row.giveaway.binding, place.entry.person.telegram_id
    if binding is None or person_id is None:
        return None
    missing = telegram.wait_for(
        gateway.missing_channels(
            telegram.shared(),
            token_of(binding.bot),
            person_id=person_id,
            channels=enter.channels_of(row.giveaway),
        )
    )
    return None if missing is None else not missing
