"""Claiming a prize: a button for the winner, a deadline that runs from being told, and the next in the ranking."""

from typing import Any

import pytest

from broadcasts.models import Delivery
from broadcasts.tasks import pump
from giveaways.models import Giveaway
from participants import tasks
from participants.models import Place, Skip
from participants.services import places
from participants.steps import Claim
from tests.participants.test_draw import person_of, ranking, standing
from tests.scene import Scene, later
from tests.threads import in_threads

HOURS = 24


def finished(scene: Scene, entrants: int = 4, **fields: Any) -> Giveaway:
    giveaway = scene.published(**{"claim_hours": HOURS, **fields})
    scene.enrolled(giveaway, entrants)
    return scene.finished(giveaway)


def winner() -> int:
    return person_of(standing()[0])


def follow(scene: Scene, person: int, button: str) -> str:
    """Presses a link button under the winner's message; the bot's last words."""
    rows = scene.control.chat(person, scene.bot_id)[-1]["reply_markup"]["inline_keyboard"]
    [url] = [key["url"] for row in rows for key in row if key["text"] == button]
    scene.control.start(person, scene.bot_id, url.partition("start=")[2])
    scene.take_updates()
    return scene.last(person)


def skips() -> list[tuple[int, str]]:
    return list(Skip.objects.order_by("number").values_list("place__rank", "reason"))


def test_the_winner_is_asked_to_claim_and_the_others_are_not(scene: Scene) -> None:
    giveaway = finished(scene)
    message = scene.control.chat(winner(), scene.bot_id)[-1]
    assert "Claim your prize within 24 h" in message["text"]
    texts = [row[0]["text"] for row in message["reply_markup"]["inline_keyboard"]]
    assert texts == ["🎁 Claim", "Decline", "🏆 VIEW RESULTS"]
    assert "Claim" not in scene.last(person_of(ranking(giveaway)[-1]))


def test_who_claims_in_time_keeps_the_place(scene: Scene) -> None:
    finished(scene)
    person = winner()
    assert "Claimed" in follow(scene, person, "🎁 Claim")
    with later(hours=HOURS + 1):
        tasks.promote_waiting()
    assert (winner(), skips()) == (person, [])


def test_claiming_twice_says_the_same(scene: Scene) -> None:
    finished(scene)
    person = winner()
    follow(scene, person, "🎁 Claim")
    at = Place.objects.get(verdict="winner").claimed_at
    scene.control.start(person, scene.bot_id, f"claim_{Giveaway.objects.get().result_token}")
    scene.take_updates()
    assert "Claimed" in scene.last(person)
    assert Place.objects.get(verdict="winner").claimed_at == at


def test_an_unclaimed_place_goes_to_the_next_who_gets_the_same_time(scene: Scene) -> None:
    giveaway = finished(scene)
    codes = ranking(giveaway)
    with later(hours=HOURS - 1):
        tasks.promote_waiting()
        assert standing() == codes[:1]
    with later(hours=HOURS + 1):
        tasks.promote_waiting()
        pump()
        assert (standing(), skips()) == (codes[1:2], [(1, "unclaimed")])
        assert "Claim your prize" in scene.last(person_of(codes[1]))
    with later(hours=2 * HOURS):
        tasks.promote_waiting()
        assert standing() == codes[1:2]
    with later(hours=2 * HOURS + 2):
        tasks.promote_waiting()
    assert standing() == codes[2:3]


def test_the_time_runs_from_the_moment_the_winner_was_told(scene: Scene) -> None:
    giveaway = finished(scene)
    told = Delivery.objects.get(chat_id=winner())
    Delivery.objects.filter(pk=told.pk).delete()
    with later(hours=HOURS + 1):
        tasks.promote_waiting()
        assert skips() == []
        Delivery.objects.create(
            broadcast_id=told.broadcast_id, seq=told.seq, chat_id=told.chat_id, outcome="sent", at=told.at
        )
    Delivery.objects.filter(chat_id=told.chat_id).update(at=told.at.replace(year=told.at.year + 1))
    with later(hours=HOURS + 2):
        tasks.promote_waiting()
        assert skips() == []
    assert standing() == ranking(giveaway)[:1]


def test_who_cannot_be_told_is_unreachable(scene: Scene) -> None:
    giveaway = scene.published(claim_hours=HOURS)
    people = scene.enrolled(giveaway, 3)
    first = person_of(ranking(giveaway)[0])
    scene.control.block(first, scene.bot_id)
    scene.finished(giveaway)
    with later(hours=HOURS + 1):
        tasks.promote_waiting()
    assert skips() == [(1, "unreachable")]
    assert winner() in people


def test_a_place_is_declined_in_two_steps(scene: Scene) -> None:
    giveaway = finished(scene)
    codes = ranking(giveaway)
    person = winner()
    assert "cannot be undone" in follow(scene, person, "Decline")
    assert standing() == codes[:1]
    assert "goes to the next one" in scene.press(person, "Yes, decline")
    tasks.promote_waiting()
    assert (standing(), skips()) == (codes[1:2], [(1, "declined")])
    scene.control.start(person, scene.bot_id, f"claim_{giveaway.result_token}")
    scene.take_updates()
    assert "gone to the next one" in scene.last(person)


def test_who_was_not_drawn_can_neither_claim_nor_decline(scene: Scene) -> None:
    giveaway = finished(scene)
    loser = person_of(ranking(giveaway)[-1])
    about = {"result_token": giveaway.result_token, "telegram_id": loser, "bot_id": scene.bot.pk}
    assert places.claim(**about) == places.decline(**about) == Claim.NOT_A_WINNER
    assert places.claim(**{**about, "telegram_id": 1}) == Claim.NOT_A_WINNER
    assert places.claim(**{**about, "bot_id": 0}) == Claim.NOT_FOUND


def test_before_the_draw_there_is_nothing_to_claim(scene: Scene) -> None:
    giveaway = scene.published(claim_hours=HOURS)
    [person] = scene.enrolled(giveaway, 1)
    scene.control.start(person, scene.bot_id, f"claim_{giveaway.result_token}")
    scene.take_updates()
    assert "still running" in scene.last(person)


@pytest.mark.parametrize("turn", range(3))
def test_claiming_and_expiring_at_once_has_one_outcome(scene: Scene, turn: int) -> None:
    giveaway = finished(scene)
    place = Place.objects.get(verdict="winner")
    person = place.entry.person.telegram_id
    calls = [
        lambda: places.claim(result_token=giveaway.result_token, telegram_id=person, bot_id=scene.bot.pk),
        lambda: places.expire(place_id=place.pk),
    ] * 4
    with later(hours=HOURS + 1):
        said = in_threads(8, lambda: calls.pop()())
    place.refresh_from_db()
    assert not [each for each in said if isinstance(each, Exception)]
    if place.claimed_at:
        assert (place.verdict, Skip.objects.count(), True in said) == ("winner", 0, False)
    else:
        assert (place.verdict, Skip.objects.count(), said.count(True)) == ("skipped", 1, 1)
        assert Claim.CLAIMED not in said


def test_a_giveaway_without_a_deadline_waits_for_ever(scene: Scene) -> None:
    giveaway = finished(scene, claim_hours=None)
    assert "Claim" not in scene.last(winner())
    with later(days=100):
        tasks.promote_waiting()
    assert standing() == ranking(giveaway)[:1]
