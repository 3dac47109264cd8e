"""Posting in a channel: POST /messages, its task, and what the channel then shows."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from aiogram.client.telegram import TelegramAPIServer
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from bots import tasks, telegram
from bots.answers import Answer, Outcome
from bots.models import Binding, Bot, ChannelMessage
from bots.services import bots, channels, messages
from tests.broadcasts.factories import eventually
from tests.conftest import client_of
from tests.factories import PASSWORD
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads

BUTTONS = [
    [{"text": "Read on", "url": "https://example.com/news"}, {"text": "Bot", "url": "tg://resolve?domain=x"}]
]


@pytest.fixture
def client(scene: Scene) -> APIClient:
    return client_of(scene.user)


def send(client: APIClient, body: Any, **headers: str) -> Any:
    return client.generic("POST", "/messages", json.dumps(body), content_type="application/json", **headers)


def ask(client: APIClient, scene: Scene, text: str = "Hello", **more: Any) -> str:
    """Asks for a post; the task's id."""
    answer = send(client, {"channel_id": scene.channel, "message": text, **more})
    assert answer.status_code == 202, answer.content
    return str(answer.json()["task_id"])


def task(client: APIClient, task_id: str) -> dict[str, Any]:
    return dict(client.get(f"/tasks/{task_id}").json())


def posted(client: APIClient, scene: Scene, text: str = "Hello", **more: Any) -> dict[str, Any]:
    """Asks for a post, lets a worker do it, and gives back the task."""
    task_id = ask(client, scene, text, **more)
    tasks.post_waiting_messages()
    return task(client, task_id)


def test_asking_answers_a_task_that_waits(client: APIClient, scene: Scene) -> None:
    answer = send(client, {"channel_id": scene.channel, "message": "Hello"})
    assert answer.status_code == 202
    found = answer.json()
    assert found == {"task_id": found["task_id"], "task_status": "PENDING", "task_result": None}
    assert task(client, found["task_id"]) == found


def test_the_task_tells_where_the_message_is(client: APIClient, scene: Scene) -> None:
    done = posted(client, scene)
    post = scene.control.posts(scene.channel)[-1]
    assert done["task_status"] == "SUCCESS"
    assert done["task_result"] == {
        "id": ChannelMessage.objects.get().pk,
        "message_id": post["message_id"],
        "channel_id": scene.channel,
        "link": f"https://t.me/{scene.binding.channel.username}/{post['message_id']}",
    }
    assert AuditEntry.objects.filter(verb="post_message").count() == 1


def test_markdown_is_shown_as_telegram_shows_it(client: APIClient, scene: Scene) -> None:
    posted(
        client, scene, "# News\n\n**Bold** and _italic_ & <b>more</b>, [here](https://example.com/a_b)\n- one"
    )
    post = scene.control.posts(scene.channel)[-1]
    assert post["text"] == "News\n\nBold and italic & more, here\n• one"
    shown = [
        (
            entity["type"],
            post["text"][entity["offset"] : entity["offset"] + entity["length"]],
            entity.get("url"),
        )
        for entity in post["entities"]
    ]
    assert shown == [
        ("bold", "News", None),
        ("bold", "Bold", None),
        ("italic", "italic", None),
        ("bold", "more", None),
        ("text_link", "here", "https://example.com/a_b"),
    ]


@pytest.mark.parametrize(
    "text", ["<b>open", "**half", "a_b*c`d[e](f", "</i> & <script>", "1 < 2", "🎁" * 2048]
)
def test_no_text_breaks_a_post(client: APIClient, scene: Scene, text: str) -> None:
    assert posted(client, scene, text)["task_status"] == "SUCCESS"
    assert len(scene.control.posts(scene.channel)) == 1


def test_buttons_stand_under_it(client: APIClient, scene: Scene) -> None:
    posted(client, scene, buttons=BUTTONS)
    assert scene.control.posts(scene.channel)[-1]["reply_markup"]["inline_keyboard"] == BUTTONS


