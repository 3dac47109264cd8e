"""The end in the channel: a conclusion with the way to the results, and an announcement that says it is over."""

from html import escape

import pytest

from accounts.models import AuditEntry
from bots.models import Binding, Bot
from bots.services import posting
from giveaways import tasks
from giveaways.errors import CannotSendAgain
from giveaways.models import Giveaway, Post
from giveaways.services import life, posts
from participants import tasks as draw_tasks
from tests.scene import OWNER, Scene, later

SPITEFUL = "<b>Thanks</b> & good luck </i> {winners}"


def drawn(scene: Scene, **fields: object) -> Giveaway:
    """A giveaway whose winners stand and whose posts still wait."""
    giveaway = scene.published(**fields)
    life.finish(giveaway_id=giveaway.pk, by=OWNER)
    draw_tasks.draw_waiting()
    return giveaway


def conclusions(scene: Scene) -> list[str]:
    return [post["text"] for post in scene.control.posts(scene.channel)[1:]]


def test_it_tells_the_numbers_and_leads_to_the_results(scene: Scene) -> None:
    giveaway = scene.published(public_conclusion_message="Thanks to all.", winner_count=2)
    scene.enrolled(giveaway, 3, told=False)
    giveaway = scene.finished(giveaway)
    post = scene.control.posts(scene.channel)[-1]
    button = post["reply_markup"]["inline_keyboard"][0][0]
    assert giveaway.conclusion_message_id == post["message_id"]
    assert "Thanks to all." in post["text"]
    assert "Participants: 3\n🏆 Winners: 2" in post["text"]
    assert f"http://testserver/draws/{giveaway.public_id}/" in post["text"]
    assert button["text"] == "🏆 VIEW RESULTS"
    assert button["url"] == f"https://t.me/{scene.bot.username}?start=result_{giveaway.result_token}"


def test_the_announcement_says_it_is_over_and_has_no_button(scene: Scene) -> None:
    giveaway = scene.finished(scene.published())
    announced = scene.control.posts(scene.channel)[0]
    assert announced["message_id"] == giveaway.message_id
    assert announced["text"].endswith("🏁 Finished.")
    assert giveaway.opening_sha256 in announced["text"]
    assert "reply_markup" not in announced


def test_the_announcement_is_edited_at_its_end_only(scene: Scene) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, 3, told=False)
    scene.work()
    assert "edit_date" not in scene.control.posts(scene.channel)[0]


def test_the_owners_words_are_shown_as_text(scene: Scene) -> None:
    scene.finished(scene.published(title=SPITEFUL, public_conclusion_message=SPITEFUL))
    [text] = conclusions(scene)
    assert text.count(SPITEFUL) == 2
    assert escape(SPITEFUL) not in text


@pytest.mark.parametrize("kind", ["reset_after_accept", "html_502"])
def test_an_uncertain_conclusion_is_not_doubled(scene: Scene, kind: str) -> None:
    drawn(scene)
    scene.control.fault(kind, method="sendMessage")
    tasks.conclude_waiting()
    there = conclusions(scene)
    with later(days=1):
        tasks.conclude_waiting()
    assert conclusions(scene) == there
    assert Post.objects.get(kind=Post.Kind.CONCLUSION).status == Post.Status.UNCERTAIN


def test_an_uncertain_conclusion_is_sent_again_when_somebody_looked(scene: Scene) -> None:
    drawn(scene)
    scene.control.fault("error", method="sendMessage", code=500)
    tasks.conclude_waiting()
    posts.send_again(post_id=Post.objects.get(kind=Post.Kind.CONCLUSION).pk, by=OWNER)
    tasks.conclude_waiting()
    assert len(conclusions(scene)) == 1
    assert AuditEntry.objects.get(verb="send_again").after == {"post": "conclusion"}


@pytest.mark.parametrize("kind", [Post.Kind.ANNOUNCEMENT, Post.Kind.CONCLUSION])
def test_what_was_sent_is_not_sent_again(scene: Scene, kind: Post.Kind) -> None:
    scene.finished(scene.published())
    with pytest.raises(CannotSendAgain):
        posts.send_again(post_id=Post.objects.get(kind=kind).pk, by=OWNER)


def test_the_conclusion_waits_while_the_bot_lost_its_rights(scene: Scene) -> None:
    administrators = f"/channels/{scene.channel}/administrators/{scene.bot_id}"
    drawn(scene)
    scene.control.ask("DELETE", administrators)
    tasks.conclude_waiting()
    assert (conclusions(scene), Binding.objects.get().status) == ([], Binding.Status.INVALID)
    scene.control.ask("PUT", administrators)
    with later(minutes=11):
        tasks.conclude_waiting()
    assert len(conclusions(scene)) == 1
    assert scene.control.posts(scene.channel)[0]["text"].endswith("Finished.")


def test_the_conclusion_waits_for_a_token_that_works(scene: Scene) -> None:
    drawn(scene)
    scene.token = str(scene.control.ask("POST", f"/bots/{scene.bot_id}/revoke")["token"])
    tasks.conclude_waiting()
    assert (conclusions(scene), Bot.objects.get().status) == ([], Bot.Status.QUARANTINED)
    scene.connect()
    with later(minutes=11):
        tasks.conclude_waiting()
    assert (len(conclusions(scene)), Bot.objects.get().status) == (1, Bot.Status.ACTIVE)


def test_a_flood_is_waited_out(scene: Scene) -> None:
    drawn(scene)
    scene.control.fault("error", method="sendMessage", retry_after=30)
    tasks.conclude_waiting()
    for seconds in (31, 62):
        with later(seconds=seconds):
            tasks.conclude_waiting()
    assert len(conclusions(scene)) == 1


def test_a_worker_that_died_over_the_edit_is_followed_by_another(scene: Scene) -> None:
    drawn(scene)
    assert posts.claim_post(kinds=[Post.Kind.CLOSING])
    with later(seconds=posting.LEASE.total_seconds() + 1):
        tasks.conclude_waiting()
    assert scene.control.posts(scene.channel)[0]["text"].endswith("Finished.")


def test_a_post_the_owner_deleted_does_not_hold_anything_up(scene: Scene) -> None:
    giveaway = drawn(scene)
    gone = "Bad Request: message to edit not found"
    scene.control.fault("error", method="editMessageText", code=400, description=gone)
    tasks.conclude_waiting()
    assert Post.objects.get(kind=Post.Kind.CLOSING).status == Post.Status.FAILED
    assert len(conclusions(scene)) == 1
    assert Giveaway.objects.get(pk=giveaway.pk).status == "finished"
