"""A whole day of the sandbox's channel: what the night's task collects is what the sandbox itself counts."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from bots import tasks
from bots.models import Channel, ChannelDay, Source
from bots.services import members, statistics
from tests.scene import Scene
from tests.threads import in_threads

NUMBERS = ("posts", "views", "members", "joins", "leaves")
NOW = timezone.now()
NOON = datetime(NOW.year, NOW.month, NOW.day, 12, 0, tzinfo=UTC) + timedelta(days=2)


@pytest.fixture
def at() -> Iterator[Callable[[float], None]]:
    """`at(hours)`: the clock stands that long after noon of the day."""
    travels: list[Any] = []

    def go(hours: float) -> None:
        while travels:
            travels.pop().stop()
        travels.append(time_machine.travel(NOON + timedelta(hours=hours), tick=True))
        travels[-1].start()

    yield go
    for travel in travels:
        travel.stop()


def truth(scene: Scene, day: Any) -> dict[str, Any]:
    since, until = (int(moment.timestamp()) for moment in statistics.bounds(day))
    told = scene.control.ask("GET", f"/channels/{scene.channel}/statistics?since={since}&until={until}")
    return dict(told)


def live_through(scene: Scene, at: Callable[[float], None]) -> None:
    """Posts, views, people who come and go, on the day and around it."""
    people = scene.control.people(7)
    path = f"/channels/{scene.channel}"
    at(-30)  # the day before: it shows that such updates come
    scene.take_updates()
    scene.control.subscribe(scene.channel, people[0])
    scene.control.ask("POST", f"{path}/posts", text="The day before")
    scene.take_updates()
    at(0)
    scene.control.subscribe(scene.channel, *people[1:6])
    for number in range(3):
        scene.control.ask("POST", f"{path}/posts", text=f"Post {number}")
    scene.control.ask("POST", f"{path}/views", count=437)
    scene.take_updates()
    at(5)
    scene.control.leave(scene.channel, people[0])
    scene.control.ask("DELETE", f"{path}/members/{people[1]}?kick=1")
    scene.take_updates()


def numbers(row: ChannelDay) -> dict[str, Any]:
    return {name: getattr(row, name) for name in NUMBERS}


def night(scene: Scene) -> ChannelDay:
    """The clock's task, and the one of this channel that it asks for."""
    tasks.collect_statistics_of(Channel.objects.get().pk)
    return ChannelDay.objects.get(day=NOON.date())


def sources(settings: Any, scene: Scene, source: str) -> None:
    settings.MTPROTO_URL = f"{scene.control.url}/mtproto" if source == Source.MTPROTO else ""
    settings.PREVIEW_URL = scene.control.url if source == Source.PREVIEW else "http://127.0.0.1:9"


@pytest.mark.parametrize("source", [Source.MTPROTO, Source.PREVIEW, Source.UPDATES])
def test_a_days_statistics_equal_what_the_sandbox_counts(
    scene: Scene, settings: Any, at: Callable[[float], None], source: str
) -> None:
    sources(settings, scene, source)
    live_through(scene, at)
    at(12.01)
    row, told = night(scene), truth(scene, NOON.date())
    links = told.pop("links")
    expected = told | ({"views": None} if source == Source.UPDATES else {})
    assert numbers(row) == expected
    assert (told["posts"], told["views"], told["joins"], told["leaves"]) == (3, 3 * 438, 5, 2)
    assert (row.posts_source, row.members_source) == (source, Source.BOT_API)
    assert row.joins_source == row.leaves_source == Source.UPDATES
    totals = members.totals_by_link(row.channel_id)
    assert sum(total.joins for total in totals) == sum(links.values()) + 1  # with the day before

    before = ChannelDay.objects.get(pk=row.pk)
    assert numbers(night(scene)) == numbers(before)  # again: nothing to do
    at(3 * 24)  # again, long after: members of a past day stay what they were
    tasks.collect_statistics_of(row.channel_id)
    assert numbers(ChannelDay.objects.get(pk=row.pk)) == numbers(before)


def test_many_workers_of_one_night_keep_one_right_day(
    scene: Scene, settings: Any, at: Callable[[float], None]
) -> None:
    sources(settings, scene, Source.MTPROTO)
    live_through(scene, at)
    at(12.01)
    channel = Channel.objects.get()
    results = in_threads(6, lambda: tasks.collect_statistics_of(channel.pk))
    assert results == [None] * 6
    told = truth(scene, NOON.date())
    told.pop("links")
    assert numbers(ChannelDay.objects.get(day=NOON.date())) == told
    days = ChannelDay.objects.values_list("day", flat=True)
    assert len(days) == len(set(days))
