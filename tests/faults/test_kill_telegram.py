"""Telegram itself killed and back on the same address while people come: nothing of ours is lost."""

import re
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import httpx
import pytest

from giveaways.models import Giveaway
from participants.models import Entry
from tests.faults.processes import PATIENCE_SECONDS, Platform, rounds
from tests.faults.stages import Stage, eventually, stages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
PEOPLE = 30
AT_ONCE = 10
KILLS = 3
SUM = re.compile(r"(\d+) \+ (\d+) = \?")
CODE = "our code:"
PRESS_AGAIN_SECONDS = 4.0
LOOK_SECONDS = 0.1


class Visitor:
    """A person who answers what is asked, and presses the button again when nothing happens for a while."""

    def __init__(self, stage: Stage, giveaway: Giveaway, person: int) -> None:
        self.stage = stage
        self.payload = f"giveaway_{giveaway.pk}"
        self.person = person
        self.presses = 0
        self.away = 0
        self.answered: set[str] = set()

    def come(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        press_at = 0.0
        while CODE not in (said := self.last_words()):
            now = time.monotonic()
            assert now < deadline, f"{self.person} never got in"
            if (asked := SUM.search(said)) and said not in self.answered:
                self.answer(said, int(asked[1]) + int(asked[2]))
                press_at = now + PRESS_AGAIN_SECONDS
            elif now > press_at:
                self.press()
                press_at = now + PRESS_AGAIN_SECONDS
            time.sleep(LOOK_SECONDS)

    def last_words(self) -> str:
        heard: list[str] = []
        self.attempt(lambda: heard.extend(self.stage.heard(self.person)))
        return heard[-1] if heard else ""

    def press(self) -> None:
        self.presses += self.attempt(
            lambda: self.stage.control.start(self.person, self.stage.bot_id, self.payload)
        )

    def answer(self, asked: str, number: int) -> None:
        if self.attempt(lambda: self.stage.control.say(self.person, self.stage.bot_id, str(number))):
            self.answered.add(asked)

    def attempt(self, act: Callable[[], object]) -> bool:
        """Does it unless Telegram is away."""
        try:
            act()
        except httpx.TransportError:
            self.away += 1
            return False
        return True


def test_joins_outlive_telegram_being_killed(platform: Platform) -> None:
    platform.start("sandbox", "worker", "bots")
    for stage in stages(platform, rounds(1)):
        play(platform, stage)


def play(platform: Platform, stage: Stage) -> None:
    giveaway = stage.run()
    people = stage.control.people(PEOPLE)
    stage.control.subscribe(stage.channel, *people)
    visitors = [Visitor(stage, giveaway, person) for person in people]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        coming = [pool.submit(visitor.come) for visitor in visitors]
        for _ in range(KILLS):
            time.sleep(platform.dice.uniform(0.2, 1.0))
            platform.restart("sandbox")
        wait(coming)
        for one in coming:
            one.result()
    look_at(stage, giveaway, people)
    away, presses = sum(one.away for one in visitors), sum(one.presses for one in visitors)
    platform.note(
        f"{away} requests met no Telegram; the button was pressed {presses} times by {PEOPLE} people"
    )
    assert away, "no kill met a person"


def look_at(stage: Stage, giveaway: Giveaway, people: list[int]) -> None:
    """In the rows and in Telegram's journal, which outlived its process: everybody, once."""
    eventually(lambda: Entry.objects.filter(giveaway=giveaway).count() == len(people), "the entries")
    giveaway.refresh_from_db()
    assert giveaway.participant_count == len(people)
    assert set(Counter(stage.told(CODE))) == set(people)
    assert [post["message_id"] for post in stage.posts_with(giveaway.title)] == [giveaway.message_id]
