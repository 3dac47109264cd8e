"""People around one giveaway: who takes part, wins, loses, does not subscribe, blocks the bot."""

import re

from broadcasts.models import Delivery
from participants.models import Entry, Place
from participants.services import results
from participants.tasks import promote_waiting
from tests.scene import Scene, later


def test_a_participant_sees_the_post_answers_one_question_and_is_in(scene: Scene) -> None:
    giveaway = scene.published(title="A pound of tea")
    ann = scene.subscriber("Ann")
    scene.control.press(ann, scene.channel, giveaway.message_id or 0, "🎯 Participate")
    scene.take_updates()
    assert "are you human?" in scene.last(ann)
    assert "Attempts left: 2" in scene.tell(ann, "a lot")
    assert "You are in: A pound of tea." in scene.solve(ann)
    code = re.findall(r"Your code: (\w+)", scene.last(ann))[0]
    scene.finished(giveaway)
    assert "you won" in scene.last(ann)
    assert results.by_token(giveaway.result_token)["winner_codes"] == [code]  # type: ignore[index]


def test_a_loser_is_thanked_once_and_can_look_it_up_again(scene: Scene) -> None:
    giveaway = scene.published(loser_message="Thank you, Ann. Next time!")
    people = [scene.subscriber(name) for name in ("Ann", "Bob")]
    for person in people:
        scene.enter(giveaway, person)
    giveaway = scene.finished(giveaway)
    scene.work()
    won = Place.objects.get(verdict="winner").entry.person.telegram_id
    [loser] = set(people) - {won}
    assert sum("Thank you, Ann" in said for said in scene.heard(loser)) == 1
    scene.control.press(loser, scene.channel, giveaway.conclusion_message_id or 0, "🏆 VIEW RESULTS")
    scene.take_updates()
    assert "Thank you, Ann. Next time!\n\nParticipants: 2. Winners: 1." in scene.last(loser)


def test_somebody_who_does_not_subscribe_is_shown_the_way_and_kept_out(scene: Scene) -> None:
    giveaway = scene.published()
    eve = scene.control.person("Eve")
    assert "subscribe to: News" in scene.enter(giveaway, eve)
    assert "subscribe to: News" in scene.press(eve, "✅ I have joined")
    giveaway = scene.finished(giveaway)
    assert not Entry.objects.exists()
    assert "already over" in scene.press(eve, "✅ I have joined")
    assert giveaway.participant_count == 0


def test_somebody_who_left_after_joining_does_not_win(scene: Scene) -> None:
    giveaway = scene.published(winner_count=2)
    stayed, left = scene.subscriber("Ann"), scene.subscriber("Eve")
    for person in (stayed, left):
        scene.enter(giveaway, person)
    scene.control.leave(scene.channel, left)
    assert scene.finished(giveaway).winners_selected == 1
    assert "you won" in scene.last(stayed)
    assert "did not win" in scene.last(left)


def test_somebody_who_blocked_the_bot_hears_nothing_and_delays_nobody(scene: Scene) -> None:
    giveaway = scene.published(winner_count=2)
    ann, eve = scene.subscriber("Ann"), scene.subscriber("Eve")
    for person in (ann, eve):
        scene.enter(giveaway, person)
    scene.control.block(eve, scene.bot_id)
    scene.take_updates()
    heard = len(scene.heard(eve))
    giveaway = scene.finished(giveaway)
    assert giveaway.winners_selected == 2
    assert "you won" in scene.last(ann)
    assert len(scene.heard(eve)) == heard
    assert Delivery.objects.exclude(outcome="sent").get().chat_id == eve


def test_a_winner_who_does_not_claim_makes_room_for_the_next(scene: Scene) -> None:
    giveaway = scene.published(title="A pound of tea", winner_count=1, claim_hours=24)
    people = [scene.subscriber(name) for name in ("Ann", "Bob")]
    for person in people:
        scene.enter(giveaway, person)
    giveaway = scene.finished(giveaway)
    silent = Place.objects.get(verdict="winner").entry.person.telegram_id
    [next_one] = set(people) - {silent}
    assert "Claim your prize within 24 h" in scene.last(silent)
    with later(hours=25):
        promote_waiting()
        scene.work()
        assert "you won" in scene.last(next_one)
        scene.control.start(next_one, scene.bot_id, f"claim_{giveaway.result_token}")
        scene.take_updates()
        assert "the prize is yours" in scene.last(next_one)
        scene.control.start(silent, scene.bot_id, f"claim_{giveaway.result_token}")
        scene.take_updates()
        assert "gone to the next one" in scene.last(silent)
    with later(hours=60):
        promote_waiting()
    conclusion = scene.control.posts(scene.channel)[-1]["text"]
    assert "Winners replaced since, each with its reason: 1" in conclusion
    assert Place.objects.get(verdict="winner").entry.person.telegram_id == next_one
