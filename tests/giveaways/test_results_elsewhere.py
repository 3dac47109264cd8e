"""Results in another channel: asked for in time, posted there, and the giveaway's own channel says where."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from bots.models import Binding
from giveaways import tasks
from giveaways.errors import ChannelNotVerified
from giveaways.models import Giveaway, Post, Status
from giveaways.services import life, write
from tests.giveaways.rows import FIELDS, make_binding, make_draft, make_giveaway
from tests.scene import OWNER, Scene, later

Api = Callable[[User | None], APIClient]


def second_channel(scene: Scene) -> int:
    """Another channel of the owner in which the same bot may post."""
    about = {"title": "Winners", "username": f"winners{id(scene)}", "owner_id": scene.author}
    channel = int(scene.control.ask("POST", "/channels", **about)["id"])
    scene.control.ask("PUT", f"/channels/{channel}/administrators/{scene.bot_id}")
    scene.bind(channel)
    return channel


def test_the_conclusion_goes_there_and_the_own_channel_links_to_it(scene: Scene) -> None:
    elsewhere = second_channel(scene)
    giveaway = scene.published(channel_id=scene.channel, results_channel_id=elsewhere)
    giveaway = scene.finished(giveaway)
    scene.work()
    [announced] = scene.control.posts(scene.channel)
    [conclusion] = scene.control.posts(elsewhere)
    assert "📣 Results: Winners\n\n🏁 Finished." in announced["text"]
    [link] = [entity["url"] for entity in announced["entities"] if entity["type"] == "text_link"]
    assert link == f"https://t.me/winners{id(scene)}/{conclusion['message_id']}"
    assert conclusion["text"].startswith("🏁 A bag of coffee")
    assert f"start=result_{giveaway.result_token}" in str(conclusion["reply_markup"])


def test_people_see_their_result_from_there(scene: Scene) -> None:
    elsewhere = second_channel(scene)
    giveaway = scene.published(channel_id=scene.channel, results_channel_id=elsewhere)
    ann = scene.subscriber("Ann")
    scene.enter(giveaway, ann)
    giveaway = scene.finished(giveaway)
    scene.control.press(ann, elsewhere, giveaway.conclusion_message_id or 0, "🏆 VIEW RESULTS")
    scene.take_updates()
    assert "you won" in scene.last(ann)


def test_a_closed_post_does_not_wait_long_for_results_that_do_not_come(scene: Scene) -> None:
    elsewhere = second_channel(scene)
    giveaway = scene.published(channel_id=scene.channel, results_channel_id=elsewhere)
    scene.control.fault(
        "error", method="sendMessage", code=403, description="Forbidden: bot was kicked", times=9
    )
    scene.finished(giveaway)
    tasks.conclude_waiting()
    assert "Finished" not in scene.control.posts(scene.channel)[0]["text"]
    with later(minutes=1):
        tasks.conclude_waiting()
    assert "📣 Results: Winners\n\n🏁 Finished." in scene.control.posts(scene.channel)[0]["text"]


def test_a_refusal_there_says_nothing_of_the_own_channel(scene: Scene) -> None:
    elsewhere = second_channel(scene)
    giveaway = scene.published(channel_id=scene.channel, results_channel_id=elsewhere)
    scene.control.fault("error", method="sendMessage", code=403, description="Forbidden: bot was kicked")
    scene.finished(giveaway)
    there = Binding.objects.get(channel__telegram_id=elsewhere)
    scene.binding.refresh_from_db()
    assert (there.status, scene.binding.status) == (Binding.Status.INVALID, Binding.Status.ACTIVE)
    assert Post.objects.get(kind="conclusion").status == Post.Status.WAITING


@pytest.mark.parametrize(
    ("status", "code"),
    [(Binding.Status.NEW, "CHANNEL_NOT_VERIFIED"), (Binding.Status.DEACTIVATED, "CHANNEL_NOT_CONFIGURED")],
)
def test_a_channel_the_bot_may_not_post_in_is_refused_when_it_is_chosen(
    owner: User, api: Api, status: Binding.Status, code: str
) -> None:
    make_binding(owner.account)
    channel = make_binding(owner.account, status=status).channel
    answer = api(owner).post("/api/giveaways/create", {**FIELDS, "results_channel_id": channel.telegram_id})
    assert (answer.json()["code"], list(answer.json()["errors"])) == (code, ["results_channel_id"])


def test_a_strangers_channel_is_unknown(owner: User, stranger: User, api: Api) -> None:
    foreign = make_binding(stranger.account).channel.telegram_id
    answer = api(owner).post("/api/giveaways/create", {**FIELDS, "results_channel_id": foreign})
    assert (answer.status_code, answer.json()["code"]) == (409, "CHANNEL_NOT_CONFIGURED")


def test_a_right_lost_before_publication_stands_in_its_way(owner: User) -> None:
    own, other = make_binding(owner.account), make_binding(owner.account)
    draft = make_draft(
        owner, channel_id=own.channel.telegram_id, results_channel_id=other.channel.telegram_id
    )
    Binding.objects.filter(pk=other.pk).update(status=Binding.Status.INVALID)
    assert [each["code"] for each in life.problems(Giveaway.objects.get())] == ["CHANNEL_NOT_VERIFIED"]
    with pytest.raises(ChannelNotVerified):
        life.publish(giveaway_id=draft.pk, by=OWNER)


@pytest.mark.parametrize("own", [True, False])
def test_the_own_channel_or_null_means_no_other(owner: User, api: Api, own: bool) -> None:
    channel = make_binding(owner.account).channel.telegram_id
    draft = make_draft(owner, channel_id=channel)
    value = channel if own else None
    changed: Any = api(owner).patch(f"/api/giveaways/{draft.pk}", {"results_channel_id": value}).json()
    assert changed["giveaway"]["results_channel_id"] is None


def test_it_may_change_until_finishing_begins(owner: User) -> None:
    giveaway = make_giveaway(owner, Status.ACTIVE, channel_id=make_binding(owner.account).channel.telegram_id)
    other = make_binding(owner.account)
    write.update(giveaway_id=giveaway.pk, by=OWNER, fields={"results_channel_id": other.channel.telegram_id})
    giveaway.refresh_from_db()
    assert (giveaway.results_binding, giveaway.change_count) == (other, 0)
    assert giveaway.updated_at <= timezone.now()
