"""Messages that show a file: sent once per bot, the text as its caption, edited in the channel."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from bots import tasks
from bots.models import ChannelMessage, Media, TelegramFile
from bots.services import media
from tests.bots.test_media import BY, OPUS, PNG
from tests.bots.test_messages import client, posted, send, task
from tests.scene import Scene

__all__ = ["client"]
BUTTONS = [[{"text": "Read on", "url": "https://example.com/news"}]]
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)
GIF = b"GIF89a\x0a\x00\x0a\x00" + bytes(64)
PDF = b"%PDF-1.7" + bytes(64)


def stored(user: User, content: bytes = PNG, name: str = "cat.png") -> Media:
    assert user.account_id
    return media.store(account_id=user.account_id, by=BY, name=name, content=[content])


def uploaded(scene: Scene, method: str, field: str) -> list[bool]:
    """Of every call, whether it carried the file itself."""
    return [
        call["params"][field].startswith("attach://") for call in scene.control.calls(method, scene.bot_id)
    ]


def last(scene: Scene) -> dict[str, Any]:
    return scene.control.posts(scene.channel)[-1]


def test_a_photo_is_posted_with_its_caption_and_buttons(client: APIClient, scene: Scene) -> None:
    file = stored(scene.user)
    done = posted(client, scene, "It **is** a cat", media_id=file.pk, buttons=BUTTONS)
    assert done["task_status"] == "SUCCESS"
    post = last(scene)
    assert (post["caption"], post["caption_entities"][0]["type"]) == ("It is a cat", "bold")
    assert post["photo"][-1]["width"] == 640
    assert post["reply_markup"]["inline_keyboard"] == BUTTONS
    shown = client.get(f"/messages/{done['task_result']['id']}").json()
    assert (shown["media_id"], shown["photo"]) == (file.pk, "")


def test_a_photo_needs_no_text(client: APIClient, scene: Scene) -> None:
    task_id = send(client, {"channel_id": scene.channel, "media_id": stored(scene.user).pk}).json()["task_id"]
    tasks.post_waiting_messages()
    assert task(client, task_id)["task_status"] == "SUCCESS"
    assert "photo" in last(scene)
    assert "caption" not in last(scene)


def test_a_file_goes_to_telegram_once_for_all_messages_of_a_bot(client: APIClient, scene: Scene) -> None:
    file = stored(scene.user)
    for _ in range(3):
        posted(client, scene, media_id=file.pk)
    assert uploaded(scene, "sendPhoto", "photo") == [True, False, False]


def test_an_id_telegram_forgot_is_got_anew(client: APIClient, scene: Scene) -> None:
    file = stored(scene.user)
    media.remember_file_id(bot_id=scene.bot.pk, media_id=file.pk, kind="photo", file_id="AgAC" + "x" * 30)
    assert posted(client, scene, media_id=file.pk)["task_status"] == "SUCCESS"
    assert TelegramFile.objects.get().file_id.startswith("AgACAgQ")


@pytest.mark.parametrize(
    ("content", "name", "field"),
    [
        (MP4, "a.mp4", "video"),
        (GIF, "a.gif", "animation"),
        (OPUS, "a.ogg", "voice"),
        (PDF, "a.pdf", "document"),
    ],
)
def test_any_file_is_posted_as_what_it_is(
    client: APIClient, scene: Scene, content: bytes, name: str, field: str
) -> None:
    posted(client, scene, media_id=stored(scene.user, content, name).pk)
    assert last(scene)["caption"] == "Hello"
    assert field in last(scene)
    assert last(scene)[field].get("file_name", name) == name


def test_a_photo_may_be_given_by_telegrams_id(client: APIClient, scene: Scene) -> None:
    posted(client, scene, media_id=stored(scene.user).pk)
    file_id = TelegramFile.objects.get().file_id
    assert posted(client, scene, "Again", photo=file_id)["task_status"] == "SUCCESS"
    assert (last(scene)["caption"], "photo" in last(scene)) == ("Again", True)


def test_an_address_telegram_cannot_open_says_why(client: APIClient, scene: Scene) -> None:
    done = posted(client, scene, photo="https://example.com/cat.jpg")
    assert (done["task_status"], done["task_result"]["code"]) == ("FAILURE", "CONTENT_REFUSED")
    assert "failed to get HTTP URL content" in done["task_result"]["message"]


def test_the_caption_and_the_buttons_change_in_the_channel(client: APIClient, scene: Scene) -> None:
    done = posted(client, scene, media_id=stored(scene.user).pk, buttons=BUTTONS)
    path = f"/messages/{done['task_result']['id']}"
    answer = client.patch(path, {"message": "A *dog*", "buttons": []})
    tasks.run_waiting_jobs()
    assert task(client, answer.json()["task_id"])["task_status"] == "SUCCESS"
    assert (last(scene)["caption"], "photo" in last(scene)) == ("A dog", True)
    assert "reply_markup" not in last(scene)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"message": "x" * 1025, "media_id": 0}, "message"),
        ({"message": "Hello", "media_id": 999_999}, "media_id"),
        ({"message": "Hello", "media_id": "1"}, "media_id"),
        ({"message": "Hello", "media_id": 0, "photo": "https://example.com/a.jpg"}, "photo"),
        ({"message": "Hello", "photo": "ftp://example.com/a.jpg"}, "photo"),
        ({"message": "Hello", "photo": "https://"}, "photo"),
        ({"message": "Hello", "photo": "https://exa mple.com/a.jpg"}, "photo"),
        ({"message": "Hello", "photo": "cat"}, "photo"),
        ({}, "message"),
        ({"message": ""}, "message"),
    ],
)
def test_what_telegram_would_refuse_is_refused_at_once(
    client: APIClient, scene: Scene, body: dict[str, Any], field: str
) -> None:
    if body.get("media_id") == 0:
        body = {**body, "media_id": stored(scene.user).pk}
    answer = send(client, {"channel_id": scene.channel, **body})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not ChannelMessage.objects.exists()


def test_a_strangers_file_is_unknown(client: APIClient, scene: Scene, stranger: User) -> None:
    answer = send(client, {"channel_id": scene.channel, "media_id": stored(stranger).pk})
    assert (answer.status_code, answer.json()["code"]) == (400, "NO_SUCH_MEDIA")


def test_a_caption_cannot_grow_over_its_limit(client: APIClient, scene: Scene) -> None:
    done = posted(client, scene, media_id=stored(scene.user).pk)
    answer = client.patch(f"/messages/{done['task_result']['id']}", {"message": "x" * 1025})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["message"])


def test_a_file_of_a_message_stays(client: APIClient, scene: Scene) -> None:
    file = stored(scene.user)
    posted(client, scene, media_id=file.pk)
    assert client.delete(f"/api/media/{file.pk}").json()["code"] == "MEDIA_IN_USE"
