"""What becomes of the announcement, for each thing Telegram may say to it or fail to say."""

from collections.abc import Callable

import pytest
from aiogram.client.telegram import TelegramAPIServer
from rest_framework.test import APIClient

from accounts.models import User
from bots import telegram
from bots.answers import Answer, Outcome
from bots.models import Binding, Bot
from bots.services import posting
from giveaways import gateway, tasks
from giveaways.models import Giveaway, Post, Status
from giveaways.services import life, posts
from tests.scene import OWNER, Scene, later

Api = Callable[[User | None], APIClient]


def status_of(giveaway: Giveaway) -> Status:
    giveaway.refresh_from_db()
    return Status(giveaway.status)


def try_again(giveaway: Giveaway) -> Status:
    """The owner publishes once more and the worker takes its turn."""
    life.publish(giveaway_id=giveaway.pk, by=OWNER)
    tasks.post_waiting()
    return status_of(giveaway)


def test_a_flood_is_waited_out_and_the_post_made_once(scene: Scene) -> None:
    scene.control.fault("error", method="sendMessage", retry_after=30)
    giveaway = scene.published()
    with later(seconds=29):
        tasks.post_waiting()
    assert (status_of(giveaway), scene.control.posts(scene.channel)) == (Status.PUBLISHING, [])
    for seconds in (31, 62):
        with later(seconds=seconds):
            tasks.post_waiting()
    assert status_of(giveaway) == Status.ACTIVE
    assert len(scene.control.posts(scene.channel)) == 1


def test_telegram_that_was_not_reached_is_asked_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as nobody_listens:
        nowhere = TelegramAPIServer.from_base("http://127.0.0.1:9")
        nobody_listens.setattr(telegram.shared().session, "api", nowhere)
        giveaway = scene.published()
    assert status_of(giveaway) == Status.PUBLISHING
    with later(minutes=11):
        tasks.post_waiting()
    assert status_of(giveaway) == Status.ACTIVE


def test_telegram_that_is_never_reached_gives_the_giveaway_back(scene: Scene) -> None:
    giveaway = life.publish(giveaway_id=scene.draft().pk, by=OWNER)
    for _attempt in range(posts.MOST_ATTEMPTS):
        post = posts.claim_post(kinds=[Post.Kind.ANNOUNCEMENT])
        assert post is not None
        posts.record_post(
            post_id=post.pk, answer=Answer(Outcome.NOT_SENT, "no_connection", description="down")
        )
        Post.objects.update(due_at=giveaway.created_at)
    assert (status_of(giveaway), giveaway.publish_error) == (Status.PUBLISH_FAILED, "down")


@pytest.mark.parametrize("rights", [None, {"can_edit_messages": True}], ids=["thrown out", "may only edit"])
def test_a_lost_right_is_told_and_mended_by_promotion(scene: Scene, rights: dict[str, bool] | None) -> None:
    administrators = f"/channels/{scene.channel}/administrators/{scene.bot_id}"
    scene.control.ask("DELETE" if rights is None else "PUT", administrators, **(rights or {}))
    giveaway = scene.published()
    binding = Binding.objects.get()
    assert (giveaway.status, binding.status) == (Status.PUBLISH_FAILED, Binding.Status.INVALID)
    assert giveaway.publish_error == binding.reason != ""
    scene.control.ask("PUT", administrators)
    scene.take_updates()
    assert try_again(giveaway) == Status.ACTIVE
    assert len(scene.control.posts(scene.channel)) == 1


@pytest.mark.parametrize("kind", ["reset_after_accept", "html_502"])
def test_a_post_nobody_is_sure_of_is_never_repeated_by_itself(scene: Scene, kind: str) -> None:
    scene.control.fault(kind, method="sendMessage")
    giveaway = scene.published()
    there = len(scene.control.posts(scene.channel))
    for hours in (0, 1, 24):
        with later(hours=hours):
            tasks.post_waiting()
    assert len(scene.control.posts(scene.channel)) == there
    assert status_of(giveaway) == Status.PUBLISH_FAILED
    assert "Look into the channel" in giveaway.publish_error


def test_the_owner_who_looked_may_publish_an_uncertain_post_again(scene: Scene) -> None:
    scene.control.fault("error", method="sendMessage", code=500, description="Internal Server Error")
    giveaway = scene.published()
    first = giveaway.opening_sha256
    assert try_again(giveaway) == Status.ACTIVE
    assert giveaway.opening_sha256 != first
    assert giveaway.opening_sha256 in scene.control.posts(scene.channel)[-1]["text"]
    assert giveaway.publish_error == ""


def test_the_answer_shows_what_went_wrong(scene: Scene, api: Api) -> None:
    scene.control.fault("reset_after_accept", method="sendMessage")
    giveaway = scene.published()
    shown = api(scene.user).get(f"/api/giveaways/{giveaway.pk}").json()["giveaway"]
    assert (shown["status"], shown["message_id"]) == ("publish_failed", None)
    assert "did not confirm" in shown["publish_error"]


def test_a_worker_that_dies_after_claiming_leaves_an_uncertain_post(scene: Scene) -> None:
    giveaway = life.publish(giveaway_id=scene.draft().pk, by=OWNER)
    assert posts.claim_post(kinds=[Post.Kind.ANNOUNCEMENT])
    tasks.post_waiting()
    assert status_of(giveaway) == Status.PUBLISHING
    with later(seconds=posting.LEASE.total_seconds() + 1):
        tasks.post_waiting()
    assert (status_of(giveaway), scene.control.posts(scene.channel)) == (Status.PUBLISH_FAILED, [])
    assert Post.objects.get().status == Post.Status.UNCERTAIN


def test_an_answer_is_recorded_once(scene: Scene) -> None:
    giveaway = scene.published()
    post = Post.objects.get()
    posts.record_post(post_id=post.pk, answer=Answer(Outcome.REFUSED, "refused", description="a late twin"))
    assert (status_of(giveaway), Post.objects.get().status) == (Status.ACTIVE, Post.Status.SENT)


def test_a_post_that_arrives_after_it_was_called_off_is_closed(scene: Scene) -> None:
    giveaway = life.publish(giveaway_id=scene.draft().pk, by=OWNER)
    post = posts.claim_post(kinds=[Post.Kind.ANNOUNCEMENT])
    assert post is not None
    life.cancel(giveaway_id=giveaway.pk, by=OWNER)
    posts.record_post(post_id=post.pk, answer=telegram.wait_for(gateway.send(telegram.shared(), post)))
    tasks.conclude_waiting()
    arrived = scene.control.posts(scene.channel)[-1]
    assert status_of(giveaway) == Status.CANCELLED
    assert arrived["text"].endswith("Cancelled.")
    assert "reply_markup" not in arrived


def test_a_revoked_token_quarantines_the_bot(scene: Scene) -> None:
    scene.control.ask("POST", f"/bots/{scene.bot_id}/revoke")
    giveaway = scene.published()
    assert giveaway.status == Status.PUBLISH_FAILED
    assert Bot.objects.get().status == Bot.Status.QUARANTINED
    assert scene.token not in giveaway.publish_error + Bot.objects.get().status_reason


def test_a_giveaway_that_cannot_be_published_does_not_lock_the_account(scene: Scene) -> None:
    scene.control.fault("error", method="sendMessage", code=400, description="Bad Request: no")
    life.cancel(giveaway_id=scene.published().pk, by=OWNER)
    assert scene.published().status == Status.ACTIVE
