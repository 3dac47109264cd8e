"""Moving channels to another bot: what moves, what stays with the old bot, and what each channel's owner is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, User
from bots import tasks
from bots.models import Binding, Bot, ChannelMessage, Job
from bots.services import bots, moving
from giveaways.models import Giveaway
from giveaways.services import life
from tests.bots.conftest import connect, make
from tests.conftest import client_of
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads


def admit(scene: Scene, bot: Bot, channel: int | None = None) -> None:
    """The bot may post in the channel."""
    scene.control.ask("PUT", f"/channels/{channel or scene.channel}/administrators/{bot.telegram_id}")


@pytest.fixture
def heir(scene: Scene) -> Bot:
    """Another bot of the owner's, with the right to post in the scene's channel."""
    bot = connect(scene.user, make(scene.control))
    admit(scene, bot)
    return bot


def ask(scene: Scene, path: str, **body: Any) -> dict[str, Any]:
    """Asks for a move, lets a worker do it, and gives back the task."""
    client = client_of(scene.user)
    answer = client.post(path, body)
    assert answer.status_code == 202, answer.content
    tasks.run_waiting_jobs()
    return dict(client.get(f"/tasks/{answer.json()['task_id']}").json())


def move(scene: Scene, **body: Any) -> dict[str, Any]:
    """What became of the scene's channel."""
    [told] = ask(scene, f"/channels/{scene.binding.pk}/move", **body)["task_result"]["channels"]
    scene.binding.refresh_from_db()
    return dict(told)


def heirs_binding(heir: Bot) -> Binding:
    return Binding.objects.live().get(bot=heir)


# --- what moves ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("why", ["wish", "quarantined", "deactivated"])
def test_the_old_binding_ends_and_says_where_to_and_the_new_one_where_from(
    scene: Scene, heir: Bot, why: str
) -> None:
    if why == "quarantined":
        bots.quarantine_bot(bot_id=scene.bot.pk, reason="Unauthorized")
    if why == "deactivated":
        bots.deactivate_bot(bot_id=scene.bot.pk, by=OWNER)
    told = move(scene)
    new = heirs_binding(heir)
    assert (told["outcome"], told["bot_link"], told["binding_id"]) == ("moved", f"@{heir.username}", new.pk)
    assert (new.status, new.channel) == ("active", scene.binding.channel)
    assert (scene.binding.status, scene.binding.reason) == ("deactivated", f"moved to @{heir.username}")
    client = client_of(scene.user)
    assert client.get(f"/channels/{scene.binding.pk}").json()["moved_to"] == new.pk
    assert client.get(f"/channels/{scene.channel}").json()["moved_from"] == [scene.binding.pk]
    entry = AuditEntry.objects.get(verb="move")
    assert (entry.actor_label, entry.after) == ("owner", {"bot": f"@{heir.username}", "fate": "moved"})


def test_new_work_is_done_by_the_new_bot(scene: Scene, heir: Bot) -> None:
    move(scene)
    client_of(scene.user).post("/messages/", {"channel_id": scene.channel, "message": "Hello"})
    tasks.post_waiting_messages()
    assert ChannelMessage.objects.get().status == "sent"
    assert scene.control.posts(scene.channel)[-1]["text"] == "Hello"
    assert len(scene.control.accepted(heir.telegram_id)) == 1


def test_a_message_that_waits_is_posted_by_the_new_bot_and_one_that_was_posted_stays_its_authors(
    scene: Scene, heir: Bot
) -> None:
    client = client_of(scene.user)
    for text, at in (("Now", None), ("Tomorrow", timezone.now() + timedelta(days=1))):
        body = {
            "channel_id": scene.channel,
            "message": text,
            **({"schedule_at": at.isoformat()} if at else {}),
        }
        assert client.post("/messages/", body).status_code == 202
    tasks.post_waiting_messages()
    move(scene)
    with later(days=2):
        tasks.post_waiting_messages()
    now, tomorrow = ChannelMessage.objects.order_by("pk")
    assert (now.binding, tomorrow.binding) == (scene.binding, heirs_binding(heir))
    assert (now.status, tomorrow.status) == ("sent", "sent")
    client.patch(f"/messages/{now.pk}", {"message": "Edited"})
    tasks.run_waiting_jobs()
    assert [post["text"] for post in scene.control.posts(scene.channel)] == ["Edited", "Tomorrow"]


