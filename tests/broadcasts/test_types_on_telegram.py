"""Every type of message through the real pump to the sandbox, and back from its record."""

import struct
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from accounts.audit import Actor
from accounts.models import User
from bots.models import Bot, Media, TelegramFile
from bots.services import media, subscribers
from broadcasts.models import Broadcast
from sandbox.server import running_sandbox
from tests.broadcasts.factories import make_bot, make_broadcast, outcomes, pump
from tests.broadcasts.test_on_telegram import post

pytestmark = pytest.mark.django_db(transaction=True)
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480) + bytes(64)
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(64)
OPUS = b"OggS\x00\x02" + bytes(22) + b"OpusHead\x01\x02" + bytes(64)
FILES = {
    "photo": PNG,
    "video": MP4,
    "animation": b"GIF89a\x0a\x00\x0a\x00" + bytes(64),
    "audio": b"ID3\x04\x00" + bytes(64),
    "voice": OPUS,
    "video_note": MP4,
    "document": b"%PDF-1.7" + bytes(64),
}
METHODS = {kind: "send" + "".join(part.title() for part in kind.split("_")) for kind in FILES}
BUTTONS = [[{"text": "Read on", "url": "https://example.com/"}]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with running_sandbox() as url:
        yield url


@pytest.fixture
def telegram(sandbox: str, settings: Any) -> Iterator[httpx.Client]:
    settings.TELEGRAM_API_URL = sandbox
    with httpx.Client(base_url=f"{sandbox}/sandbox", timeout=30) as control:
        yield control
        control.delete("/faults")


@pytest.fixture
def bot(owner: User, telegram: httpx.Client) -> Bot:
    count = len(telegram.get("/bots").json())
    made = post(telegram, "/bots", username=f"types{count}_bot", first_name="Types")
    return make_bot(owner.account, made["token"])


@pytest.fixture
def people(telegram: httpx.Client, bot: Bot) -> list[int]:
    made = [one["id"] for one in post(telegram, "/people", first_name="Ann", count=3)]
    for person in made:
        post(telegram, f"/people/{person}/start", bot=bot.telegram_id)
    return made


def refuser(telegram: httpx.Client, bot: Bot) -> int:
    """Somebody who lets nobody send them voice and video messages."""
    person: int = post(telegram, "/people", first_name="Bob", refuses_voice=True)["id"]
    post(telegram, f"/people/{person}/start", bot=bot.telegram_id)
    return person


def stored(bot: Bot, content: bytes, name: str = "file") -> Media:
    return media.store(account_id=bot.account_id, by=Actor(label="owner"), name=name, content=[content])


def got(telegram: httpx.Client, bot: Bot, person: int) -> list[dict[str, Any]]:
    """What this person got from the bot."""
    chat = telegram.get(f"/people/{person}/chats/{bot.telegram_id}").json()
    return [message for message in chat if message["from"]["id"] == bot.telegram_id]


def uploads(telegram: httpx.Client, bot: Bot, kind: str) -> list[bool]:
    """Of every call, whether it carried the file itself."""
    calls = telegram.get(f"/calls?method={METHODS[kind]}&bot_id={bot.telegram_id}").json()
    return [call["params"][kind].startswith("attach://") for call in calls]


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_uploaded_once_and_everybody_gets_it(
    telegram: httpx.Client, bot: Bot, people: list[int], kind: str
) -> None:
    caption = {} if kind == "video_note" else {"caption": "<b>Look</b>"}
    content = {"type": kind, "media_id": stored(bot, FILES[kind]).pk, "buttons": BUTTONS, **caption}
    broadcast = make_broadcast(bot, people, content=content)
    pump()
    assert outcomes(broadcast) == dict.fromkeys(people, ("sent", ""))
    assert uploads(telegram, bot, kind) == [True, False, False]
    for person in people:
        (message,) = got(telegram, bot, person)
        assert kind in message
        assert message.get("caption") == ("Look" if caption else None)
        assert message["reply_markup"]["inline_keyboard"] == BUTTONS
    assert TelegramFile.objects.get().kind == kind


def test_the_next_broadcast_needs_no_upload(telegram: httpx.Client, bot: Bot, people: list[int]) -> None:
    content = {"type": "photo", "media_id": stored(bot, PNG).pk}
    for _ in range(2):
        make_broadcast(bot, people, content=content)
        pump()
    assert uploads(telegram, bot, "photo") == [True] + [False] * 5


def test_an_id_telegram_forgot_is_got_anew_and_nobody_misses_anything(
    telegram: httpx.Client, bot: Bot, people: list[int]
) -> None:
    file = stored(bot, PNG)
    media.remember_file_id(bot_id=bot.pk, media_id=file.pk, kind="photo", file_id="AgACAgQ" + "x" * 30)
    broadcast = make_broadcast(bot, people, content={"type": "photo", "media_id": file.pk})
    pump()
    assert outcomes(broadcast) == dict.fromkeys(people, ("sent", ""))
    assert uploads(telegram, bot, "photo").count(True) == 1


def test_whoever_cannot_be_reached_does_not_keep_the_file_from_the_others(
    telegram: httpx.Client, bot: Bot, people: list[int]
) -> None:
    assert telegram.put(f"/people/{people[0]}/block/{bot.telegram_id}").is_success
    broadcast = make_broadcast(bot, people, content={"type": "photo", "media_id": stored(bot, PNG).pk})
    pump()
    assert [outcome for outcome, _ in outcomes(broadcast).values()].count("sent") == 2
    assert uploads(telegram, bot, "photo") == [True, True, False]


def test_an_upload_that_killed_its_answer_is_uncertain_and_the_others_go_on(
    telegram: httpx.Client, bot: Bot, people: list[int]
) -> None:
    post(telegram, "/faults", kind="reset_after_accept", method="sendPhoto", times=1)
    broadcast = make_broadcast(bot, people, content={"type": "photo", "media_id": stored(bot, PNG).pk})
    pump()
    assert sorted(outcome for outcome, _ in outcomes(broadcast).values()) == ["sent", "sent", "uncertain"]
    assert uploads(telegram, bot, "photo") == [True, True, False]
    assert len(telegram.get(f"/accepted?bot_id={bot.telegram_id}").json()) == 3


def test_a_file_telegram_does_not_take_stops_the_broadcast(
    telegram: httpx.Client, bot: Bot, people: list[int]
) -> None:
    broken = PNG[:16] + bytes(80)  # a picture without a size
    broadcast = make_broadcast(bot, people, content={"type": "photo", "media_id": stored(bot, broken).pk})
    pump()
    broadcast.refresh_from_db()
    assert (broadcast.status, len(outcomes(broadcast))) == (Broadcast.Status.FAILED, 1)
    assert "IMAGE_PROCESS_FAILED" in broadcast.reason


def test_an_album_comes_as_one(telegram: httpx.Client, bot: Bot, people: list[int]) -> None:
    photo, video = stored(bot, PNG), stored(bot, MP4)
    album = [
        {"type": "photo", "media_id": photo.pk, "caption": "<i>One</i>"},
        {"type": "video", "media_id": video.pk},
        {"type": "photo", "media_id": photo.pk},
    ]
    broadcast = make_broadcast(bot, people, content={"type": "album", "album": album, "silent": True})
    pump()
    assert outcomes(broadcast) == dict.fromkeys(people, ("sent", ""))
    for person in people:
        messages = got(telegram, bot, person)
        assert [next(k for k in ("photo", "video") if k in message) for message in messages] == [
            "photo", "video", "photo",
        ]  # fmt: skip
        assert len({message["media_group_id"] for message in messages}) == 1
        assert messages[0]["caption_entities"][0]["type"] == "italic"
    calls = telegram.get(f"/calls?method=sendMediaGroup&bot_id={bot.telegram_id}").json()
    assert ["attach://" in call["params"]["media"] for call in calls] == [True, False, False]


def test_whoever_refuses_voice_gets_it_as_audio_within_the_same_grant(
    telegram: httpx.Client, bot: Bot, people: list[int]
) -> None:
    people[1] = refuser(telegram, bot)
    broadcast = make_broadcast(
        bot, people, content={"type": "voice", "media_id": stored(bot, OPUS).pk, "caption": "Hi"}
    )
    pump()
    assert outcomes(broadcast) == {
        people[0]: ("sent", ""),
        people[1]: ("sent", "fallback"),
        people[2]: ("sent", ""),
    }
    assert [kind for kind in ("voice", "audio") if kind in got(telegram, bot, people[1])[0]] == ["audio"]
    assert {row.kind for row in TelegramFile.objects.all()} == {"voice", "audio"}
    assert broadcast.intents.count() == 3


@pytest.mark.parametrize(
    ("fallback", "outcome"),
    [
        ({"type": "text", "text": "Listen <b>there</b>"}, ("sent", "fallback")),
        (None, ("failed", "voice_forbidden")),
    ],
)
def test_the_author_says_what_comes_instead_of_a_voice(
    telegram: httpx.Client, bot: Bot, people: list[int], fallback: Any, outcome: tuple[str, str]
) -> None:
    people[0] = refuser(telegram, bot)
    content = {"type": "voice", "media_id": stored(bot, OPUS).pk, "fallback": fallback}
    broadcast = make_broadcast(bot, people[:1], content=content)
    pump()
    assert outcomes(broadcast) == {people[0]: outcome}
    assert [message.get("text") for message in got(telegram, bot, people[0])] == (
        ["Listen there"] if fallback else []
    )


@pytest.mark.parametrize("mode", ["HTML", "MarkdownV2", "none"])
def test_people_are_called_by_name_whatever_it_is(
    telegram: httpx.Client, bot: Bot, people: list[int], mode: str
) -> None:
    names = {people[0]: "A_b*<c>&", people[1]: ""}
    for person, name in names.items():
        subscribers.record_subscriber(bot_id=bot.pk, chat_id=person, language_code="ru", first_name=name)
    text = {"HTML": "<b>Hi</b> ", "MarkdownV2": "*Hi* ", "none": "Hi "}[
        mode
    ] + "{first_name|friend} {language|xx}"
    content = {"type": "text", "text": text, "parse_mode": mode, "placeholders": True}
    broadcast = make_broadcast(bot, people, content=content)
    pump()
    assert outcomes(broadcast) == dict.fromkeys(people, ("sent", ""))
    texts = [got(telegram, bot, person)[0]["text"] for person in people]
    assert texts == ["Hi A_b*<c>& ru", "Hi friend ru", "Hi friend xx"]


def test_a_caption_calls_them_by_name_even_with_the_upload(
    telegram: httpx.Client, bot: Bot, people: list[int]
) -> None:
    for number, person in enumerate(people):
        subscribers.record_subscriber(
            bot_id=bot.pk, chat_id=person, language_code="", first_name=f"N{number}"
        )
    content = {
        "type": "photo",
        "media_id": stored(bot, PNG).pk,
        "caption": "{first_name}!",
        "placeholders": True,
    }
    make_broadcast(bot, people, content=content)
    pump()
    assert [got(telegram, bot, person)[0]["caption"] for person in people] == ["N0!", "N1!", "N2!"]


def test_it_is_shown_as_the_author_wants(telegram: httpx.Client, bot: Bot, people: list[int]) -> None:
    content = {"type": "text", "text": "See example.com", "link_preview": False, "protected": True}
    make_broadcast(bot, people[:1], content=content)
    pump()
    (message,) = got(telegram, bot, people[0])
    assert message["has_protected_content"] is True
    assert message["link_preview_options"] == {"is_disabled": True}
