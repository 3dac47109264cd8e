"""The number in the post: few edits, never one after closing, exact at the end; joining costs nothing."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bots.models import ChannelMessage, Job
from giveaways import tasks
from giveaways.models import Giveaway, Post, Status
from giveaways.services import life, refresh
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads


def edits(scene: Scene) -> int:
    return len(scene.control.calls("editMessageText", scene.bot_id))


def shown(scene: Scene) -> str:
    return str(scene.control.posts(scene.channel)[0]["text"])


def joined(giveaway: Giveaway, count: int = 1) -> None:
    for _ in range(count):
        life.add_participants(giveaway_id=giveaway.pk, number=1)


def test_five_hundred_joins_make_few_edits_and_the_last_number_is_exact(scene: Scene) -> None:
    giveaway = scene.published()
    for step in range(50):  # ten joins every five seconds, the clock's task after each ten
        with later(seconds=5 * step):
            joined(giveaway, 10)
            tasks.refresh_posts()
    assert edits(scene) <= 250 / settings.COUNTER_SECONDS + 1
    with later(seconds=300):
        tasks.refresh_posts()
        assert "👥 Participants: 500" in shown(scene)
        last = edits(scene)
        tasks.refresh_posts()
        assert edits(scene) == last


def test_nobody_is_told_of_zero_participants(scene: Scene) -> None:
    scene.published()
    assert "Participants" not in shown(scene)


def test_the_closed_post_holds_the_final_number_and_is_not_edited_any_more(scene: Scene) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, 3)
    tasks.refresh_posts()  # asked for, its turn has not come
    scene.finished(giveaway)
    assert "👥 Participants: 3" in shown(scene)
    assert shown(scene).endswith("Finished.")
    done = edits(scene)
    for minutes in (1, 60, 3000):
        with later(minutes=minutes):
            tasks.refresh_posts()
    assert (edits(scene), Post.objects.get(kind="update").status) == (done, "removed")


def test_a_cancelled_post_is_not_edited_any_more(scene: Scene) -> None:
    giveaway = scene.published()
    joined(giveaway)
    life.cancel(giveaway_id=giveaway.pk, by=OWNER)
    with later(minutes=5):
        tasks.refresh_posts()
        tasks.conclude_waiting()
    assert (edits(scene), "reply_markup" in scene.control.posts(scene.channel)[0]) == (1, False)


def test_an_owner_may_hide_the_number(scene: Scene) -> None:
    giveaway = scene.published(show_participants=False)
    joined(giveaway)
    with later(minutes=5):
        tasks.refresh_posts()
    assert (edits(scene), "Participants" in shown(scene)) == (0, False)


def test_joining_costs_no_query_more(scene: Scene) -> None:
    costs = []
    for show in (True, False):
        giveaway = scene.published(show_participants=show)
        with CaptureQueriesContext(connection) as queries:
            joined(giveaway)
        costs.append(len(queries))
        life.cancel(giveaway_id=giveaway.pk, by=OWNER)
    assert costs[0] == costs[1]


def test_the_older_the_post_the_fewer_its_edits() -> None:
    gaps = [refresh.gap(timedelta(hours=hours)).total_seconds() for hours in (0, 1, 24, 240)]
    assert gaps == [settings.COUNTER_SECONDS, 36, 864, 3600]


def test_telegrams_pause_is_kept(scene: Scene) -> None:
    giveaway = scene.published()
    joined(giveaway)
    scene.control.fault("error", method="editMessageText", code=429, retry_after=50)
    with later(seconds=40):
        tasks.refresh_posts()
        tasks.refresh_posts()
        assert edits(scene) == 1
    with later(seconds=80):
        tasks.refresh_posts()
        assert (edits(scene), "Participants" in shown(scene)) == (1, False)
    with later(seconds=100):
        tasks.refresh_posts()
        assert "👥 Participants: 1" in shown(scene)


def test_a_worker_that_died_leaves_an_edit_that_is_done_again(scene: Scene) -> None:
    giveaway = scene.published()
    joined(giveaway)
    with later(minutes=1):
        refresh.ask()
        assert refresh.claim() is not None
        joined(giveaway)
        tasks.refresh_posts()
        assert edits(scene) == 0  # one edit of a post at a time
    with later(minutes=4):
        tasks.refresh_posts()
        assert "👥 Participants: 2" in shown(scene)


def test_the_closing_edit_waits_for_one_on_its_way(scene: Scene) -> None:
    giveaway = scene.published()
    joined(giveaway)
    with later(minutes=1):
        refresh.ask()
        update = refresh.claim()
        assert update is not None
        life.cancel(giveaway_id=giveaway.pk, by=OWNER)
        tasks.conclude_waiting()
        assert Post.objects.get(kind="closing").status == "waiting"
        answer = tasks.telegram.wait_for(tasks.gateway.send(tasks.telegram.shared(), update.post))
        refresh.record(update=update, answer=answer)
        tasks.conclude_waiting()
    assert shown(scene).endswith("Cancelled.")


def test_an_edit_that_changes_nothing_is_as_good_as_done(scene: Scene) -> None:
    giveaway = scene.published()
    joined(giveaway)
    description = "Bad Request: message is not modified: specified new message content is the same"
    scene.control.fault("error", method="editMessageText", code=400, description=description)
    with later(minutes=1):
        tasks.refresh_posts()
    assert Giveaway.objects.get().posted_participants == 1


def test_a_busy_channel_is_left_room(scene: Scene) -> None:
    giveaway = scene.published()
    joined(giveaway)
    with later(minutes=1):
        now = refresh.timezone.now()
        for number in range(refresh.MOST_IN_A_MINUTE):
            ChannelMessage.objects.create(
                account=scene.user.account, binding=scene.binding, text="x", status="sent", sent_at=now,
                job=Job.objects.create(account=scene.user.account, kind="post_message"), message_id=number,
            )  # fmt: skip
        tasks.refresh_posts()
        assert edits(scene) == 0
    with later(minutes=3):
        tasks.refresh_posts()
    assert edits(scene) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_edit_once(scene: Scene) -> None:
    giveaway = scene.published()
    joined(giveaway)
    Post.objects.filter(kind="update").delete()
    with later(minutes=1):
        in_threads(5, tasks.refresh_posts)
    assert (edits(scene), Giveaway.objects.get().status) == (1, Status.ACTIVE)
