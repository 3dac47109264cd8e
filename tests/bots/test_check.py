"""Asking Telegram on demand: POST /bots/{id}/check and POST /channels/{id}/check."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from bots import tasks
from bots.models import Alert, Binding, Bot, Job
from bots.services import bots, channels
from bots.tasks import checks as check_tasks
from tests.bots.conftest import Made, connect, revoke
from tests.conftest import client_of
from tests.scene import OWNER, Control, Scene
from tests.threads import in_threads


def asked(control: Control, bot: Bot, method: str) -> int:
    return len(control.calls(method, bot.telegram_id))


def again(client: APIClient, path: str) -> Any:
    """Once more, when it is not too soon."""
    Bot.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    return client.post(path)


@pytest.fixture
def path(connected: Bot) -> str:
    return f"/bots/{connected.pk}/check"


# --- bots -------------------------------------------------------------------------------------------------
def test_a_bot_is_shown_as_telegram_says_it_is(client: APIClient, connected: Bot, path: str) -> None:
    Bot.objects.update(username="old_name_bot", name="Old", checked_at=None)
    answer = client.post(path)
    shown = answer.json()
    assert (answer.status_code, shown["status"]) == (200, "active")
    assert (shown["username"], shown["name"]) == (connected.username, "Bot")
    assert shown["checked_at"] is not None


def test_a_dead_token_quarantines_the_bot_and_tells_its_owner_once(
    client: APIClient, path: str, made: Made, control: Control
) -> None:
    revoke(control, made)
    for answer in (client.post(path), again(client, path)):
        assert (answer.status_code, answer.json()["status"]) == (200, "quarantined")
        assert answer.json()["status_reason"] == "Unauthorized"
    assert Alert.objects.get().kind == Alert.Kind.BOT_QUARANTINED


def test_a_working_token_brings_a_quarantined_bot_back(client: APIClient, connected: Bot, path: str) -> None:
    bots.quarantine_bot(bot_id=connected.pk, reason="Unauthorized")
    assert client.post(path).json()["status"] == "active"
    assert Bot.objects.get().status_reason == ""
    entry = AuditEntry.objects.get(verb="check")
    assert (entry.before, entry.after) == ({"status": "quarantined"}, {"status": "active"})


@pytest.mark.parametrize("before", ["active", "quarantined"])
def test_silence_changes_nothing_and_says_so(
    client: APIClient, path: str, before: str, unplug: Callable[[], None]
) -> None:
    Bot.objects.update(status=before)
    checked = Bot.objects.get().checked_at
    unplug()
    answer = client.post(path)
    assert (answer.status_code, answer.json()["status"]) == (503, "error")
    assert answer.json()["code"] == "BOT_UNREACHABLE"
    assert (Bot.objects.get().status, Bot.objects.get().checked_at) == (before, checked)


def test_a_deactivated_bot_is_not_asked_about(
    client: APIClient, connected: Bot, path: str, control: Control
) -> None:
    bots.deactivate_bot(bot_id=connected.pk, by=OWNER)
    before = asked(control, connected, "getMe")
    answer = client.post(path)
    assert (answer.status_code, answer.json()["code"]) == (409, "BOT_DEACTIVATED")
    assert asked(control, connected, "getMe") == before


@pytest.mark.django_db(transaction=True)
def test_telegram_is_asked_once_however_many_ask_at_once(
    owner: User, connected: Bot, path: str, control: Control
) -> None:
    before = asked(control, connected, "getMe")
    waiting = [client_of(owner) for _ in range(10)]
    answers: list[Any] = in_threads(10, lambda: waiting.pop().post(path))
    assert sorted(answer.status_code for answer in answers) == [200] + [429] * 9
    assert all(1 <= int(a.headers["Retry-After"]) <= 5 for a in answers if a.status_code == 429)
    assert asked(control, connected, "getMe") == before + 1


def test_what_was_asked_of_the_old_token_says_nothing_of_the_new(
    client: APIClient, connected: Bot, owner: User, made: Made, control: Control
) -> None:
    """The check took the old token; its owner brought the new one before the answer came."""
    asked_with = Bot.objects.get()
    connect(owner, revoke(control, made))
    check_tasks.checks.record_dead(bot=asked_with, reason="Unauthorized")
    assert Bot.objects.get().status == "active"


def test_a_stranger_finds_nothing_to_check(connected: Bot, path: str, stranger: User) -> None:
    assert client_of(stranger).post(path).status_code == 404
    assert client_of(None).post(path).status_code == 401


@pytest.mark.parametrize("target", ["bots/{bot}", "channels/{binding}"])
def test_a_check_takes_no_body(scene: Scene, target: str) -> None:
    path = "/" + target.format(bot=scene.bot.pk, binding=scene.binding.pk) + "/check"
    assert client_of(scene.user).post(path, {"force": True}).status_code == 400


# --- channels -----------------------------------------------------------------------------------------------
def check(scene: Scene) -> dict[str, Any]:
    """Asks for a check of the scene's channel, lets a worker do it, and gives back the task."""
    client = client_of(scene.user)
    answer = client.post(f"/channels/{scene.channel}/check")
    assert answer.status_code in (200, 202)
    tasks.run_waiting_jobs()
    return dict(client.get(f"/tasks/{answer.json()['task_id']}").json())


