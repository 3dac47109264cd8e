"""Messages afterwards: changed and taken back, while they wait and once they are in the channel."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from bots import gateway, tasks
from bots.models import Bot, ChannelMessage, Job
from bots.services import messages
from bots.tasks import messages as message_tasks
from tests.conftest import client_of
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads

NEW = "**New** text"
BUTTONS = [[{"text": "Read on", "url": "https://example.com/news"}]]


@pytest.fixture
def client(scene: Scene) -> APIClient:
    return client_of(scene.user)


@pytest.fixture
def waiting(scene: Scene) -> ChannelMessage:
    """A message nobody has sent yet."""
    return messages.post(
        account_id=scene.user.account_id, channel_id=scene.channel, message="Old text", by=OWNER
    )


@pytest.fixture
def sent(waiting: ChannelMessage) -> ChannelMessage:
    """A message the channel shows."""
    tasks.post_waiting_messages()
    waiting.refresh_from_db()
    assert waiting.status == "sent"
    return waiting


def patch(client: APIClient, row: ChannelMessage, **body: Any) -> Any:
    path = f"/messages/{row.pk}"
    return client.generic("PATCH", path, json.dumps(body), content_type="application/json")


def delete(client: APIClient, message: ChannelMessage) -> Any:
    return client.delete(f"/messages/{message.pk}/")


def result(client: APIClient, answer: Any) -> dict[str, Any]:
    """The task an answer names, after a worker took its turn."""
    assert answer.status_code == 202, answer.content
    tasks.run_waiting_jobs()
    return dict(client.get(f"/tasks/{answer.json()['task_id']}").json())


def texts(scene: Scene) -> list[str]:
    return [post["text"] for post in scene.control.posts(scene.channel)]


def test_what_waits_changes_at_once(client: APIClient, scene: Scene, waiting: ChannelMessage) -> None:
    answer = patch(client, waiting, message=NEW, buttons=BUTTONS)
    assert (answer.status_code, answer.json()["text"], answer.json()["buttons"]) == (200, "New text", BUTTONS)
    tasks.post_waiting_messages()
    post = scene.control.posts(scene.channel)[-1]
    assert (post["text"], post["entities"][0]["type"]) == ("New text", "bold")
    assert post["reply_markup"]["inline_keyboard"] == BUTTONS


def test_what_is_in_the_channel_changes_there(client: APIClient, scene: Scene, sent: ChannelMessage) -> None:
    done = result(client, patch(client, sent, message=NEW, buttons=BUTTONS))
    post = scene.control.posts(scene.channel)[-1]
    assert (done["task_status"], done["task_result"]["message_id"]) == ("SUCCESS", sent.message_id)
    assert (post["text"], post["entities"][0]["type"]) == ("New text", "bold")
    assert post["reply_markup"]["inline_keyboard"] == BUTTONS
    assert result(client, patch(client, sent, buttons=[]))["task_status"] == "SUCCESS"
    post = scene.control.posts(scene.channel)[-1]
    assert (post["text"], "reply_markup" in post) == ("New text", False)


def test_an_edit_that_changes_nothing_is_done(client: APIClient, scene: Scene, sent: ChannelMessage) -> None:
    assert result(client, patch(client, sent, message="Old text"))["task_status"] == "SUCCESS"
    assert result(client, patch(client, sent))["task_status"] == "SUCCESS"
    assert texts(scene) == ["Old text"]


def test_of_many_edits_the_last_stays(client: APIClient, scene: Scene, sent: ChannelMessage) -> None:
    for number in range(4):
        assert patch(client, sent, message=f"Text {number}").status_code == 202
    assert in_threads(4, tasks.run_waiting_jobs) == [None] * 4
    assert texts(scene) == ["Text 3"]
    assert set(Job.objects.filter(kind=Job.Kind.EDIT_MESSAGE).values_list("status", flat=True)) == {"SUCCESS"}


def test_an_edit_that_comes_late_says_the_last_word(
    client: APIClient, scene: Scene, sent: ChannelMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [patch(client, sent, message="Text 1")]
    edit = gateway.edit_message

    def overtaken(telegram: Any, message: ChannelMessage) -> Any:
        if len(asked) == 1:  # while the first edit is on its way, the owner changes their mind
            asked.append(patch(client, sent, message="Text 2"))
        return edit(telegram, message)

    monkeypatch.setattr(message_tasks.gateway, "edit_message", overtaken)
    assert result(client, asked[0])["task_status"] == "SUCCESS"
    assert texts(scene) == ["Text 2"]


def test_an_edit_waits_for_telegram(client: APIClient, scene: Scene, sent: ChannelMessage) -> None:
    scene.control.fault("error", method="editMessageText", retry_after=30)
    waits = result(client, patch(client, sent, message=NEW))
    assert (waits["task_status"], texts(scene)) == ("STARTED", ["Old text"])
    with later(seconds=31):
        tasks.run_waiting_jobs()
    assert texts(scene) == ["New text"]


def test_an_edit_nobody_answered_is_repeated(client: APIClient, scene: Scene, sent: ChannelMessage) -> None:
    scene.control.fault("reset_after_accept", method="editMessageText")
    result(client, patch(client, sent, message=NEW))
    with later(minutes=1):
        tasks.run_waiting_jobs()
    assert Job.objects.get(kind=Job.Kind.EDIT_MESSAGE).status == "SUCCESS"
    assert texts(scene) == ["New text"]


def test_an_edit_that_kills_every_worker_is_given_up(
    client: APIClient, scene: Scene, sent: ChannelMessage
) -> None:
    asked = patch(client, sent, message=NEW)
    Job.objects.update(attempts=message_tasks.MOST_ATTEMPTS)
    assert result(client, asked)["task_status"] == "FAILURE"
    assert texts(scene) == ["Old text"]


def test_an_edit_telegram_refuses_says_why(client: APIClient, scene: Scene, sent: ChannelMessage) -> None:
    scene.control.fault("error", method="editMessageText", code=400, description="Bad Request: no way")
    refused = result(client, patch(client, sent, message=NEW))
    wanted = {"status": "error", "message": "Bad Request: no way", "code": "REFUSED"}
    assert (refused["task_status"], refused["task_result"]) == ("FAILURE", wanted)
    shown = client.get(f"/messages/{sent.pk}").json()
    assert (shown["status"], shown["error"]) == ("sent", "Bad Request: no way")


def test_an_edit_with_a_dead_token_stops_the_bot(
    client: APIClient, scene: Scene, sent: ChannelMessage
) -> None:
    scene.control.ask("POST", f"/bots/{scene.bot_id}/revoke")
    assert result(client, patch(client, sent, message=NEW))["task_result"]["code"] == "BOT_TOKEN_DEAD"
    assert Bot.objects.get().status == "quarantined"


@pytest.mark.parametrize(
    "body",
    [{"message": ""}, {"message": "x" * 4097}, {"message": 5}, {"message": None}, {"buttons": 5}, {"text": "x"},
     {"buttons": [[{"text": "x", "url": "ftp://example.com"}]]}, {"channel_id": -1}, {"schedule_at": None}],
)  # fmt: skip
def test_a_wrong_change_is_refused(client: APIClient, sent: ChannelMessage, body: dict[str, Any]) -> None:
    answer = patch(client, sent, **body)
    assert answer.status_code == 400
    assert [name.split(".")[0] for name in answer.json()["errors"]] == list(body)
    assert not Job.objects.filter(kind=Job.Kind.EDIT_MESSAGE).exists()


def test_what_waits_is_cancelled_and_never_posted(
    client: APIClient, scene: Scene, waiting: ChannelMessage
) -> None:
    assert [delete(client, waiting).status_code for _ in range(2)] == [204, 204]
    tasks.post_waiting_messages()
    told = client.get(f"/tasks/{waiting.job_id}").json()
    assert (told["task_status"], told["task_result"]["code"]) == ("FAILURE", "CANCELLED")
    assert texts(scene) == []


def test_what_is_in_the_channel_is_deleted_there(
    client: APIClient, scene: Scene, sent: ChannelMessage
) -> None:
    done = result(client, delete(client, sent))
    assert (done["task_status"], done["task_result"]["link"]) == ("SUCCESS", None)
    assert texts(scene) == []
    assert client.get(f"/messages/{sent.pk}").json()["status"] == "removed"
    assert delete(client, sent).status_code == 204


def test_what_somebody_else_deleted_is_deleted(client: APIClient, scene: Scene, sent: ChannelMessage) -> None:
    scene.control.fault("reset_after_accept", method="deleteMessage")
    delete(client, sent)
    again = delete(client, sent)
    tasks.run_waiting_jobs()
    assert result(client, again)["task_status"] == "SUCCESS"
    with later(minutes=1):
        tasks.run_waiting_jobs()
    assert set(Job.objects.filter(kind=Job.Kind.DELETE_MESSAGE).values_list("status", flat=True)) == {
        "SUCCESS"
    }


def test_what_is_gone_cannot_be_edited(client: APIClient, scene: Scene, sent: ChannelMessage) -> None:
    asked = patch(client, sent, message=NEW)
    message_tasks.delete_message(Job(kind=Job.Kind.DELETE_MESSAGE, arguments={"message": sent.pk}))
    assert result(client, asked)["task_status"] == "FAILURE"
    answer = patch(client, sent, message=NEW)
    assert (answer.status_code, answer.json()["code"]) == (409, "MESSAGE_STATE")


def test_after_two_days_telegram_deletes_nothing(client: APIClient, sent: ChannelMessage) -> None:
    ChannelMessage.objects.update(sent_at=sent.sent_at - messages.DELETABLE if sent.sent_at else None)
    answer = delete(client, sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "MESSAGE_TOO_OLD")


def test_a_message_on_its_way_is_left_alone(client: APIClient, waiting: ChannelMessage) -> None:
    assert messages.claim() == waiting
    again = client.post(f"/messages/{waiting.pk}/send-again")
    for answer in (patch(client, waiting, message=NEW), delete(client, waiting), again):
        assert (answer.status_code, answer.json()["code"]) == (409, "MESSAGE_BUSY")


def test_a_refused_message_is_repaired_and_sent(
    client: APIClient, scene: Scene, waiting: ChannelMessage
) -> None:
    scene.control.fault("error", method="sendMessage", code=400, description="Bad Request: no way")
    tasks.post_waiting_messages()
    assert patch(client, waiting, message=NEW).status_code == 200
    assert client.post(f"/messages/{waiting.pk}/send-again").status_code == 202
    tasks.post_waiting_messages()
    assert texts(scene) == ["New text"]
