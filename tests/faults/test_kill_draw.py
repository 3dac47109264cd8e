"""A worker killed while it draws: one draw, one ranking, the same winners, one result for everybody."""

import time
from collections import Counter
from dataclasses import dataclass, field

import pytest

from broadcasts.models import Broadcast
from broadcasts.tasks import pump
from giveaways.models import Giveaway, Post, Status
from giveaways.services import life
from giveaways.tasks import conclude_waiting
from participants.models import Draw, Place
from participants.tasks import draw_waiting
from tests.faults.processes import Platform, rounds
from tests.faults.stages import Stage, eventually, stages
from tests.scene import OWNER

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
PEOPLE = 8
WINNERS = 3
ASKING_MS = 80  # for every candidate's subscription
LONGEST_MOMENT = 0.5
RESULT = "bag of coffee\n\n"  # the title over the owner's words

Ranking = dict[int, tuple[int, str, str]]


@dataclass
class Round:
    stage: Stage
    giveaway: Giveaway
    people: list[int]
    left: int
    moment: float = 0.0
    seen: list[Ranking] = field(default_factory=list)


def ranking(giveaway: Giveaway) -> Ranking:
    """What is written of the draw: who stands where, and what was said of them."""
    places = Place.objects.filter(draw__giveaway=giveaway)
    return {place.rank: (place.entry_id, place.score, place.verdict) for place in places}


def prepare(stage: Stage) -> Round:
    """A running giveaway in which one of the people is not subscribed any more."""
    giveaway = stage.run(winner_count=WINNERS)
    people = stage.enrolled(giveaway, PEOPLE)
    stage.control.leave(stage.channel, people[0])
    return Round(stage, giveaway, people, people[0])


def play(platform: Platform, each: Round) -> None:
    """Finishes and kills the worker somewhere between the sealing and the conclusion."""
    life.finish(giveaway_id=each.giveaway.pk, by=OWNER)
    draw_waiting.delay()
    each.moment = platform.dice.uniform(0, LONGEST_MOMENT)
    eventually(lambda: Draw.objects.filter(giveaway=each.giveaway).exists(), "the sealing", draw_waiting)
    time.sleep(each.moment)
    platform.kill("worker")
    each.seen.append(ranking(each.giveaway))
    platform.start("worker")


def test_a_worker_killed_while_drawing_never_draws_again(platform: Platform) -> None:
    platform.start("sandbox", "worker")
    played = [prepare(stage) for stage in stages(platform, rounds(5))]
    platform.control.fault("delay", method="getChatMember", ms=ASKING_MS, times=None)
    for each in played:
        play(platform, each)
    platform.start("pump")
    eventually(
        lambda: not Giveaway.objects.exclude(status=Status.FINISHED).exists(), "the draws", draw_waiting
    )
    eventually(lambda: not Broadcast.objects.live().exists(), "the results", pump)
    eventually(
        lambda: not Post.objects.filter(status__in=["waiting", "sending"]).exists(),
        "the conclusions",
        conclude_waiting,
    )
    for each in played:
        look_at(each)
        platform.note(f"killed {each.moment:.3f} s after the sealing, when {standing(each)} stood")


def standing(each: Round) -> str:
    verdicts = Counter(verdict for _, _, verdict in each.seen[-1].values())
    return ", ".join(f"{number} {verdict}" for verdict, number in verdicts.items()) or "nothing"


def look_at(each: Round) -> None:
    where = f"killed {each.moment:.3f} s after the sealing"
    row = Draw.objects.get(giveaway=each.giveaway)
    final = ranking(each.giveaway)
    for seen in each.seen:
        for rank, (entry, score, verdict) in seen.items():
            assert final[rank][:2] == (entry, score), where
            assert verdict in ("pending", final[rank][2]), where
    winners = row.places.filter(verdict="winner")
    assert winners.count() == WINNERS, where
    assert not winners.filter(entry__person__telegram_id=each.left).exists(), where
    assert Counter(each.stage.told(RESULT)) == dict.fromkeys(each.people, 1), where
    conclusion = Post.objects.get(giveaway=each.giveaway, kind="conclusion")
    posted = [post["message_id"] for post in each.stage.posts_with("Check the draw")]
    assert len(posted) <= 1, where
    assert posted == [conclusion.message_id] or conclusion.status == "uncertain", where
