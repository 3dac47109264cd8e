"""Whom a bot may write to: who started it, who blocked it, who came back."""

from bots.models import Subscriber
from tests.scene import Scene


def start(scene: Scene, **about: str) -> int:
    person = scene.control.person("Ann", **about)
    scene.control.start(person, scene.bot_id)
    scene.take_updates()
    return person


def known(person: int) -> Subscriber:
    return Subscriber.objects.get(chat_id=person)


def test_whoever_starts_the_bot_may_be_written_to_and_is_greeted(scene: Scene) -> None:
    person = start(scene)
    assert (known(person).unreachable, known(person).language_code) == ("", "en")
    assert known(person).bot_id == scene.bot.pk
    assert "giveaway" in scene.last(person)


def test_the_greeting_is_in_their_language(scene: Scene) -> None:
    person = start(scene, language_code="ru")
    assert scene.last(person).startswith("Здравствуйте!")
    assert known(person).language_code == "ru"


def test_starting_again_is_one_person_still(scene: Scene) -> None:
    person = start(scene)
    scene.tell(person, "Hello?")
    assert known(person).unreachable == ""
    assert len(scene.heard(person)) == 2


def test_whoever_blocks_the_bot_is_unreachable_until_they_start_it_again(scene: Scene) -> None:
    person = start(scene)
    scene.control.block(person, scene.bot_id)
    scene.take_updates()
    assert known(person).unreachable == "blocked"
    scene.control.ask("DELETE", f"/people/{person}/block/{scene.bot_id}")
    scene.control.start(person, scene.bot_id)
    scene.take_updates()
    assert known(person).unreachable == ""


def test_a_stranger_who_blocks_the_bot_stays_a_stranger(scene: Scene) -> None:
    """People block a bot right after it has forgotten them; a mailing to their number learns it by its first try."""
    person = scene.control.person("Bob")
    scene.control.block(person, scene.bot_id)
    scene.take_updates()
    assert not Subscriber.objects.filter(chat_id=person).exists()


def test_a_reply_that_is_refused_tells_who_cannot_be_reached(scene: Scene) -> None:
    person = scene.control.person("Ann")
    scene.control.start(person, scene.bot_id)
    scene.control.fault("error", code=403, description="user is deactivated", method="sendMessage")
    scene.take_updates()
    assert known(person).unreachable == "deactivated"


def test_a_reply_waits_out_a_flood(scene: Scene) -> None:
    scene.control.fault("error", retry_after=1, code=429, method="sendMessage")
    person = start(scene)
    assert len(scene.heard(person)) == 1
