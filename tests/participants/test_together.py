"""Many people at one moment: they share transactions, and nobody pays for it."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bots import telegram
from bots.database import together
from bots.models import MemberChange
from bots.together import Together
from giveaways.models import Giveaway, Status
from participants.models import Captcha, Entry, Person
from participants.services import captchas, enter
from participants.services.captchas import Answer
from participants.services.enter import Visit
from participants.services.people import Visitor, know_many
from participants.steps import AlreadyIn, CheckSubscription, Closed, CoolingDown, Joined, Question
from tests.scene import Scene, later


def known(*ids: int) -> list[Person]:
    """People who solved the captcha."""
    rows = know_many([Visitor(number, f"P{number}", "", "en") for number in ids])
    Person.objects.update(captcha_passed_at=timezone.now())
    return [rows[number] for number in ids]


def visits(scene: Scene, giveaway: Giveaway, *ids: int) -> list[Visit]:
    return [Visit(giveaway.pk, Visitor(number, f"P{number}", "", "en"), scene.bot.pk) for number in ids]


def queries(call: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        call()
    return len(asked)


def test_a_hundred_arrive_with_the_queries_of_one(scene: Scene) -> None:
    giveaway = scene.published()
    known(*range(1, 102))
    one = queries(lambda: enter.arrive_many(visits(scene, giveaway, 101)))
    assert queries(lambda: enter.arrive_many(visits(scene, giveaway, *range(1, 101)))) == one


def test_a_hundred_come_in_with_the_queries_of_one(scene: Scene) -> None:
    giveaway = scene.published()
    people = [*range(1, 102)]
    known(*people)
    told = {"channel": scene.binding.channel, "joined": True, "at": timezone.now()}
    MemberChange.objects.bulk_create([MemberChange(person_id=person, **told) for person in people])
    one = queries(lambda: enter.come_many(visits(scene, giveaway, 101)))
    steps: list[Any] = []
    assert queries(lambda: steps.extend(enter.come_many(visits(scene, giveaway, *range(1, 101))))) == one
    assert all(isinstance(step, Joined) for step in steps)
    again = enter.come_many(visits(scene, giveaway, 1, 1, 102))
    assert [type(step) for step in again] == [AlreadyIn, AlreadyIn, Question]
    assert Entry.objects.count() == 101


def test_a_hundred_join_with_the_queries_of_one(scene: Scene) -> None:
    giveaway = scene.published()
    first, *others = known(*range(1, 102))
    one = queries(lambda: enter.join_many([(giveaway.pk, first.pk)]))
    steps: list[Any] = []
    wishes = [(giveaway.pk, person.pk) for person in others]
    assert queries(lambda: steps.extend(enter.join_many(wishes))) == one
    assert all(isinstance(step, Joined) for step in steps)
    giveaway.refresh_from_db()
    assert giveaway.participant_count == Entry.objects.count() == 101


def test_a_hundred_strangers_are_asked_with_the_queries_of_one(scene: Scene) -> None:
    giveaway = scene.published()
    one = queries(lambda: enter.come_many(visits(scene, giveaway, 101)))
    steps: list[Any] = []
    assert queries(lambda: steps.extend(enter.come_many(visits(scene, giveaway, *range(1, 101))))) == one
    assert all(isinstance(step, Question) for step in steps)
    assert Captcha.objects.count() == 101
    assert enter.come_many(visits(scene, giveaway, 2, 1, 2)) == [steps[1], steps[0], steps[1]]


def test_who_has_to_wait_is_not_asked_with_the_others(scene: Scene) -> None:
    giveaway, until = scene.published(), timezone.now() + timedelta(hours=1)
    enter.come_many(visits(scene, giveaway, 1, 2, 3))
    asked = list(Captcha.objects.order_by("person__telegram_id").values_list("question", flat=True))
    Person.objects.filter(telegram_id=1).update(captcha_blocked_until=until)
    Captcha.objects.filter(person__telegram_id=2).update(expires_at=timezone.now(), last_message_id=7)
    first, second, third = enter.come_many(visits(scene, giveaway, 1, 2, 3))
    assert first == CoolingDown(until)
    assert isinstance(second, Question) and isinstance(third, Question)
    assert third.question == asked[2]
    renewed = Captcha.objects.get(person__telegram_id=2)
    assert (renewed.last_message_id, renewed.attempts_left) == (7, second.attempts_left)
    assert renewed.expires_at > timezone.now()


def test_many_answers_are_counted_each_for_themself(scene: Scene) -> None:
    giveaway = scene.published()
    enter.come_many(visits(scene, giveaway, 1, 2, 3))
    numbers = Captcha.objects.values_list("person__telegram_id", "question")
    right = {person: str(sum(map(int, question.split(" + ")))) for person, question in numbers}
    wrong, elsewhere = Answer(2, scene.bot.pk, "0", 7), Answer(3, scene.bot.pk + 1, right[3], 7)
    stranger, first = Answer(4, scene.bot.pk, "5", 7), Answer(1, scene.bot.pk, right[1], 7)
    outcomes = captchas.answer_many([first, wrong, wrong, stranger, elsewhere, first])
    assert [outcomes[0], outcomes[3], outcomes[4], outcomes[5]] == [giveaway.pk, None, None, giveaway.pk]
    assert isinstance(outcomes[1], Question) and outcomes[1].wrong
    assert outcomes[2] == outcomes[1]
    failures = Person.objects.order_by("telegram_id").values_list("captcha_failures", flat=True)
    assert list(failures) == [0, 1, 0]


def test_each_is_answered_for_themself(scene: Scene) -> None:
    giveaway = scene.published()
    inside, outside = known(1, 2)
    enter.join(giveaway_id=giveaway.pk, person_id=inside.pk)
    strangers = visits(scene, giveaway, 3)
    nowhere = Visit(giveaway.pk + 1, Visitor(1, "P1", "", "en"), scene.bot.pk)
    steps = enter.arrive_many([*visits(scene, giveaway, 1, 2), *strangers, nowhere])
    assert [type(step) for step in steps[:3]] == [AlreadyIn, CheckSubscription, Question]
    assert steps[3] is Closed.NOT_FOUND
    assert outside.telegram_id == 2


def test_somebody_who_presses_twice_enters_once(scene: Scene) -> None:
    giveaway = scene.published()
    (person,) = known(1)
    steps = enter.join_many([(giveaway.pk, person.pk)] * 3)
    assert len({str(step) for step in steps}) == Entry.objects.count() == 1


def test_the_last_places_go_to_those_who_asked_first(scene: Scene) -> None:
    giveaway = scene.published(max_participants=3)
    people = known(1, 2, 3, 4, 5)
    steps = enter.join_many([(giveaway.pk, person.pk) for person in people])
    assert [isinstance(step, Joined) for step in steps] == [True, True, True, False, False]
    assert steps[3] is steps[4] is Closed.OVER
    giveaway.refresh_from_db()
    assert (giveaway.status, giveaway.participant_count) == (Status.FINISHING, 3)


def test_joins_into_several_giveaways_share_a_transaction(scene: Scene, other_scene: Scene) -> None:
    one, other = scene.published(), other_scene.published()
    (person,) = known(1)
    steps = enter.join_many([(other.pk, person.pk), (one.pk, person.pk)])
    assert all(isinstance(step, Joined) for step in steps)
    assert {entry.giveaway_id for entry in Entry.objects.all()} == {one.pk, other.pk}


# --- what Telegram told already ----------------------------------------------------------------------
def test_whoever_just_subscribed_is_not_asked_about(scene: Scene) -> None:
    giveaway, person = scene.published(), scene.control.person()
    scene.control.start(person, scene.bot_id)
    scene.take_updates()
    scene.control.subscribe(scene.channel, person)
    assert "You are in" in scene.enter(giveaway, person)
    assert scene.control.calls("getChatMember", scene.bot_id) == []


def test_whoever_left_is_asked_about(scene: Scene) -> None:
    giveaway, person = scene.published(), scene.subscriber()
    scene.control.start(person, scene.bot_id)
    scene.take_updates()
    with later(seconds=5):
        scene.control.leave(scene.channel, person)
        assert "subscribe to" in scene.enter(giveaway, person)
    assert len(scene.control.calls("getChatMember", scene.bot_id)) == 1


def test_an_old_word_is_not_enough(scene: Scene) -> None:
    giveaway, person = scene.published(), scene.subscriber()
    scene.control.start(person, scene.bot_id)
    scene.take_updates()
    with later(minutes=11):
        assert "You are in" in scene.enter(giveaway, person)
    assert len(scene.control.calls("getChatMember", scene.bot_id)) == 1


# --- the grouping itself -------------------------------------------------------------------------------
def ask(service: Together[int, int], *wishes: int) -> list[Any]:
    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*map(service, wishes), return_exceptions=True)

    return telegram.wait_for(all_at_once())


def test_calls_that_come_meanwhile_go_together_and_each_gets_its_own_answer(transactional_db: None) -> None:
    lists: list[list[int]] = []

    def double(wishes: Sequence[int]) -> list[int]:
        lists.append(list(wishes))
        return [2 * wish for wish in wishes]

    assert ask(together(double, most=30), *range(100)) == [2 * number for number in range(100)]
    assert sum(map(len, lists)) == 100
    assert max(map(len, lists)) == 30


def test_a_fault_hits_only_whoever_caused_it(transactional_db: None) -> None:
    def careful(wishes: Sequence[int]) -> list[int]:
        if 3 in wishes:
            raise ValueError("three")
        return list(wishes)

    answers = ask(together(careful), 1, 2, 3, 4)
    assert answers[:2] + answers[3:] == [1, 2, 4]
    assert isinstance(answers[2], ValueError)


def test_an_outage_meets_everybody_of_a_list_once() -> None:
    lists: list[int] = []

    async def away(wishes: Sequence[int]) -> list[int]:
        lists.append(len(wishes))
        raise ConnectionError

    answers = ask(Together(away, apart=False), 1, 2, 3)
    assert [type(answer) for answer in answers] == [ConnectionError] * 3
    assert lists == [3]


def test_one_list_is_served_at_a_time(transactional_db: None) -> None:
    busy = threading.Lock()

    def alone(wishes: Sequence[int]) -> list[int]:
        assert busy.acquire(blocking=False)
        busy.release()
        return list(wishes)

    assert ask(together(alone, most=1), *range(20)) == list(range(20))


def test_nobody_is_lost_between_lists(transactional_db: None) -> None:
    service: Together[int, int] = together(list)

    async def in_waves() -> list[int]:
        first = [asyncio.ensure_future(service(number)) for number in range(10)]
        await asyncio.sleep(0)
        second = [asyncio.ensure_future(service(number)) for number in range(10, 20)]
        return await asyncio.gather(*first, *second)

    assert telegram.wait_for(in_waves()) == list(range(20))
