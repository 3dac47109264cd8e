"""A worker killed around the post of a giveaway: it is posted once, or its owner is told to look."""

import time
from dataclasses import dataclass

import pytest

from giveaways import texts
from giveaways.models import Giveaway, Post, Status
from giveaways.services import life
from giveaways.tasks import post_waiting
from tests.faults.processes import Platform, rounds
from tests.faults.stages import Stage, eventually, stages, status_of
from tests.scene import OWNER

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
# Where Telegram lingers while the worker dies: before the deed, after it, or nowhere.
LINGERS = ("delay", "delay_after_accept", "")
LINGER_MS = 250


@dataclass
class Round:
    stage: Stage
    giveaway: Giveaway
    moment: str

    @property
    def posted(self) -> list[int]:
        return [post["message_id"] for post in self.stage.posts_with(self.giveaway.title)]


def play(platform: Platform, stage: Stage, linger: str) -> Round:
    """Publishes and kills the worker a moment after it has taken the post."""
    if linger:
        stage.control.fault(linger, method="sendMessage", match=str(stage.channel), ms=LINGER_MS)
    giveaway = stage.publish()
    pause = platform.dice.uniform(0, LINGER_MS / 1000 if linger else 0.03)
    eventually(
        lambda: not Post.objects.filter(giveaway=giveaway, status="waiting").exists(), "the worker's claim"
    )
    time.sleep(pause)
    platform.restart("worker")
    return Round(stage, giveaway, f"killed {pause:.3f} s after the claim, {linger or 'no delay'}")


def test_a_worker_killed_while_publishing_never_posts_twice(platform: Platform) -> None:
    platform.start("sandbox", "worker")
    number = rounds(6)
    played = [
        play(platform, stage, LINGERS[turn % len(LINGERS)])
        for turn, stage in enumerate(stages(platform, number))
    ]
    eventually(
        lambda: not Giveaway.objects.filter(status=Status.PUBLISHING).exists(), "the posts", post_waiting
    )
    for each in played:
        look_at(each)
        platform.note(f"{each.moment}: {each.giveaway.status}, {len(each.posted)} posts")
    played[0].stage.control.calm()
    assert_the_worker_goes_on(played)


def look_at(each: Round) -> None:
    """Running with its one post, or failed with the sentence that sends the owner to the channel."""
    each.giveaway.refresh_from_db()
    if each.giveaway.status == Status.ACTIVE:
        assert each.posted == [each.giveaway.message_id], each.moment
    else:
        assert each.giveaway.status == Status.PUBLISH_FAILED, each.moment
        assert each.giveaway.publish_error == texts.POST_UNCERTAIN.to("en"), each.moment
        assert len(each.posted) <= 1, each.moment


def assert_the_worker_goes_on(played: list[Round]) -> None:
    """An owner who looked, and found nothing or removed it, publishes again."""
    for each in played:
        life.publish(giveaway_id=each.giveaway.pk, by=OWNER)
    eventually(
        lambda: all(status_of(each.giveaway) == Status.ACTIVE for each in played), "the rest", post_waiting
    )