def test_a_channel_says_how_it_stands(scene: Scene) -> None:
    task = check(scene)
    assert task["task_status"] == "SUCCESS"
    result = task["task_result"]
    assert (result["status"], result["message"]) == ("active", "The bot may post in the channel.")
    assert (result["channel_id"], result["id"]) == (scene.channel, scene.binding.pk)


def test_a_right_that_was_lost_is_found_at_once(scene: Scene) -> None:
    scene.control.ask("DELETE", f"/channels/{scene.channel}/administrators/{scene.bot_id}")
    assert check(scene)["task_result"]["status"] == "invalid"
    assert Binding.objects.get().reason == "The bot is not an administrator."


def test_a_channel_just_checked_is_not_asked_about_again(scene: Scene) -> None:
    before = asked(scene.control, scene.bot, "getChatMember")
    for _ in range(3):
        assert check(scene)["task_result"]["status"] == "active"
    assert asked(scene.control, scene.bot, "getChatMember") == before + 1


def test_many_who_ask_share_one_task(scene: Scene) -> None:
    waiting = [client_of(scene.user) for _ in range(10)]
    answers: list[Any] = in_threads(10, lambda: waiting.pop().post(f"/channels/{scene.channel}/check"))
    assert len({answer.json()["task_id"] for answer in answers}) == 1
    assert Job.objects.filter(kind=Job.Kind.CHECK_CHANNEL).count() == 1


def test_silence_ends_the_task_and_says_that_nothing_changed(
    scene: Scene, unplug: Callable[[], None]
) -> None:
    unplug()
    assert check(scene)["task_status"] == "STARTED"
    for _ in range(check_tasks.MOST_ATTEMPTS):
        Job.objects.filter(status="STARTED").update(leased_until=timezone.now())
        tasks.run_waiting_jobs()
    job = Job.objects.get(kind=Job.Kind.CHECK_CHANNEL)
    assert (job.status, job.result["code"]) == ("FAILURE", "BOT_UNREACHABLE")
    assert job.result["message"].startswith("Telegram did not answer. Nothing was changed")
    assert Binding.objects.get().status == "active"


def test_a_dead_token_blames_the_bot(scene: Scene) -> None:
    scene.control.ask("POST", f"/bots/{scene.bot_id}/revoke")
    task = check(scene)
    assert (task["task_status"], task["task_result"]["code"]) == ("FAILURE", "BOT_TOKEN_DEAD")
    assert (Binding.objects.get().status, Bot.objects.get().status) == ("active", "quarantined")


def test_a_channel_not_found_before_is_looked_for_again(
    client: APIClient, owner: User, connected: Bot, control: Control
) -> None:
    channels.request_binding(account_id=owner.account_id, channel="@comes_later_01", by=OWNER)
    tasks.run_waiting_jobs()
    binding = Binding.objects.get()
    assert (binding.status, binding.channel) == ("invalid", None)
    about = {"title": "Later", "username": "comes_later_01", "owner_id": control.person()}
    made = control.ask("POST", "/channels", **about)
    control.ask("PUT", f"/channels/{made['id']}/administrators/{connected.telegram_id}")
    client.post(f"/channels/{binding.pk}/check")
    tasks.run_waiting_jobs()
    binding.refresh_from_db()
    assert (binding.status, binding.channel and binding.channel.telegram_id) == ("active", made["id"])


def test_what_has_ended_or_whose_bot_is_dead_is_not_asked_about(scene: Scene) -> None:
    client, path = client_of(scene.user), f"/channels/{scene.channel}/check"
    Bot.objects.update(status="quarantined")
    assert client.post(path).json()["code"] == "BOT_NOT_WORKING"
    Bot.objects.update(status="active")
    channels.deactivate_binding(binding_id=scene.binding.pk, by=OWNER)
    assert client.post(path).json()["code"] == "BINDING_ENDED"


def test_a_stranger_finds_no_channel_to_check(scene: Scene, stranger: User) -> None:
    assert client_of(stranger).post(f"/channels/{scene.channel}/check").status_code == 404


def test_the_back_office_asks_by_the_same_rules(scene: Scene, staff: User, client: Any) -> None:
    desk = Client()
    desk.force_login(staff)
    scene.control.ask("POST", f"/bots/{scene.bot_id}/revoke")
    picked = {"_selected_action": [scene.bot.pk], "action": "ask_telegram"}
    for said in ("is quarantined", "a moment ago"):
        page = desk.post("/admin/bots/bot/", picked, follow=True).content.decode()
        assert said in page
    Bot.objects.update(status="active")
    picked = {"_selected_action": [scene.binding.pk], "action": "ask_telegram"}
    page = desk.post("/admin/bots/binding/", picked, follow=True).content.decode()
    assert "is being checked" in page
    assert Job.objects.filter(kind=Job.Kind.CHECK_CHANNEL).count() == 1
