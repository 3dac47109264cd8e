"""Files: uploaded, sent again by id, taken from a URL of this machine, grouped, downloaded."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.sandbox.conftest import ActingBot, Stage, png


@pytest.fixture
def site() -> Iterator[str]:
    """A web site of this machine: a picture and a page."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = {"/a.png": png(20, 10), "/page.html": b"<html>"}.get(self.path)
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(found or b"")))
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_photo_comes_in_sizes_that_lead_to_its_bytes(stage: Stage, bot: ActingBot, channel: int) -> None:
    picture = png(640, 320)
    sent = bot.upload(
        "sendPhoto", {"photo": ("a.png", picture)}, chat_id=channel, caption="<b>x</b>", parse_mode="HTML"
    )
    message = sent.json()["result"]
    assert [(size["width"], size["height"]) for size in message["photo"]] == [
        (90, 45),
        (320, 160),
        (640, 320),
    ]
    assert message["caption_entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    path = bot.call("getFile", file_id=message["photo"][-1]["file_id"])["file_path"]
    assert path.startswith("photos/file_")
    assert stage.http.get(f"/file/bot{bot.token}/{path}").content == picture
    shown = stage.posts(channel)[-1]["photo"][-1]["file_id"]
    page = stage.http.get(f"/sandbox/file/{shown}")
    assert (page.content, page.headers["Content-Type"]) == (picture, "image/png")


def test_a_file_is_only_downloaded_with_a_token_and_its_real_path(stage: Stage, bot: ActingBot) -> None:
    assert stage.http.get(f"/file/bot{bot.token}/photos/file_999999.png").status_code == 404
    assert stage.http.get("/file/bot1:x/photos/file_1.png").status_code == 401


def test_what_is_no_picture_is_no_photo(bot: ActingBot, channel: int) -> None:
    refused = bot.upload("sendPhoto", {"photo": ("a.png", b"text")}, chat_id=channel).json()
    assert refused["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    empty = bot.upload("sendPhoto", {"photo": ("a.png", b"")}, chat_id=channel).json()
    assert empty["description"] == "Bad Request: file must be non-empty"
    large = bot.upload("sendPhoto", {"photo": ("a.png", b"x" * (11 << 20))}, chat_id=channel).json()
    assert "is too big for a photo" in large["description"]


def test_a_url_of_this_machine_is_fetched_and_any_other_is_not(
    bot: ActingBot, channel: int, site: str
) -> None:
    sent = bot.call("sendPhoto", chat_id=channel, photo=f"{site}/a.png")
    assert sent["photo"][-1]["width"] == 20
    failed = (400, "Bad Request: failed to get HTTP URL content")
    assert bot.refusal("sendPhoto", chat_id=channel, photo=f"{site}/none.png") == failed
    assert bot.refusal("sendPhoto", chat_id=channel, photo="https://example.com/a.png") == failed
    wrong = (400, "Bad Request: wrong type of the web page content")
    assert bot.refusal("sendPhoto", chat_id=channel, photo=f"{site}/page.html") == wrong
    assert bot.refusal("sendDocument", chat_id=channel, document=f"{site}/a.png") == wrong


def test_an_album_is_one_group_of_attached_files(stage: Stage, bot: ActingBot, channel: int) -> None:
    media = [
        {"type": "photo", "media": "attach://one", "caption": "first"},
        {"type": "video", "media": "attach://two", "width": 8, "height": 6, "duration": 3},
    ]
    files = {"one": ("1.png", png()), "two": ("2.mp4", b"\0\0\0\x18ftypmp42")}
    sent = bot.upload("sendMediaGroup", files, chat_id=channel, media=json.dumps(media)).json()["result"]
    assert len({message["media_group_id"] for message in sent}) == 1
    assert (sent[0]["caption"], sent[1]["video"]["duration"]) == ("first", 3)
    accepted = stage.get(f"/accepted?bot_id={bot.id}")
    assert [entry["method"] for entry in accepted] == ["sendMediaGroup", "sendMediaGroup"]


def test_a_text_can_become_a_photo_and_its_caption_be_edited(bot: ActingBot, channel: int) -> None:
    sent = bot.call("sendMessage", chat_id=channel, text="x")["message_id"]
    media = json.dumps({"type": "photo", "media": "attach://p", "caption": "one"})
    where = {"chat_id": channel, "message_id": sent}
    edited = bot.upload("editMessageMedia", {"p": ("a.png", png())}, **where, media=media).json()["result"]
    assert edited["caption"] == "one" and "text" not in edited
    assert bot.call("editMessageCaption", **where, caption="two")["caption"] == "two"
    refused = (400, "Bad Request: there is no text in the message to edit")
    assert bot.refusal("editMessageText", **where, text="y") == refused


def test_a_person_may_refuse_voice(stage: Stage, bot: ActingBot) -> None:
    ann = stage.person(refuses_voice=True)
    stage.start(ann, bot)
    refused = bot.upload("sendVoice", {"voice": ("a.ogg", b"OggS")}, chat_id=ann).json()
    assert refused["description"] == "Bad Request: VOICE_MESSAGES_FORBIDDEN"
