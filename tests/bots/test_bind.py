"""Binding a channel to a bot: POST /channels/, its task, and what becomes of the binding."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from bots import tasks
from bots.models import Alert, Binding, Bot, Channel, Job
from bots.services import bots
from bots.tasks import binding as binding_task
from tests.bots.conftest import Made, connect, make, revoke
from tests.conftest import client_of
from tests.scene import OWNER, Control
from tests.threads import in_threads

POSTING = {"can_post_messages": True}
MAY_POST = "The channel is added and the bot may post there."
ADDED = "The channel is added. Now make the bot an administrator"
Wanted = dict[str, Any]


def send(client: APIClient, body: Any) -> Any:
    return client.generic("POST", "/channels/", json.dumps(body), content_type="application/json")


def bind(client: APIClient, channel: Any, **more: Any) -> dict[str, Any]:
    """Asks for the channel, lets a worker do it, and gives back the task."""
    asked = send(client, {"channel": channel, **more})
    assert asked.status_code == 202, asked.content
    tasks.run_waiting_jobs()
    return dict(client.get(f"/tasks/{asked.json()['task_id']}").json())


@pytest.fixture
def promoted(control: Control, connected: Bot, channel: Wanted) -> Wanted:
    """The channel, where the owner's bot may post."""
    control.ask("PUT", f"/channels/{channel['id']}/administrators/{connected.telegram_id}", **POSTING)
    return channel


def test_asking_answers_a_task_that_waits(client: APIClient, connected: Bot) -> None:
    answer = send(client, {"channel": "@durov"})
    assert answer.status_code == 202
    task = answer.json()
    assert task == {"task_id": task["task_id"], "task_status": "PENDING", "task_result": None}
    assert client.get(f"/tasks/{task['task_id']}").json() == task


@pytest.mark.parametrize(
    "form", ["@{username}", "{username}", "https://t.me/{username}", "t.me/s/{username}", "{id}",
             "https://t.me/{username}/7", "tg://resolve?domain={username}"],
)  # fmt: skip
def test_a_channel_the_bot_may_post_in_is_active(
    client: APIClient, connected: Bot, promoted: Wanted, form: str
) -> None:
    task = bind(client, form.format(**promoted))
    assert task["task_status"] == "SUCCESS"
    link = f"@{connected.username}"
    assert task["task_result"] == {"channel_id": promoted["id"], "bot_link": link, "message": MAY_POST}
    assert (Binding.objects.get().status, Channel.objects.get().title) == ("active", "News")


def test_an_id_may_be_a_number(client: APIClient, promoted: Wanted) -> None:
    assert bind(client, promoted["id"])["task_result"]["channel_id"] == promoted["id"]


@pytest.mark.parametrize("right", [{}, {"can_edit_messages": True}])
def test_an_administrator_without_the_right_to_post_is_not_enough(
    client: APIClient, connected: Bot, channel: Wanted, control: Control, right: dict[str, bool]
) -> None:
    rights = {"can_post_messages": False, **right}
    control.ask("PUT", f"/channels/{channel['id']}/administrators/{connected.telegram_id}", **rights)
    task = bind(client, channel["id"])
    assert task["task_status"] == "SUCCESS"
    assert task["task_result"]["message"].startswith(ADDED)
    binding = Binding.objects.get()
    assert binding.status == "new"
    assert binding.reason == "The bot may not post messages: give it the right to post."


def test_a_channel_the_bot_is_not_in_waits_for_the_right(
    client: APIClient, connected: Bot, channel: Wanted
) -> None:
    task = bind(client, f"@{channel['username']}")
    assert (task["task_status"], task["task_result"]["channel_id"]) == ("SUCCESS", channel["id"])
    assert task["task_result"]["message"].startswith(ADDED)
    assert (Binding.objects.get().status, Binding.objects.get().reason) == (
        "new",
        "The bot is not an administrator.",
    )


@pytest.mark.parametrize("unknown", ["@nobody_has_this_name", "-1001999999999"])
def test_a_channel_nobody_knows_is_invalid_and_says_why(
    client: APIClient, connected: Bot, unknown: str
) -> None:
    task = bind(client, unknown)
    assert task["task_status"] == "FAILURE"
    assert task["task_result"] == {"status": "error", "message": Binding.objects.get().reason}
    assert Binding.objects.get().status == "invalid"
    assert Binding.objects.get().reason.startswith("This channel cannot be found.")


def test_a_person_is_no_channel(client: APIClient, connected: Bot, control: Control) -> None:
    control.start(control.person("Ann", username="ann_is_a_person"), connected.telegram_id)
    assert bind(client, "@ann_is_a_person")["task_status"] == "FAILURE"


