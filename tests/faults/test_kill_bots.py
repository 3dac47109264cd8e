"""The update process killed again and again while people come: everybody gets in once and is told so."""

import time
from collections import Counter

import httpx
import pytest

from giveaways.models import Giveaway
from participants.models import Entry
from tests.faults.processes import Platform, rounds
from tests.faults.stages import Stage, eventually, stages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
PEOPLE = 50
OVER_SECONDS = 8.0
KILLS = 3
LINGER_MS = 150
CODE = "our code:"  # "Your code: …" of whoever is in, for the first time or again


@pytest.mark.parametrize("mode", ["polling", "webhook"])
def test_everybody_gets_in_once_though_the_update_process_is_killed(platform: Platform, mode: str) -> None:
    platform.start("sandbox", "worker")
    platform.start("bots", options=("--mode", mode))
    for stage in stages(platform, rounds(1)):
        play(platform, stage, mode)


def play(platform: Platform, stage: Stage, mode: str) -> None:
    giveaway = stage.run()
    for method in ("sendMessage", "getChatMember"):
        # Telegram takes its time, so that a kill finds many people between the deed and its note.
        stage.control.fault("delay_after_accept", method=method, ms=LINGER_MS, times=None)
    about = {"channel_id": stage.channel, "post_id": giveaway.message_id, "captcha": "solve"}
    crowd = stage.control.ask("POST", "/crowd", count=PEOPLE, over_seconds=OVER_SECONDS, **about)

    for _ in range(KILLS):
        eventually(lambda: serves(platform), "the process to serve the bot")
        time.sleep(platform.dice.uniform(0.1, 1.0))
        platform.restart("bots", options=("--mode", mode))

    eventually(lambda: Entry.objects.filter(giveaway=giveaway).count() == PEOPLE, "everybody to be in")
    eventually(lambda: set(crowd["people"]) <= set(stage.told(CODE)), "everybody to be told")
    stage.control.calm()
    look_at(stage, giveaway, crowd["people"])
    platform.note(f"{len(stage.told(CODE)) - PEOPLE} people were told again that they are in")


def serves(platform: Platform) -> bool:
    """A process that polls takes a bot over when the lease of the one that died has run out."""
    return bool(httpx.get(str(platform.programs["bots"].health)).json()["bots"])


def look_at(stage: Stage, giveaway: Giveaway, people: list[int]) -> None:
    giveaway.refresh_from_db()
    entered = Entry.objects.filter(giveaway=giveaway).values_list("person__telegram_id", flat=True)
    assert sorted(entered) == sorted(people)
    assert giveaway.participant_count == len(people)
    told = Counter(stage.told(CODE))
    assert set(told) == set(people)
    # An answer is repeated when the process died after it was sent and before that was noted: seldom.
    assert sum(told.values()) - len(told) <= len(people) // 2, told.most_common(5)
