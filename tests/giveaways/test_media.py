"""The picture or video of a post: known by its bytes, measured, posted with the text as its caption."""

import struct
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.response import Response
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from bots.media import MEGABYTE
from bots.models import Media, TelegramFile
from bots.services import media
from giveaways import tasks
from giveaways.models import Giveaway, Status
from giveaways.services import life, write
from tests.giveaways.rows import make_draft, make_giveaway
from tests.scene import OWNER, Scene

Api = Callable[[User | None], APIClient]
PNG = (
    b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480) + b"\x08\x02\x00\x00\x00" + bytes(64)
)
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(64)
GIF = b"GIF89a" + struct.pack("<HH", 10, 10) + bytes(64)
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)
MOV = b"\x00\x00\x00\x14ftypqt  " + bytes(64)
AVI = b"RIFF\x00\x00\x00\x00AVI LIST" + bytes(64)


def upload(client: APIClient, giveaway: Giveaway, content: bytes, name: str = "gift.bin") -> Response:
    file = SimpleUploadedFile(name, content, content_type="image/jpeg")
    return client.post(f"/api/giveaways/{giveaway.pk}/media", {"file": file}, format="multipart")


def attach(giveaway: Giveaway, content: bytes) -> Giveaway:
    return write.attach_media(giveaway_id=giveaway.pk, by=OWNER, file_name="x", content=[content])


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PNG, "photo"), (JPG, "photo"), (GIF, "animation"), (MP4, "video"), (MOV, "document"), (AVI, "document")],
    ids=["png", "jpg", "gif", "mp4", "mov", "avi"],
)  # fmt: skip
def test_a_file_is_what_its_bytes_say(owner: User, api: Api, content: bytes, kind: str) -> None:
    answer = upload(api(owner), make_draft(owner), content, "readme.txt")
    assert (answer.status_code, answer.json()["giveaway"]["media"]) == (200, kind)
    assert b"".join(media.read(Media.objects.get().pk)) == content


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ\x90\x00" + bytes(64), "gift.jpg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "gift.png"),
        (b"%PDF-1.7 " + bytes(64), "gift.png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(64), "gift.jpg"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt " + bytes(64), "gift.avi"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(64), "gift.mp4"),
        (b"\x00\x00\x00\x18ftypavif" + bytes(64), "gift.mp4"),
        (b"\x00\x00\x00\x18ftypM4A " + bytes(64), "gift.mp4"),
        (b"\x89PN", "gift.png"),
    ],
    ids=["exe", "svg", "pdf", "webp", "wav", "heic", "avif", "m4a", "cut"],
)
def test_it_refuses_any_other_file_whatever_its_name(
    owner: User, api: Api, content: bytes, name: str
) -> None:
    answer = upload(api(owner), make_draft(owner), content, name)
    assert (answer.status_code, answer.json()["code"]) == (400, "MEDIA_REFUSED")
    assert list(answer.json()["errors"]) == ["file"]
    assert not Media.objects.exists()


@pytest.mark.parametrize(
    ("head", "most"), [(JPG, 10), (PNG, 10), (GIF, 10), (MP4, 50)], ids=["jpg", "png", "gif", "mp4"]
)
def test_a_file_has_its_size(owner: User, api: Api, head: bytes, most: int) -> None:
    draft, fits = make_draft(owner), head.ljust(most * MEGABYTE, b"\0")
    assert upload(api(owner), draft, fits).status_code == 200
    answer = upload(api(owner), draft, fits + b"\0")
    assert (answer.status_code, answer.json()["code"]) == (400, "MEDIA_REFUSED")


@pytest.mark.parametrize("data", [{}, {"file": "text"}, {"picture": SimpleUploadedFile("x", PNG)}])
def test_it_asks_for_the_file(owner: User, api: Api, data: dict[str, object]) -> None:
    path = f"/api/giveaways/{make_draft(owner).pk}/media"
    answer = api(owner).post(path, data, format="multipart")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["file"])


def test_an_empty_file_is_refused(owner: User, api: Api) -> None:
    assert upload(api(owner), make_draft(owner), b"").json()["code"] == "MEDIA_REFUSED"


def test_json_is_no_file(owner: User, api: Api) -> None:
    answer = api(owner).post(f"/api/giveaways/{make_draft(owner).pk}/media", {"file": "abc"})
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("status", [Status.PUBLISHING, Status.ACTIVE, Status.FINISHING, Status.CANCELLED])
def test_a_promised_post_keeps_its_picture(owner: User, api: Api, status: Status) -> None:
    answer = upload(api(owner), make_giveaway(owner, status), PNG)
    assert (answer.status_code, answer.json()["code"]) == (409, "CANNOT_UPDATE")