def test_a_draft_is_published_by_the_new_bot(scene: Scene, heir: Bot) -> None:
    draft = scene.draft()
    move(scene)
    assert life.problems(draft) == []
    life.publish(giveaway_id=draft.pk, by=OWNER)
    draft.refresh_from_db()
    assert draft.binding == heirs_binding(heir)


def test_a_draft_that_requires_the_channel_follows_too(scene: Scene, heir: Bot) -> None:
    about = {"title": "Second", "username": f"second_{scene.user.pk}_{heir.pk}", "owner_id": scene.author}
    second = int(scene.control.ask("POST", "/channels", **about)["id"])
    scene.control.ask("PUT", f"/channels/{second}/administrators/{scene.bot_id}")
    admit(scene, heir, second)
    required = scene.bind(second)
    draft = scene.draft(channel_id=scene.channel, required_channels=[second])
    assert ask(scene, f"/bots/{scene.bot.pk}/move-channels")["task_result"]["moved"] == 2
    life.publish(giveaway_id=draft.pk, by=OWNER)
    draft.refresh_from_db()
    assert {draft.binding.bot, *(each.bot for each in draft.required_bindings.all())} == {heir}  # type: ignore[union-attr]
    required.refresh_from_db()
    assert required.moved_to in draft.required_bindings.all()


# --- what stays ------------------------------------------------------------------------------------------------
def test_a_running_giveaway_keeps_its_bot_and_the_new_one_serves_beside_it(scene: Scene, heir: Bot) -> None:
    giveaway, person = scene.published(), scene.subscriber()
    told = move(scene)
    assert (told["outcome"], told["binding_id"]) == ("shared", heirs_binding(heir).pk)
    assert "A bag of coffee" in told["message"]
    assert scene.binding.status == "active"
    assert "You are in" in scene.enter(giveaway, person)
    giveaway = scene.finished(giveaway)
    assert giveaway.status == "finished"
    assert [text for text in scene.heard(person) if "won" in text.lower()]
    assert move(scene)["outcome"] == "moved"  # now that it is over
    scene.control.start(person, scene.bot_id, f"result_{giveaway.result_token}")
    scene.take_updates()
    assert "won" in scene.last(person).lower()


def test_a_giveaway_of_a_dead_bot_stays_paused_until_its_token_is_back(scene: Scene, heir: Bot) -> None:
    giveaway, person = scene.published(), scene.subscriber()
    bots.quarantine_bot(bot_id=scene.bot.pk, reason="Unauthorized")
    assert move(scene)["outcome"] == "shared"
    paused = Giveaway.objects.get()
    assert (paused.status, paused.pause_reason) == ("active", "Unauthorized")
    scene.connect()
    assert Giveaway.objects.get().pause_reason == ""
    assert "You are in" in scene.enter(giveaway, person)


def test_a_channel_unbound_and_added_again_resumes_its_giveaway_and_keeps_its_bot(
    scene: Scene, heir: Bot
) -> None:
    giveaway, person = scene.published(), scene.subscriber()
    client = client_of(scene.user)
    client.delete(f"/channels/{scene.channel}")
    assert Giveaway.objects.get().pause_reason == "unbound by its owner"
    client.post("/channels/", {"channel": scene.channel, "bot_id": scene.bot.pk})
    tasks.run_waiting_jobs()
    assert Giveaway.objects.get().pause_reason == ""
    assert "You are in" in scene.enter(giveaway, person)
    [told] = ask(scene, f"/channels/{scene.channel}/move")["task_result"]["channels"]
    assert told["outcome"] == "shared"


def test_a_conclusion_that_waits_keeps_its_bot(scene: Scene, heir: Bot) -> None:
    giveaway = scene.published()
    life.finish(giveaway_id=giveaway.pk, by=OWNER)
    scene.control.fault("html_502", method="sendMessage", times=5)
    scene.work()
    Giveaway.objects.get().posts.filter(kind="conclusion").update(status="waiting")
    assert move(scene)["outcome"] == "shared"


@pytest.mark.parametrize("state", ["published", "cancelled"])
def test_a_giveaway_that_is_over_keeps_nothing(scene: Scene, heir: Bot, state: str) -> None:
    giveaway = scene.published()
    if state == "published":
        scene.finished(giveaway)
    else:
        life.cancel(giveaway_id=giveaway.pk, by=OWNER)
        scene.work()
    assert move(scene)["outcome"] == "moved"


