"""Calling a giveaway off: at any point before finishing, and the post says so."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from giveaways import tasks
from giveaways.models import Giveaway, Post, Status
from giveaways.services import life
from participants.models import Entry
from participants.steps import Closed
from tests.giveaways.rows import make_giveaway
from tests.scene import OWNER, Scene
from tests.threads import in_threads

Api = Callable[[User | None], APIClient]
BEFORE_FINISHING = [Status.DRAFT, Status.PUBLISHING, Status.PUBLISH_FAILED, Status.ACTIVE]


@pytest.mark.parametrize("status", BEFORE_FINISHING)
def test_anything_before_finishing_can_be_called_off(owner: User, api: Api, status: Status) -> None:
    giveaway = make_giveaway(owner, status)
    answer = api(owner).post(f"/api/giveaways/{giveaway.pk}/cancel")
    assert (answer.status_code, answer.json()["giveaway"]["status"]) == (200, "cancelled")
    assert answer.json()["giveaway"]["cancelled_at"]
    assert AuditEntry.objects.get(verb="cancel").before == {"status": status}


@pytest.mark.parametrize("status", [Status.FINISHING, Status.FINISHED])
def test_what_is_being_drawn_cannot_be_called_off(owner: User, api: Api, status: Status) -> None:
    answer = api(owner).post(f"/api/giveaways/{make_giveaway(owner, status).pk}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "CANNOT_CANCEL")
    assert Giveaway.objects.get().status == status


def test_calling_it_off_twice_is_calling_it_off(owner: User, api: Api) -> None:
    path = f"/api/giveaways/{make_giveaway(owner, Status.ACTIVE).pk}/cancel"
    answers = [api(owner).post(path).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert AuditEntry.objects.filter(verb="cancel").count() == 1


def test_the_post_says_so_and_loses_its_button(scene: Scene) -> None:
    giveaway = scene.published()
    life.cancel(giveaway_id=giveaway.pk, by=OWNER)
    scene.work()
    [post] = scene.control.posts(scene.channel)
    assert post["text"].endswith("✖️ Cancelled.")
    assert "reply_markup" not in post


def test_a_post_that_still_waits_is_never_made(scene: Scene) -> None:
    giveaway = life.publish(giveaway_id=scene.draft().pk, by=OWNER)
    life.cancel(giveaway_id=giveaway.pk, by=OWNER)
    tasks.post_waiting()
    assert (scene.control.posts(scene.channel), Post.objects.count()) == ([], 0)


def test_nobody_enters_any_more_and_nobody_wins(scene: Scene) -> None:
    giveaway = scene.published()
    [person] = scene.enrolled(giveaway, 1)
    life.cancel(giveaway_id=giveaway.pk, by=OWNER)
    scene.work()
    assert scene.admit(giveaway, scene.subscriber()) is Closed.CANCELLED
    assert (Entry.objects.count(), scene.heard(person)) == (1, [])


def test_it_frees_the_account(scene: Scene) -> None:
    life.cancel(giveaway_id=scene.published().pk, by=OWNER)
    assert scene.published().status == Status.ACTIVE


def test_finishing_and_calling_off_at_once_does_one_of_them(scene: Scene) -> None:
    giveaway = scene.published()
    roles = [life.finish, life.cancel] * 5
    in_threads(10, lambda: roles.pop()(giveaway_id=giveaway.pk, by=OWNER))
    giveaway.refresh_from_db()
    done = set(AuditEntry.objects.filter(verb__in=["finish", "cancel"]).values_list("verb", flat=True))
    assert done == {"finish" if giveaway.status == Status.FINISHING else "cancel"}