def test_who_waits_gets_the_result_at_once(client: APIClient, scene: Scene) -> None:
    def work() -> None:
        eventually(lambda: ChannelMessage.objects.due().exists())
        tasks.post_waiting_messages()

    def wait() -> Any:
        return send(client, {"channel_id": scene.channel, "message": "Hi"}, HTTP_PREFER="wait=10")

    roles = iter([wait, work])
    answer: Any = next(filter(None, in_threads(2, lambda: next(roles)())))
    assert (answer.status_code, answer.json()["task_status"]) == (200, "SUCCESS")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("channel_id", "@news"),
        ("channel_id", "-100"),
        ("channel_id", None),
        ("channel_id", True),
        ("channel_id", 10**30),
        ("message", ""),
        ("message", 5),
        ("message", None),
        ("message", []),
        ("message", "a\0b"),
        ("message", "\ud800"),
        ("message", "x" * 40_001),
        ("message", "x" * 4097),
        ("message", " \n "),
        ("message", "**b** " * 101),
        ("buttons", {}),
        ("buttons", "no"),
        ("buttons", [{}]),
        ("buttons", [[]]),
        ("buttons", [[{"text": "x"}]]),
        ("buttons", [[{"text": "x" * 65, "url": "https://example.com"}]]),
        ("buttons", [[{"text": 5, "url": "https://example.com"}]]),
        ("buttons", [[{"text": "x", "url": "javascript:alert(1)"}]]),
        ("buttons", [[{"text": "x", "url": "https://localhost"}]]),
        ("buttons", [[{"text": "x", "url": "example.com"}]]),
        ("buttons", [[{"text": "x", "url": "https://example.com", "callback_data": "y"}]]),
        ("buttons", [[{"text": "x", "url": "https://example.com"}] * 9]),
        ("buttons", [[{"text": "x", "url": "https://example.com"}]] * 9),
        ("schedule_at", "2020-01-01T00:00:00Z"),
        ("schedule_at", "2126-01-01T00:00:00Z"),
        ("schedule_at", "soon"),
        ("schedule_at", 5),
        ("parse_mode", "HTML"),
    ],
)
def test_what_is_wrong_is_refused_before_it_is_queued(
    client: APIClient, scene: Scene, field: str, value: Any
) -> None:
    answer = send(client, {"channel_id": scene.channel, "message": "Hello", field: value})
    assert answer.status_code == 400, answer.content
    assert [name.split(".")[0] for name in answer.json()["errors"]] == [field]
    assert not ChannelMessage.objects.exists()


@pytest.mark.parametrize("body", [[], "text", 5, None, {}])
def test_a_body_that_is_no_message_is_refused(client: APIClient, body: Any) -> None:
    assert send(client, body).status_code == 400


def test_a_strangers_channel_is_unknown(scene: Scene, stranger: User) -> None:
    for channel in (scene.channel, -1001999999999, 0):
        answer = send(client_of(stranger), {"channel_id": channel, "message": "Hello"})
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_an_unbound_channel_is_unknown(client: APIClient, scene: Scene) -> None:
    channels.deactivate_binding(binding_id=scene.binding.pk, by=OWNER)
    assert send(client, {"channel_id": scene.channel, "message": "Hello"}).status_code == 404


@pytest.mark.parametrize("status", ["new", "invalid"])
def test_a_bot_that_may_not_post_is_not_asked_to(client: APIClient, scene: Scene, status: str) -> None:
    Binding.objects.update(status=status)
    answer = send(client, {"channel_id": scene.channel, "message": "Hello"})
    assert (answer.status_code, answer.json()["code"]) == (409, "CHANNEL_NOT_VERIFIED")
    assert f"@{scene.bot.username}" in answer.json()["message"]


def test_a_quarantined_bot_is_not_asked_to(client: APIClient, scene: Scene) -> None:
    bots.quarantine_bot(bot_id=scene.bot.pk, reason="Unauthorized")
    answer = send(client, {"channel_id": scene.channel, "message": "Hello"})
    assert (answer.status_code, answer.json()["code"]) == (409, "CHANNEL_NOT_VERIFIED")


def test_both_ways_of_saying_who_one_is_work(client: APIClient, scene: Scene) -> None:
    basic = APIClient()
    pair = base64.b64encode(f"{scene.user.username}:{PASSWORD}".encode()).decode()
    basic.credentials(HTTP_AUTHORIZATION=f"Basic {pair}")
    for known in (basic, client):
        assert send(known, {"channel_id": scene.channel, "message": "Hello"}).status_code == 202
    assert send(APIClient(), {"channel_id": scene.channel, "message": "Hello"}).status_code == 401


