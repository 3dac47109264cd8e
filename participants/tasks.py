"""The clock's door of the participants app: draws that wait. Claim, ask, record."""

from celery import shared_task

from bots import telegram
from bots.services.bots import token_of
from broadcasts.tasks import pump
from config.nudge import nudge
from giveaways.tasks import conclude_waiting
from participants import gateway
from participants.models import Draw, Place
from participants.services import draws, enter


@shared_task
def draw_waiting() -> None:
    """Seals and settles the draws of finishing giveaways; safe to run twice, safe to kill anywhere."""
    for giveaway_id in draws.waiting_to_close():
        draws.close(giveaway_id=giveaway_id)
    settled = 0
    while row := draws.claim_draw():
        settled += go_down(row)
    if settled:
        nudge(conclude_waiting)
        nudge(pump)


def go_down(row: Draw) -> bool:
    """Down the one ranking until the winners stand. False when Telegram keeps silent: the draw waits and
    is taken up again."""
    while places := draws.candidates(row):
        unknown = 0
        for place in places:
            unknown += draws.judge(place_id=place.pk, subscribed=subscribed(row, place))
            draws.hold(draw_id=row.pk)
        if unknown:
            draws.postpone(draw_id=row.pk)
            return False
    return draws.settle(draw_id=row.pk).status == Draw.Status.SETTLED


def subscribed(row: Draw, place: Place) -> bool | None:
    """Whether the candidate is subscribed to every channel right now; None when Telegram does not tell."""
    binding = row.giveaway.binding
    if binding is None:
        return None
    missing = telegram.wait_for(
        gateway.missing_channels(
            telegram.shared(),
            token_of(binding.bot),
            person_id=place.entry.person.telegram_id,
            channels=enter.channels_of(row.giveaway),
        )
    )
    return None if missing is None else not missing