def test_beside_a_picture_the_text_is_a_caption_of_1024(owner: User, api: Api) -> None:
    answer = upload(api(owner), make_draft(owner, main_body="x" * 1000), PNG)
    assert (answer.status_code, answer.json()["code"]) == (400, "POST_TOO_LONG")
    assert list(answer.json()["errors"]) == ["main_body"]
    assert "Telegram takes 1024" in answer.json()["message"]
    assert Giveaway.objects.get().media is None


def test_a_text_beside_a_picture_cannot_grow_over_it(owner: User, api: Api) -> None:
    draft = attach(make_draft(owner), PNG)
    answer = api(owner).patch(f"/api/giveaways/{draft.pk}", {"main_body": "x" * 1000})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["main_body"])


def test_a_picture_is_posted_with_caption_and_button(scene: Scene) -> None:
    giveaway = life.publish(giveaway_id=attach(scene.draft(), PNG).pk, by=OWNER)
    tasks.post_waiting()
    post = scene.control.posts(scene.channel)[-1]
    assert post["photo"][-1]["width"] == 640
    assert giveaway.title in post["caption"]
    assert post["reply_markup"]["inline_keyboard"][0][0]["text"] == "🎯 Participate"


@pytest.mark.parametrize(
    ("content", "field"), [(MP4, "video"), (GIF, "animation"), (AVI, "document")], ids=["mp4", "gif", "avi"]
)
def test_a_file_is_posted_as_what_it_is(scene: Scene, content: bytes, field: str) -> None:
    life.publish(giveaway_id=attach(scene.draft(), content).pk, by=OWNER)
    tasks.post_waiting()
    assert field in scene.control.posts(scene.channel)[-1]


def test_the_caption_says_when_it_is_over(scene: Scene) -> None:
    giveaway = life.publish(giveaway_id=attach(scene.draft(), PNG).pk, by=OWNER)
    tasks.post_waiting()
    scene.finished(giveaway)
    post = scene.control.posts(scene.channel)[0]
    assert post["caption"].endswith("Finished.")
    assert "reply_markup" not in post


def test_the_picture_is_kept_across_a_retry(scene: Scene) -> None:
    scene.control.fault("error", method="sendPhoto", code=400, description="Bad Request: not now")
    giveaway = attach(scene.draft(), PNG)
    for _attempt in range(2):
        life.publish(giveaway_id=giveaway.pk, by=OWNER)
        tasks.post_waiting()
    assert [("photo" in post) for post in scene.control.posts(scene.channel)] == [True]


def uploads(scene: Scene, method: str) -> list[bool]:
    """Of every call, whether it carried the file itself."""
    return [
        call["params"]["photo"].startswith("attach://") for call in scene.control.calls(method, scene.bot_id)
    ]


def test_a_picture_goes_to_telegram_once_and_then_by_its_id(scene: Scene) -> None:
    for _ in range(2):
        giveaway = life.publish(giveaway_id=attach(scene.draft(), PNG).pk, by=OWNER)
        tasks.post_waiting()
        life.cancel(giveaway_id=giveaway.pk, by=OWNER)
    assert uploads(scene, "sendPhoto") == [True, False]
    assert len([post for post in scene.control.posts(scene.channel) if "photo" in post]) == 2


def test_an_id_that_telegram_does_not_know_is_forgotten_and_the_file_sent_again(scene: Scene) -> None:
    draft = attach(scene.draft(), PNG)
    media.remember_file_id(bot_id=scene.bot.pk, media_id=draft.media_id, kind="photo", file_id="AgACnonsense")
    life.publish(giveaway_id=draft.pk, by=OWNER)
    tasks.post_waiting()
    assert uploads(scene, "sendPhoto") == [False, True]
    assert TelegramFile.objects.get().file_id != "AgACnonsense"
    draft.refresh_from_db()
    assert draft.status == Status.ACTIVE


def test_the_trail_names_the_file(owner: User, api: Api) -> None:
    upload(api(owner), make_draft(owner), PNG, "gift.png")
    entry = AuditEntry.objects.get(verb="attach_media")
    assert entry.after == {"kind": "photo", "bytes": len(PNG), "name": "gift.png"}