def test_messages_and_tasks_are_their_owners(
    client: APIClient, scene: Scene, stranger: User, staff: User
) -> None:
    task_id = posted(client, scene)["task_id"]
    path = f"/messages/{ChannelMessage.objects.get().pk}"
    assert client.get(path).json() == client.get("/messages/").json()["results"][0]
    foreign = client_of(stranger)
    for answer in (
        foreign.get(path), foreign.get(f"/tasks/{task_id}"), foreign.delete(path), foreign.patch(path, {}),
        foreign.post(f"{path}/send-again"), client.get("/messages/999999"),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert foreign.get("/messages/").json()["count"] == 0
    assert client_of(staff).get(path).status_code == 200


def test_twenty_workers_post_it_once(client: APIClient, scene: Scene) -> None:
    task_id = ask(client, scene)
    assert in_threads(20, tasks.post_waiting_messages) == [None] * 20
    assert len(scene.control.posts(scene.channel)) == 1
    assert task(client, task_id)["task_status"] == "SUCCESS"


def test_jobs_of_messages_are_no_work_of_the_others(client: APIClient, scene: Scene) -> None:
    task_id = ask(client, scene)
    tasks.run_waiting_jobs()
    assert task(client, task_id)["task_status"] == "PENDING"


def test_a_scheduled_message_waits_for_its_time(client: APIClient, scene: Scene) -> None:
    moment = timezone.now() + timedelta(hours=3)
    done = posted(client, scene, schedule_at=moment.isoformat())
    assert (done["task_status"], scene.control.posts(scene.channel)) == ("PENDING", [])
    with later(hours=3, minutes=1):
        tasks.post_waiting_messages()
    assert task(client, done["task_id"])["task_status"] == "SUCCESS"
    assert len(scene.control.posts(scene.channel)) == 1


def test_a_flood_is_waited_out(client: APIClient, scene: Scene) -> None:
    scene.control.fault("error", method="sendMessage", retry_after=30)
    waiting = posted(client, scene)
    assert waiting["task_status"] == "STARTED"
    with later(seconds=29):
        tasks.post_waiting_messages()
    assert scene.control.posts(scene.channel) == []
    for seconds in (31, 62):
        with later(seconds=seconds):
            tasks.post_waiting_messages()
    assert task(client, waiting["task_id"])["task_status"] == "SUCCESS"
    assert len(scene.control.posts(scene.channel)) == 1


def test_telegram_that_was_not_reached_is_asked_again(
    client: APIClient, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as nobody_listens:
        nowhere = TelegramAPIServer.from_base("http://127.0.0.1:9")
        nobody_listens.setattr(telegram.shared().session, "api", nowhere)
        waiting = posted(client, scene)
    with later(minutes=11):
        tasks.post_waiting_messages()
    assert task(client, waiting["task_id"])["task_status"] == "SUCCESS"


def test_telegram_that_is_never_reached_ends_it(
    client: APIClient, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram.shared().session, "api", TelegramAPIServer.from_base("http://127.0.0.1:9"))
    task_id = ask(client, scene)
    ChannelMessage.objects.update(attempts=messages.MOST_ATTEMPTS)
    tasks.post_waiting_messages()
    failed = task(client, task_id)
    assert (failed["task_status"], failed["task_result"]["code"]) == ("FAILURE", "BOT_UNREACHABLE")


@pytest.mark.parametrize("kind", ["reset_after_accept", "html_502"])
def test_an_uncertain_message_is_not_doubled(client: APIClient, scene: Scene, kind: str) -> None:
    scene.control.fault(kind, method="sendMessage")
    failed = posted(client, scene)
    before = len(scene.control.posts(scene.channel))
    with later(hours=1):
        tasks.post_waiting_messages()
    assert len(scene.control.posts(scene.channel)) == before
    assert (failed["task_status"], failed["task_result"]["code"]) == ("FAILURE", "MESSAGE_UNCERTAIN")
    assert "Look into the channel" in failed["task_result"]["message"]
    assert ChannelMessage.objects.get().status == "uncertain"


def test_a_message_whose_worker_died_is_uncertain(client: APIClient, scene: Scene) -> None:
    task_id = ask(client, scene)
    assert messages.claim() is not None  # and the worker is gone
    tasks.post_waiting_messages()
    assert task(client, task_id)["task_status"] == "STARTED"
    with later(minutes=10):
        tasks.post_waiting_messages()
    assert task(client, task_id)["task_result"]["code"] == "MESSAGE_UNCERTAIN"
    assert scene.control.posts(scene.channel) == []


def test_whoever_looked_may_send_it_again(client: APIClient, scene: Scene) -> None:
    scene.control.fault("html_502", method="sendMessage")
    first = posted(client, scene)
    path = f"/messages/{ChannelMessage.objects.get().pk}/send-again"
    again = client.post(path)
    assert (again.status_code, again.json()["task_status"]) == (202, "PENDING")
    assert (client.post(path).status_code, client.post(path).json()["code"]) == (409, "MESSAGE_STATE")
    tasks.post_waiting_messages()
    assert task(client, again.json()["task_id"])["task_status"] == "SUCCESS"
    assert task(client, first["task_id"]) == first
    assert client.post(path).status_code == 409


@pytest.mark.parametrize("rights", [None, {"can_edit_messages": True}], ids=["thrown out", "may only edit"])
def test_lost_rights_are_told_and_kept(
    client: APIClient, scene: Scene, rights: dict[str, bool] | None
) -> None:
    administrators = f"/channels/{scene.channel}/administrators/{scene.bot_id}"
    scene.control.ask("DELETE" if rights is None else "PUT", administrators, **(rights or {}))
    failed = posted(client, scene, "the text itself")
    binding = Binding.objects.get()
    assert (failed["task_status"], failed["task_result"]["status"]) == ("FAILURE", "error")
    assert failed["task_result"]["code"] == "CHANNEL_NOT_VERIFIED"
    assert binding.status == "invalid"
    assert failed["task_result"]["message"] == binding.reason
    assert "the text itself" not in json.dumps(failed)


def test_a_dead_token_stops_the_bot_and_what_waits_goes_on_with_a_new_one(
    client: APIClient, scene: Scene
) -> None:
    scene.token = str(scene.control.ask("POST", f"/bots/{scene.bot_id}/revoke")["token"])
    first, second = ask(client, scene, "first"), ask(client, scene, "second")
    tasks.post_waiting_messages()
    assert task(client, first)["task_result"]["code"] == "BOT_TOKEN_DEAD"
    assert task(client, second)["task_status"] == "PENDING"
    assert Bot.objects.get().status == "quarantined"
    scene.connect()
    tasks.post_waiting_messages()
    assert task(client, second)["task_status"] == "SUCCESS"
    assert [post["text"] for post in scene.control.posts(scene.channel)] == ["second"]


def test_a_refusal_says_nothing_of_a_token_that_came_meanwhile(client: APIClient, scene: Scene) -> None:
    ask(client, scene)
    claimed = messages.claim()
    assert claimed is not None
    scene.token = str(scene.control.ask("POST", f"/bots/{scene.bot_id}/revoke")["token"])
    scene.connect()
    messages.record(message=claimed, answer=Answer(Outcome.BOT_DEAD, "token_refused"))
    assert (ChannelMessage.objects.get().status, Bot.objects.get().status) == ("failed", "active")


def test_telegrams_refusal_is_the_reason_and_never_the_text(client: APIClient, scene: Scene) -> None:
    scene.control.fault("error", method="sendMessage", code=400, description="Bad Request: no way")
    failed = posted(client, scene, "the text itself")
    assert failed["task_result"] == {"status": "error", "message": "Bad Request: no way", "code": "REFUSED"}


def test_a_channel_unbound_meanwhile_gets_no_more_posts(client: APIClient, scene: Scene) -> None:
    task_id = ask(client, scene)
    channels.deactivate_binding(binding_id=scene.binding.pk, by=OWNER)
    tasks.post_waiting_messages()
    assert task(client, task_id)["task_result"]["message"].startswith("The channel was unbound")
    assert scene.control.posts(scene.channel) == []


def test_staff_send_again_in_the_back_office(
    scene: Scene, client: APIClient, staff: User, in_admin: Callable[..., Any]
) -> None:
    scene.control.fault("html_502", method="sendMessage")
    posted(client, scene)
    message = ChannelMessage.objects.get()
    for status in ("waiting", "waiting"):
        in_admin(staff, [message])
        message.refresh_from_db()
        assert message.status == status


@pytest.fixture
def in_admin(client: APIClient) -> Callable[..., Any]:
    def act(user: User, rows: list[ChannelMessage]) -> Any:
        browser = Client()
        browser.force_login(user)
        data = {"action": "send_again", "_selected_action": [row.pk for row in rows]}
        answer = browser.post("/admin/bots/channelmessage/", data)
        assert answer.status_code == 302
        assert browser.get("/admin/bots/channelmessage/").status_code == 200
        return answer

    return act
