"""The way in: running, already in, captcha, subscription, in."""

from participants.models import Entry
from tests.scene import Scene


def test_a_subscriber_who_solves_the_captcha_is_in(scene: Scene) -> None:
    giveaway = scene.published()
    person = scene.subscriber()
    assert "You are in" in scene.enter(giveaway, person)
    assert Entry.objects.get().person.telegram_id == person


def test_whoever_is_not_subscribed_is_told_and_let_in_after_joining(scene: Scene) -> None:
    giveaway = scene.published()
    person = scene.control.person("Bob")
    assert "subscribe to: News" in scene.enter(giveaway, person)
    scene.control.subscribe(scene.channel, person)
    assert "You are in" in scene.press(person, "✅ I have joined")


def test_the_whole_story_ends_with_one_message_each(scene: Scene) -> None:
    giveaway = scene.published(winner_count=1)
    people = [scene.subscriber(f"P{n}") for n in range(3)]
    for person in people:
        scene.enter(giveaway, person)
    giveaway = scene.finished(giveaway)
    assert giveaway.winners_selected == 1
    told = [scene.last(person) for person in people]
    assert sum("you won" in text for text in told) == 1
    assert sum("did not win" in text for text in told) == 2
