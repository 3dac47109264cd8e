"""The captcha: once for the whole platform; guesses are counted over all sessions; one answer counts once."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.timezone import now as timezone_now

from giveaways.models import Giveaway
from participants import captcha
from participants.models import Captcha, Entry, Person
from participants.services import captchas, enter
from participants.services.people import Visitor
from participants.steps import CoolingDown, Question
from tests.giveaways.rows import make_giveaway
from tests.scene import Scene, later
from tests.threads import in_threads

ANN = 5
Outcome = int | Question | CoolingDown | None


def arrive(scene: Scene, giveaway: Giveaway) -> Any:
    visitor = Visitor(ANN, "Ann", "", "en")
    return enter.arrive(giveaway_id=giveaway.pk, visitor=visitor, bot_id=scene.bot.pk)


def answer(scene: Scene, text: object, message_id: int) -> Outcome:
    return captchas.answer(telegram_id=ANN, bot_id=scene.bot.pk, text=str(text), message_id=message_id)


def right() -> int:
    return sum(map(int, Captcha.objects.get().question.split(" + ")))


@pytest.fixture
def giveaway(scene: Scene) -> Giveaway:
    return make_giveaway(scene.user, "active")


def test_it_is_asked_once_across_giveaways_and_bots(scene: Scene, other_scene: Scene) -> None:
    person = scene.subscriber()
    other_scene.control.subscribe(other_scene.channel, person)
    assert "= ?" in scene.come(scene.published(), person)
    assert "You are in" in scene.solve(person)
    assert "You are in" in other_scene.come(other_scene.published(), person)
    assert Entry.objects.count() == 2


def test_a_question_asked_by_one_bot_may_be_answered_to_another(scene: Scene, other_scene: Scene) -> None:
    person = scene.control.person()
    asked = scene.come(scene.published(), person)
    assert other_scene.come(other_scene.published(), person) == asked
    assert "subscribe to" in other_scene.solve(person)


def test_what_is_written_to_another_bot_is_no_guess(scene: Scene, other_scene: Scene) -> None:
    person = scene.control.person()
    scene.come(scene.published(), person)
    assert "I run giveaways" in other_scene.tell(person, "1")
    assert Captcha.objects.get().attempts_left == 3
    assert Person.objects.get().captcha_failures == 0


def test_the_answer_is_not_stored_in_clear(scene: Scene, giveaway: Giveaway) -> None:
    arrive(scene, giveaway)
    row = Captcha.objects.get()
    assert re.fullmatch("[0-9a-f]{64}", row.answer_digest)
    others = [captcha.answer_digest(b"another key", str(ANN), number) for number in range(2, 21)]
    assert row.answer_digest not in others


def test_three_wrong_answers_end_the_question_and_begin_a_pause(scene: Scene) -> None:
    giveaway, person = scene.published(), scene.subscriber()
    scene.come(giveaway, person)
    assert "Attempts left: 2" in scene.tell(person, "999")
    assert "Attempts left: 1" in scene.tell(person, "hello?")
    assert "Too many wrong answers" in scene.tell(person, "999")
    assert "again in 1 min" in scene.come(giveaway, person)
    assert "Too many wrong answers" in scene.tell(person, str(right()))


def test_pauses_grow_over_all_sessions(scene: Scene, giveaway: Giveaway) -> None:
    pauses, ahead, message = [], 0.0, 0
    for _session in range(6):
        with later(seconds=ahead):
            arrive(scene, giveaway)
            outcomes = [answer(scene, "x", message := message + 1) for _ in range(3)]
            assert isinstance(outcomes[-1], CoolingDown)
            pauses.append(
                round((outcomes[-1].until - Captcha.objects.get().expires_at).total_seconds() + 600)
            )
        ahead += pauses[-1] + 1
    assert pauses == [60, 300, 1800, 7200, 86400, 86400]


def test_letting_questions_expire_does_not_win_guesses(scene: Scene, giveaway: Giveaway) -> None:
    arrive(scene, giveaway)
    answer(scene, "x", 1), answer(scene, "x", 2)
    with later(minutes=11):
        assert isinstance(arrive(scene, giveaway), Question)
        assert isinstance(answer(scene, "x", 3), CoolingDown)


def test_asking_again_shows_the_same_question_with_the_attempts_that_are_left(
    scene: Scene, giveaway: Giveaway
) -> None:
    first = arrive(scene, giveaway)
    answer(scene, "x", 1)
    assert arrive(scene, giveaway) == replace(first, attempts_left=2)


def test_an_expired_question_is_replaced_and_costs_nothing(scene: Scene, giveaway: Giveaway) -> None:
    arrive(scene, giveaway)
    with later(minutes=10, seconds=1):
        said = answer(scene, right(), 1)
    assert isinstance(said, Question)
    assert (said.attempts_left, said.wrong) == (3, False)
    assert Person.objects.get().captcha_failures == 0


def test_an_answer_written_in_time_counts_however_long_it_waited_in_a_rush(
    scene: Scene, giveaway: Giveaway
) -> None:
    arrive(scene, giveaway)
    written_at = timezone.now()
    with later(minutes=25):
        said = captchas.answer(
            telegram_id=ANN, bot_id=scene.bot.pk, text=str(right()), message_id=1, said_at=written_at
        )
    assert said == giveaway.pk


def test_telegram_s_date_of_an_answer_decides_whether_it_came_in_time(scene: Scene) -> None:
    person = scene.control.person()
    scene.come(scene.published(), person)
    Captcha.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert "= ?" in scene.solve(person)  # too late: asked again
    with patch("participants.services.captchas.timezone.now", lambda: timezone_now() + timedelta(minutes=25)):
        assert "subscribe to" in scene.solve(person)


def test_the_last_second_counts(scene: Scene, giveaway: Giveaway) -> None:
    arrive(scene, giveaway)
    with later(minutes=9, seconds=55):
        assert answer(scene, right(), 1) == giveaway.pk


@pytest.mark.parametrize("times", [2, 5])
def test_a_repeated_delivery_burns_no_second_attempt(scene: Scene, giveaway: Giveaway, times: int) -> None:
    arrive(scene, giveaway)
    said = [answer(scene, "x", 1) for _ in range(times)]
    assert {str(step) for step in said} == {str(said[0])}
    assert (Captcha.objects.get().attempts_left, Person.objects.get().captcha_failures) == (2, 1)


def test_twenty_deliveries_at_once_burn_one_attempt(scene: Scene, giveaway: Giveaway) -> None:
    arrive(scene, giveaway)
    in_threads(20, lambda: answer(scene, "x", 1))
    assert (Captcha.objects.get().attempts_left, Person.objects.get().captcha_failures) == (2, 1)


def test_a_repeated_right_answer_leads_in_again(scene: Scene, giveaway: Giveaway) -> None:
    arrive(scene, giveaway)
    message, number = 1, right()
    assert [answer(scene, number, message) for _ in range(3)] == [giveaway.pk] * 3
    assert answer(scene, number, 2) is None


def test_many_guesses_at_once_are_counted_one_by_one(scene: Scene, giveaway: Giveaway) -> None:
    arrive(scene, giveaway)
    messages = list(range(1, 21))
    in_threads(20, lambda: answer(scene, "x", messages.pop()))
    assert Person.objects.get().captcha_failures == 3
    assert isinstance(arrive(scene, giveaway), CoolingDown)


def test_pressing_and_answering_at_once_hurts_nobody(scene: Scene, giveaway: Giveaway) -> None:
    arrive(scene, giveaway)
    messages = list(range(1, 21))

    def both() -> None:
        arrive(scene, giveaway)
        answer(scene, "x", messages.pop())

    assert in_threads(20, both) == [None] * 20


def test_nobody_asked_nothing_is_answered(scene: Scene) -> None:
    person = scene.control.person()
    assert "I run giveaways" in scene.tell(person, "12")
    assert not Person.objects.exists()


def test_the_question_does_not_carry_its_answer(scene: Scene) -> None:
    giveaway, person = scene.published(), scene.control.person()
    scene.come(giveaway, person)
    shown = scene.control.chat(person, scene.bot_id)[-1]
    keyboard = shown["reply_markup"]["inline_keyboard"]
    assert [button["callback_data"] for row in keyboard for button in row] == ["captcha:otherwise"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer_digest FROM participants_captcha")
        assert str(right()) != cursor.fetchone()[0]
