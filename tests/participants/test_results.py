"""Results: each person is told their own, once, after the draw; the deep link tells it again to whoever asks."""

import pytest

from broadcasts.models import Broadcast, Delivery
from giveaways.models import Giveaway
from giveaways.services import life
from participants.models import Entry, Place
from participants.tasks import draw_waiting
from tests.scene import OWNER, Scene

WON, LOST = "You won <b>tea</b> & cake!", "Alas <i>not</i> & sorry"
NUMBERS = "Participants: 2. Winners: 1."


def ask(scene: Scene, giveaway: Giveaway, person: int) -> str:
    scene.control.start(person, scene.bot_id, f"result_{giveaway.result_token}")
    scene.take_updates()
    return scene.last(person)


def played(scene: Scene) -> tuple[Giveaway, int, int]:
    """A finished giveaway, its winner and its loser."""
    giveaway = scene.published(winner_message=WON, loser_message=LOST)
    people = set(scene.enrolled(giveaway, 2))
    giveaway = scene.finished(giveaway)
    winner = Place.objects.get(verdict="winner").entry.person.telegram_id
    return giveaway, winner, (people - {winner}).pop()


def test_everybody_is_told_their_own_result_once_as_text(scene: Scene) -> None:
    giveaway, winner, loser = played(scene)
    scene.work()
    assert scene.heard(winner) == [f"{giveaway.title}\n\n{WON}"]
    assert scene.heard(loser) == [f"{giveaway.title}\n\n{LOST}"]


def test_the_message_leads_to_the_whole_result(scene: Scene) -> None:
    giveaway, winner, _loser = played(scene)
    [[button]] = scene.control.chat(winner, scene.bot_id)[-1]["reply_markup"]["inline_keyboard"]
    assert button["text"] == "🏆 VIEW RESULTS"
    assert button["url"].endswith(f"?start=result_{giveaway.result_token}")


def test_the_conclusions_button_tells_the_winner_and_the_loser_their_own(scene: Scene) -> None:
    giveaway, winner, loser = played(scene)
    for person, message in [(winner, WON), (loser, LOST)]:
        scene.control.press(person, scene.channel, giveaway.conclusion_message_id or 0, "🏆 VIEW RESULTS")
        scene.take_updates()
        assert message in scene.last(person)
        assert f"{NUMBERS}\nCheck the draw: http://testserver/draws/{giveaway.public_id}/" in scene.last(
            person
        )


def test_who_did_not_take_part_is_told_so(scene: Scene) -> None:
    giveaway, _winner, _loser = played(scene)
    said = ask(scene, giveaway, scene.control.person())
    assert "You did not take part" in said
    assert NUMBERS in said
    assert "tea" not in said


def test_before_the_draw_the_link_tells_only_that_it_runs(scene: Scene) -> None:
    giveaway = scene.published(winner_message=WON, loser_message=LOST)
    [person] = scene.enrolled(giveaway, 1)
    for _moment in ("running", "finishing"):
        said = ask(scene, giveaway, person)
        assert (
            said == f"{giveaway.title}\n\nThe giveaway is still running. I will write to you when it is over."
        )
        life.finish(giveaway_id=giveaway.pk, by=OWNER)


def test_a_cancelled_giveaway_says_so(scene: Scene) -> None:
    giveaway = scene.published()
    life.cancel(giveaway_id=giveaway.pk, by=OWNER)
    assert ask(scene, giveaway, scene.control.person()) == "This giveaway was cancelled."


@pytest.mark.parametrize(("language", "said"), [("ru", "Вы не участвовали"), ("pl", "You did not take part")])
def test_it_speaks_the_persons_language(scene: Scene, language: str, said: str) -> None:
    giveaway, _winner, _loser = played(scene)
    assert said in ask(scene, giveaway, scene.control.person(language_code=language))


def test_another_bots_result_is_not_found_here(scene: Scene, other_scene: Scene) -> None:
    giveaway = other_scene.finished(other_scene.published())
    assert "cannot be found" in ask(scene, giveaway, scene.control.person())


def test_who_blocked_the_bot_is_counted_as_failed_and_holds_nothing_up(scene: Scene) -> None:
    giveaway = scene.published()
    blocker, other = scene.enrolled(giveaway, 2)
    scene.control.block(blocker, scene.bot_id)
    scene.finished(giveaway)
    outcomes = dict(Delivery.objects.values_list("chat_id", "outcome"))
    assert outcomes[other] == "sent"
    assert outcomes[blocker] != "sent"
    assert set(Broadcast.objects.values_list("status", flat=True)) == {"completed"}


def test_nobody_is_told_anything_before_the_winners_stand(scene: Scene) -> None:
    giveaway = scene.published()
    people = scene.enrolled(giveaway, 2)
    scene.control.fault("error", method="getChatMember", times=None)
    scene.finished(giveaway)
    assert [scene.heard(person) for person in people] == [[], []]
    assert not Broadcast.objects.exists()


def test_every_entry_is_in_exactly_one_of_the_two_mailings(scene: Scene) -> None:
    giveaway = scene.published(winner_count=3)
    scene.enrolled(giveaway, 7, told=False)
    life.finish(giveaway_id=giveaway.pk, by=OWNER)
    draw_waiting()
    assert sorted(Broadcast.objects.values_list("recipients_count", flat=True)) == [3, 4]
    people = set(Entry.objects.values_list("person__telegram_id", flat=True))
    assert set(Broadcast.objects.values_list("recipients__chat_id", flat=True)) == people
