"""What remains of those who came for a giveaway, counted from Telegram's updates."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from bots.models import Channel, MemberChange
from giveaways.models import Giveaway
from participants.models import Entry
from participants.services.retention import Retention, Stay, retention
from tests.scene import Scene, later

Api = Callable[[User | None], APIClient]


def moved(scene: Scene, person: int, *, joined: bool, at: datetime) -> None:
    channel = Channel.objects.get(telegram_id=scene.channel)
    MemberChange.objects.create(channel=channel, person_id=person, joined=joined, at=at)


@pytest.fixture
def running(scene: Scene) -> Giveaway:
    """Persons 1 to 4 entered; 1 was there before, 2 to 4 came for it, 4 left after two hours and 3 after two days."""
    giveaway = scene.published()
    published = giveaway.published_at
    assert published is not None
    moved(scene, 1, joined=True, at=published - timedelta(days=3))
    for person in (1, 2, 3, 4):
        scene.admit(giveaway, person)
        if person > 1:
            moved(scene, person, joined=True, at=published)
    moved(scene, 4, joined=False, at=published + timedelta(hours=2))
    moved(scene, 3, joined=False, at=published + timedelta(days=2))
    return giveaway


def test_nobody_has_stayed_before_the_time_has_passed(running: Giveaway) -> None:
    assert retention(running) == Retention(3, (Stay(1, 0, 0), Stay(7, 0, 0), Stay(30, 0, 0)))


@pytest.mark.parametrize(
    ("days", "stays"),
    [
        (2, ((1, 3, 2), (7, 0, 0), (30, 0, 0))),
        (8, ((1, 3, 2), (7, 3, 1), (30, 0, 0))),
        (31, ((1, 3, 2), (7, 3, 1), (30, 3, 1))),
    ],
)
def test_who_stayed_is_known_once_the_time_has_passed(
    running: Giveaway, days: int, stays: tuple[tuple[int, int, int], ...]
) -> None:
    """PostgreSQL's clock cannot be frozen: what happened is moved into the past instead."""
    past = timedelta(days=days)
    for change in MemberChange.objects.all():
        change.at -= past
        change.save()
    for entry in Entry.objects.all():
        entry.joined_at -= past
        entry.save()
    assert running.published_at is not None
    running.published_at -= past
    assert retention(running).stays == tuple(Stay(*stay) for stay in stays)


def test_whoever_left_and_came_back_before_entering_counts_once(scene: Scene) -> None:
    giveaway = scene.published()
    assert giveaway.published_at is not None
    for seconds, joined in ((0, True), (1, False), (2, True)):
        moved(scene, 5, joined=joined, at=giveaway.published_at + timedelta(seconds=seconds))
    with later(minutes=1):
        scene.admit(giveaway, 5)
    assert retention(giveaway).newcomers == 1


def test_a_draft_brought_nobody(scene: Scene) -> None:
    assert retention(scene.draft()) == Retention(0, ())


def test_only_its_owner_sees_it(
    owner: User, stranger: User, staff: User, api: Api, running: Giveaway
) -> None:
    path = f"/api/participants/retention/{running.pk}"
    assert api(owner).get(path).json()["newcomers"] == 3
    assert api(staff).get(path).json()["stays"][0] == {"days": 1, "known": 0, "subscribed": 0}
    assert api(stranger).get(path).status_code == 404