def test_a_private_channel_that_threw_the_bot_out_is_invalid(
    client: APIClient, connected: Bot, control: Control
) -> None:
    private = control.ask("POST", "/channels", title="Secret", owner_id=control.person())
    path = f"/channels/{private['id']}"
    control.ask("PUT", f"{path}/administrators/{connected.telegram_id}")
    control.ask("DELETE", f"{path}/members/{connected.telegram_id}")
    assert bind(client, private["id"])["task_status"] == "FAILURE"
    assert Binding.objects.get().status == "invalid"


def test_an_invite_link_is_kept_until_the_bot_is_promoted(client: APIClient, connected: Bot) -> None:
    task = bind(client, "https://t.me/+AAAAAEabcdefghij")
    assert (task["task_status"], task["task_result"]["channel_id"]) == ("SUCCESS", None)
    assert "invite link" in task["task_result"]["message"]
    assert (Binding.objects.get().status, Binding.objects.get().channel) == ("new", None)


def test_the_owner_reads_it_in_their_language(client: APIClient, owner: User, connected: Bot) -> None:
    owner.account.language = "ru"
    owner.account.save()
    message = bind(client, "@nobody_has_this_name")["task_result"]["message"]
    assert message == "Задан некорректный идентификатор канала"


@pytest.mark.parametrize("fault", ["html_502", "reset_after_accept"])
def test_a_telegram_in_trouble_makes_the_task_wait(
    client: APIClient, promoted: Wanted, control: Control, fault: str
) -> None:
    control.fault(fault, method="getChat")
    task = bind(client, promoted["id"])
    assert (task["task_status"], Binding.objects.get().status) == ("STARTED", "new")
    tasks.run_waiting_jobs()
    assert Job.objects.get().status == "STARTED"  # it is not asked again at once
    come_round()
    assert (Job.objects.get().status, Binding.objects.get().status) == ("SUCCESS", "active")


def come_round() -> None:
    """The wait of every started job is over, and a worker looks."""
    Job.objects.filter(status="STARTED").update(leased_until=timezone.now())
    tasks.run_waiting_jobs()


def test_a_telegram_that_stays_away_ends_the_task_and_blames_nobody(
    client: APIClient, promoted: Wanted, unplug: Callable[[], None]
) -> None:
    unplug()
    assert bind(client, promoted["id"])["task_status"] == "STARTED"
    for _ in range(binding_task.MOST_ATTEMPTS):
        come_round()
    assert (Job.objects.get().status, Binding.objects.get().status) == ("FAILURE", "new")
    assert "did not answer" in Job.objects.get().result["message"]


def test_a_right_nobody_could_ask_for_is_not_guessed(
    client: APIClient, promoted: Wanted, control: Control
) -> None:
    control.fault("html_502", method="getChatMember")
    assert bind(client, promoted["id"])["task_status"] == "SUCCESS"
    assert (Binding.objects.get().status, Binding.objects.get().reason) == ("new", "")


def test_a_dead_token_blames_the_bot_and_not_the_channel(
    client: APIClient, promoted: Wanted, made: Made, control: Control
) -> None:
    revoke(control, made)
    task = bind(client, promoted["id"])
    assert (task["task_status"], Bot.objects.get().status) == ("FAILURE", "quarantined")
    assert Binding.objects.get().status == "new"
    assert "token" in task["task_result"]["message"]


def test_asking_again_leads_to_the_same_binding(client: APIClient, promoted: Wanted) -> None:
    for _ in range(2):
        assert bind(client, promoted["id"])["task_status"] == "SUCCESS"
    live = Binding.objects.live().get()
    assert live.status == "active"
    assert Binding.objects.get(status="deactivated").reason == f"the same as binding {live.pk}"


@pytest.mark.parametrize("named", [True, False])
def test_asking_again_for_what_was_not_found_leads_to_the_same_row(
    client: APIClient, owner: User, connected: Bot, control: Control, named: bool
) -> None:
    bot = {"bot_id": connected.pk} if named else {}
    for _ in range(3):
        assert bind(client, "@nobody_has_this_name", **bot)["task_status"] == "FAILURE"
        if not named:
            connect(owner, make(control))  # less to do, and it has not looked for the channel
    assert (Binding.objects.get().status, Binding.objects.get().bot) == ("invalid", connected)
    assert Binding.objects.get().reason.startswith("This channel cannot be found.")