def test_publishing_and_moving_at_once_never_part_a_giveaway_from_its_bot(scene: Scene, heir: Bot) -> None:
    draft = scene.draft()
    todo: list[Callable[[], Any]] = [
        lambda: life.publish(giveaway_id=draft.pk, by=OWNER),
        lambda: moving.record_move(binding_id=scene.binding.pk, able=[heir.pk], reason="", by=OWNER),
    ] * 3
    in_threads(6, lambda: todo.pop()())
    draft.refresh_from_db()
    assert draft.binding is not None
    assert (draft.status, draft.binding.status) == ("publishing", "active")


# --- what cannot move ---------------------------------------------------------------------------------------
def test_a_bot_without_the_right_takes_nothing_and_the_reason_is_told(scene: Scene) -> None:
    other = connect(scene.user, make(scene.control))
    task = ask(scene, f"/channels/{scene.binding.pk}/move")
    assert (task["task_status"], task["task_result"]["code"]) == ("FAILURE", "NOTHING_MOVED")
    [told] = task["task_result"]["channels"]
    assert told["outcome"] == "stayed"
    assert told["message"] == f"@{other.username}: The bot is not an administrator."
    assert Binding.objects.live().get() == scene.binding


def test_an_administrator_who_may_not_post_takes_nothing(scene: Scene, heir: Bot) -> None:
    rights = {"can_post_messages": False, "can_edit_messages": True}
    path = f"/channels/{scene.channel}/administrators/{heir.telegram_id}"
    scene.control.ask("PUT", path, **rights)
    assert move(scene)["outcome"] == "stayed"


def test_silence_moves_nothing(scene: Scene, heir: Bot, unplug: Callable[[], None]) -> None:
    unplug()
    told = move(scene)
    assert (told["outcome"], scene.binding.status) == ("stayed", "active")
    assert "Telegram did not answer" in told["message"]


def test_a_dead_heir_is_quarantined_and_takes_nothing(scene: Scene, heir: Bot) -> None:
    scene.control.ask("POST", f"/bots/{heir.telegram_id}/revoke")
    assert move(scene)["outcome"] == "stayed"
    heir.refresh_from_db()
    assert (heir.status, scene.binding.status) == ("quarantined", "active")


def test_there_has_to_be_another_bot(scene: Scene, stranger: User) -> None:
    foreign = connect(stranger, make(scene.control))
    client = client_of(scene.user)
    for body in ({}, {"bot_id": foreign.pk}, {"bot_id": scene.bot.pk}):
        for path in (f"/channels/{scene.binding.pk}/move", f"/bots/{scene.bot.pk}/move-channels"):
            answer = client.post(path, body)
            assert (answer.status_code, answer.json()["code"]) == (409, "NO_BOT")


def test_what_was_moved_or_unbound_is_not_moved_again(scene: Scene, heir: Bot) -> None:
    move(scene)
    answer = client_of(scene.user).post(f"/channels/{scene.binding.pk}/move")
    assert (answer.status_code, answer.json()["code"]) == (409, "CANNOT_MOVE")


@pytest.mark.parametrize(
    "body", [{"bot_id": True}, {"bot_id": 0}, {"bot_id": "1"}, {"bot_id": None}, {"to": 1}]
)
def test_a_body_of_the_wrong_shape_is_refused(scene: Scene, body: dict[str, Any]) -> None:
    for path in (f"/channels/{scene.binding.pk}/move", f"/bots/{scene.bot.pk}/move-channels"):
        answer = client_of(scene.user).post(path, body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, list(body))


def test_a_stranger_moves_nothing(scene: Scene, heir: Bot, stranger: User) -> None:
    for path in (f"/channels/{scene.binding.pk}/move", f"/bots/{scene.bot.pk}/move-channels"):
        assert client_of(stranger).post(path).status_code == 404


# --- which bot, and many channels --------------------------------------------------------------------------
@pytest.fixture
def many(scene: Scene) -> list[int]:
    """Six more channels of the scene's bot."""
    found = []
    for number in range(6):
        made = scene.control.ask("POST", "/channels", title=f"Channel {number}", owner_id=scene.author)
        scene.control.ask("PUT", f"/channels/{made['id']}/administrators/{scene.bot_id}")
        scene.bind(int(made["id"]))
        found.append(int(made["id"]))
    return found


