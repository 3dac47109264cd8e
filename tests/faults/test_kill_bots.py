"""The update process killed again and again while people come: everybody gets in once and is told so."""

import time
from collections import Counter

import pytest

from giveaways.models import Giveaway
from participants.models import Entry
from tests.faults.processes import Platform, rounds
from tests.faults.stages import Stage, eventually, stages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
PEOPLE = 50
OVER_SECONDS = 6.0
KILLS = 4
CODE = "our code:"  # "Your code: …" of whoever is in, for the first time or again


@pytest.mark.parametrize("mode", ["polling", "webhook"])
def test_everybody_gets_in_once_though_the_update_process_is_killed(platform: Platform, mode: str) -> None:
    platform.start("sandbox", "worker")
    platform.start("bots", options=("--mode", mode))
    (stage,) = stages(platform, 1)
    giveaway = stage.run()
    kills = rounds(KILLS)
    over = OVER_SECONDS * kills / KILLS
    about = {"channel_id": stage.channel, "post_id": giveaway.message_id, "captcha": "solve"}
    crowd = stage.control.ask("POST", "/crowd", count=PEOPLE, over_seconds=over, **about)

    for _ in range(kills):
        time.sleep(platform.dice.uniform(0.2, 1.5))
        platform.restart("bots", options=("--mode", mode))

    eventually(lambda: Entry.objects.count() == PEOPLE, "everybody to be in")
    eventually(lambda: set(crowd["people"]) <= set(stage.told(CODE)), "everybody to be told")
    look_at(stage, giveaway, crowd["people"])


def look_at(stage: Stage, giveaway: Giveaway, people: list[int]) -> None:
    giveaway.refresh_from_db()
    entered = Entry.objects.filter(giveaway=giveaway).values_list("person__telegram_id", flat=True)
    assert sorted(entered) == sorted(people)
    assert giveaway.participant_count == len(people)
    told = Counter(stage.told(CODE))
    assert set(told) == set(people)
    # An answer is repeated when the process died after it was sent and before that was noted: seldom.
    assert sum(told.values()) - len(told) <= len(people) // 2, told.most_common(5)
