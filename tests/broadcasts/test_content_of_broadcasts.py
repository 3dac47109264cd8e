"""A broadcast that is made: its content checked and kept with its files, nobody burnt for a broken tag."""

from typing import Any

import pytest

from accounts.audit import Actor
from accounts.models import User
from bots.errors import MediaInUse
from bots.models import Bot, Media, Subscriber
from bots.services import media, subscribers
from broadcasts import services
from broadcasts.errors import ContentInvalid
from broadcasts.models import Broadcast
from tests.bots.test_media import BY, PNG

PERSON = Actor(label="owner")


def stored(user: User, content: bytes = PNG, name: str = "cat.png") -> Media:
    assert user.account_id
    return media.store(account_id=user.account_id, by=BY, name=name, content=[content])


def make(bot: Bot, content: Any, **terms: Any) -> Broadcast:
    return services.create(
        account_id=bot.account_id, bot_id=bot.pk, content=content, chats=[5], by=PERSON, **terms
    )


def test_what_telegram_would_refuse_makes_no_broadcast(bot: Bot) -> None:
    with pytest.raises(ContentInvalid) as refusal:
        make(bot, {"type": "text", "text": "<b>x", "buttons": [[{}]]})
    assert list(refusal.value.errors or {}) == ["content.text", "content.buttons.0.0"]
    assert "end tag corresponding" in refusal.value.sentence
    assert not Broadcast.objects.exists()


def test_a_file_of_another_account_is_unknown(bot: Bot, stranger: User) -> None:
    with pytest.raises(ContentInvalid) as refusal:
        make(bot, {"type": "photo", "media_id": stored(stranger).pk})
    assert list(refusal.value.errors or {}) == ["content.media_id"]


def test_a_file_that_a_broadcast_sends_stays(bot: Bot, owner: User) -> None:
    file = stored(owner)
    make(bot, {"type": "photo", "media_id": file.pk})
    with pytest.raises(MediaInUse):
        media.delete(media_id=file.pk, by=BY)


def test_a_circle_is_stored_as_what_it_is_and_asked_for_again_it_is_the_same(bot: Bot, owner: User) -> None:
    file = stored(owner, b"\x00\x00\x00\x18ftypisom" + bytes(64), "a.mp4")
    circle = {"type": "circle", "media_id": file.pk}
    made = make(bot, circle, idempotency_key="k")
    assert made.content == {"type": "video_note", "media_id": file.pk}
    assert make(bot, circle, idempotency_key="k") == made


def test_a_bot_knows_people_by_what_they_call_themselves_now(bot: Bot) -> None:
    known = {"bot_id": bot.pk, "chat_id": 5, "language_code": "ru"}
    subscribers.record_subscriber(**known, first_name="A" * 70, username="ann")
    subscribers.record_subscriber(**known, first_name="Anna")
    assert subscribers.people_of(bot_id=bot.pk, chat_ids=[5, 6]) == {
        5: {"first_name": "Anna", "username": "", "language": "ru"}
    }
    assert Subscriber.objects.count() == 1