def test_the_channels_of_a_dead_bot_are_shared_out_evenly(scene: Scene, many: list[int]) -> None:
    heirs = [connect(scene.user, make(scene.control)) for _ in range(2)]
    for bot in heirs:
        for channel in many[:-1]:
            admit(scene, bot, channel)
    bots.deactivate_bot(bot_id=scene.bot.pk, by=OWNER)
    task = ask(scene, f"/bots/{scene.bot.pk}/move-channels")
    told = {one["channel_id"]: one["outcome"] for one in task["task_result"]["channels"]}
    stayed = {scene.channel: "stayed", many[-1]: "stayed"}
    assert told == {**dict.fromkeys(many, "moved"), **stayed}
    assert task["task_result"]["moved"] == 5
    loads = sorted(Binding.objects.live().filter(bot=bot).count() for bot in heirs)
    assert loads == [2, 3]


def test_the_bot_named_takes_all_it_may(scene: Scene, many: list[int], heir: Bot) -> None:
    idle = connect(scene.user, make(scene.control))
    for channel in many:
        admit(scene, heir, channel)
        admit(scene, idle, channel)
    result = ask(scene, f"/bots/{scene.bot.pk}/move-channels", bot_id=heir.pk)["task_result"]
    assert result["moved"] == 7
    assert {binding.bot for binding in Binding.objects.live()} == {heir}


def test_moves_at_once_are_shared_out_evenly(scene: Scene, many: list[int]) -> None:
    heirs = [connect(scene.user, make(scene.control)).pk for _ in range(3)]
    numbers = list(Binding.objects.live().values_list("pk", flat=True))[:6]
    moved = in_threads(
        6, lambda: moving.record_move(binding_id=numbers.pop(), able=heirs, reason="", by=OWNER)
    )
    assert not [error for error in moved if isinstance(error, Exception)]
    assert [Binding.objects.live().filter(bot_id=heir).count() for heir in heirs] == [2, 2, 2]


def test_a_bot_that_serves_the_channel_already_takes_over(scene: Scene, heir: Bot) -> None:
    connect(scene.user, make(scene.control))
    client_of(scene.user).post("/channels/", {"channel": scene.channel, "bot_id": heir.pk})
    tasks.run_waiting_jobs()
    before = heirs_binding(heir)
    assert move(scene)["binding_id"] == before.pk
    assert Binding.objects.live().get() == before


def test_a_proposal_is_taken_up_by_moving_there(scene: Scene, heir: Bot) -> None:
    row = Binding.objects.create(
        account=scene.user.account, bot=heir, channel=scene.binding.channel, status="proposed"
    )
    assert move(scene)["binding_id"] == row.pk
    row.refresh_from_db()
    assert row.status == "active"


@pytest.mark.parametrize("running", [True, False])
def test_a_job_whose_worker_died_in_the_middle_is_done_once(scene: Scene, heir: Bot, running: bool) -> None:
    if running:
        scene.published()
    ask(scene, f"/channels/{scene.binding.pk}/move")
    third = connect(scene.user, make(scene.control))
    admit(scene, third)
    Job.objects.filter(kind="move_channels").update(status="STARTED", leased_until=timezone.now())
    tasks.run_waiting_jobs()  # the worker died before it wrote that it was done
    [told] = Job.objects.get(kind="move_channels").result["channels"]
    assert (told["outcome"], told["bot_link"]) == ("shared" if running else "moved", f"@{heir.username}")
    assert not Binding.objects.filter(bot=third).exists()


def test_the_back_office_moves_by_the_same_rules(scene: Scene, heir: Bot, staff: User) -> None:
    desk = Client()
    desk.force_login(staff)
    picked = {"_selected_action": [scene.bot.pk, heir.pk], "action": "move_channels"}
    page = desk.post("/admin/bots/bot/", picked, follow=True).content.decode()
    assert page.count("are moved by job") == 2
    tasks.run_waiting_jobs()
    assert Binding.objects.filter(Q(bot=heir), status="active").count() == 1
    picked = {"_selected_action": [scene.binding.pk], "action": "move"}
    assert "cannot be moved" in desk.post("/admin/bots/binding/", picked, follow=True).content.decode()