def test_what_was_not_found_and_is_there_now_waits_for_the_right_like_a_new_one(
    client: APIClient, connected: Bot, control: Control
) -> None:
    bind(client, "@comes_later_02")
    about = {"title": "Later", "username": "comes_later_02", "owner_id": control.person()}
    made = control.ask("POST", "/channels", **about)
    assert bind(client, "@comes_later_02")["task_status"] == "SUCCESS"
    assert Binding.objects.get().status == "new"
    control.ask("PUT", f"/channels/{made['id']}/administrators/{connected.telegram_id}")
    bind(client, "@comes_later_02")
    assert Binding.objects.live().get().status == "active"
    assert not Alert.objects.exists()  # nothing was lost, so nothing is back


@pytest.mark.django_db(transaction=True)
def test_the_same_channel_asked_for_many_times_at_once_is_one_row(owner: User, connected: Bot) -> None:
    waiting = [client_of(owner) for _ in range(8)]
    body = {"channel": "@nobody_has_this_name", "bot_id": connected.pk}
    answers: list[Any] = in_threads(8, lambda: waiting.pop().post("/channels/", body))
    assert {answer.status_code for answer in answers} == {202}
    assert Binding.objects.count() == 1


def test_two_bots_may_serve_one_channel(
    client: APIClient, owner: User, promoted: Wanted, connected: Bot, control: Control
) -> None:
    other = connect(owner, make(control))
    for bot in (connected, other):
        assert bind(client, promoted["id"], bot_id=bot.pk)["task_status"] == "SUCCESS"
    assert Binding.objects.live().count() == 2
    assert client.get(f"/channels/{promoted['id']}").status_code == 200


def test_two_accounts_may_serve_one_channel(
    client: APIClient, stranger: User, promoted: Wanted, control: Control
) -> None:
    connect(stranger, make(control))
    assert bind(client, promoted["id"])["task_status"] == "SUCCESS"
    assert bind(client_of(stranger), promoted["id"])["task_status"] == "SUCCESS"
    assert Channel.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"channel": None}, {"channel": True}, {"channel": 1.5}, {"channel": []}, {"channel": ""},
     {"channel": "x" * 256}, {"channel": "@a\0bcde"}, {"channel": "https://t.me/durov?x=\ud800"},
     {"channel": 10**300}],
)  # fmt: skip
def test_a_channel_of_the_wrong_shape_is_refused(
    client: APIClient, connected: Bot, body: dict[str, Any]
) -> None:
    answer = send(client, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(answer.json()["errors"]) == ["channel"]


@pytest.mark.parametrize("bot_id", [0, -1, "1", True, None, 1.5, 10**30])
def test_a_bot_of_the_wrong_shape_is_refused(client: APIClient, connected: Bot, bot_id: Any) -> None:
    answer = send(client, {"channel": "@durov", "bot_id": bot_id, "colour": "red"})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"bot_id", "colour"}


@pytest.mark.parametrize("channel", ["дуров", "https://example.com/durov", "tg://[", "100"])
def test_what_is_no_channel_is_refused_at_once(client: APIClient, connected: Bot, channel: str) -> None:
    answer = send(client, {"channel": channel})
    assert (answer.status_code, answer.json()["code"]) == (400, "CHANNEL_UNREADABLE")
    assert list(answer.json()["errors"]) == ["channel"]
    assert not Binding.objects.exists()


def test_a_bot_of_somebody_else_serves_nobody(connected: Bot, stranger: User) -> None:
    answer = send(client_of(stranger), {"channel": "@durov", "bot_id": connected.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "NO_BOT")


def test_nobody_binds_nothing(connected: Bot) -> None:
    assert send(client_of(None), {"channel": "@durov"}).status_code == 401


def test_a_binding_ended_before_its_task_stays_ended(client: APIClient, connected: Bot) -> None:
    send(client, {"channel": "@nobody_has_this_name"})
    client.delete(f"/channels/{Binding.objects.get().pk}")
    tasks.run_waiting_jobs()
    assert Binding.objects.get().status == "deactivated"


def test_a_bot_that_stopped_binds_nothing(client: APIClient, connected: Bot) -> None:
    bots.deactivate_bot(bot_id=connected.pk, by=OWNER)
    assert send(client, {"channel": "@durov"}).json()["code"] == "NO_BOT"


@pytest.mark.django_db(transaction=True)
def test_a_caller_who_waits_gets_the_result(client: APIClient, promoted: Wanted) -> None:
    stop = threading.Event()
    worker = threading.Thread(target=work_until, args=(stop,))
    worker.start()
    answer = client.post("/channels/", {"channel": promoted["id"]}, HTTP_PREFER="wait=10")
    stop.set()
    worker.join()
    assert (answer.status_code, answer.json()["task_status"]) == (200, "SUCCESS")


def work_until(stop: threading.Event) -> None:
    while not stop.wait(0.02):
        tasks.run_waiting_jobs()
    connections.close_all()
