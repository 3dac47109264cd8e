"""The delivery worker killed while it tells the results: nobody is lost, nobody is told twice in silence."""

from collections import Counter

import pytest

from broadcasts.models import Broadcast, Delivery
from broadcasts.tasks import pump
from giveaways.models import Giveaway, Status
from giveaways.services import life
from participants.models import Draw
from participants.tasks import draw_waiting
from tests.faults.processes import Platform, rounds
from tests.faults.stages import Stage, eventually, stages, status_of
from tests.scene import OWNER

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
PEOPLE = 100
RESULT = "bag of coffee\n\n"  # the title over the owner's words


def test_a_killed_pump_loses_nobody_and_repeats_nobody_in_silence(platform: Platform) -> None:
    platform.start("sandbox", "worker", "pump")
    for turn, stage in enumerate(stages(platform, rounds(1))):
        play(platform, stage, apart=turn % 2 == 0)


def moments(platform: Platform, *, apart: bool) -> list[int]:
    """How many results have left at each kill. Apart, nobody is in the air at two of them."""
    if apart:
        return [at + platform.dice.randrange(15) for at in (5, 40, 75)]
    return sorted(platform.dice.sample(range(1, PEOPLE), k=3))


def play(platform: Platform, stage: Stage, *, apart: bool) -> None:
    giveaway = stage.run(winner_count=10)
    people = stage.enrolled(giveaway, PEOPLE)
    life.finish(giveaway_id=giveaway.pk, by=OWNER)
    eventually(lambda: status_of(giveaway) == Status.FINISHED, "the draw", draw_waiting)

    for at in moments(platform, apart=apart):
        # Whoever was twice in the air at a kill is left in doubt, so there may be fewer messages than people.
        eventually(lambda at=at: len(stage.told(RESULT)) >= at or not live(stage), f"{at} results", pump)
        platform.restart("pump")
    eventually(lambda: not live(stage), "the rest of the results", pump)
    look_at(stage, giveaway, people)
    if apart:
        assert set(stage.told(RESULT)) == set(people)
    told = Counter(stage.told(RESULT))
    twice = sum(times > 1 for times in told.values())
    platform.note(f"{twice} were told twice and {PEOPLE - len(told)} not at all, every one of them flagged")


def live(stage: Stage) -> bool:
    return Broadcast.objects.live().filter(bot=stage.bot).exists()


def look_at(stage: Stage, giveaway: Giveaway, people: list[int]) -> None:
    """Telegram's record against the rows: one message each, and a row that says so where there are two."""
    told = Counter(stage.told(RESULT))
    draw = Draw.objects.get(giveaway=giveaway)
    rows = Delivery.objects.filter(broadcast_id__in=[draw.winners_broadcast_id, draw.rest_broadcast_id])
    outcomes = {row.chat_id: (row.outcome, row.kind) for row in rows}
    assert set(outcomes) == set(people)
    assert rows.count() == len(people)
    for person, (outcome, kind) in outcomes.items():
        assert told[person] >= 1 or outcome == "uncertain", person
        assert told[person] == 1 or kind in ("resent", "interrupted"), (person, told[person], kind)
        assert told[person] <= 2, person
    won = set(draw.places.filter(verdict="winner").values_list("entry__person__telegram_id", flat=True))
    assert set(stage.told("you won")) <= won
    assert len(won) == giveaway.winner_count
