"""The way in: running, already in, captcha, subscription, in. One entry per person, never after the end."""

import pytest

from giveaways.models import Giveaway, Status
from giveaways.services import life
from participants.models import Entry, Person
from participants.services import enter
from participants.services.people import Visitor, know
from participants.steps import AlreadyIn, CheckSubscription, Closed, Joined, Question
from tests.giveaways.rows import make_giveaway
from tests.scene import OWNER, Scene
from tests.threads import in_threads

CLOSED = {
    Status.DRAFT: ("cannot be found", "розыгрыша нет"),
    Status.PUBLISH_FAILED: ("cannot be found", "розыгрыша нет"),
    Status.PUBLISHING: ("begins in a moment", "вот-вот начнётся"),
    Status.FINISHING: ("already over", "уже завершён"),
    Status.FINISHED: ("already over", "уже завершён"),
    Status.CANCELLED: ("was cancelled", "отменён"),
}


def test_a_subscriber_who_solves_the_captcha_is_in(scene: Scene) -> None:
    giveaway = scene.published()
    person = scene.subscriber()
    assert "You are in" in scene.enter(giveaway, person)
    assert Entry.objects.get().person.telegram_id == person


def test_the_posts_button_leads_in(scene: Scene) -> None:
    giveaway = scene.published()
    person = scene.subscriber()
    scene.control.press(person, scene.channel, giveaway.message_id or 0, "🎯 Participate")
    scene.take_updates()
    assert "You are in: A bag of coffee" in scene.solve(person)


def test_whoever_is_in_is_told_their_code_again(scene: Scene) -> None:
    giveaway = scene.published()
    person = scene.subscriber()
    scene.enter(giveaway, person)
    assert f"already in. Your code: {Entry.objects.get().code}" in scene.come(giveaway, person)
    assert Entry.objects.count() == 1


def test_twenty_joins_of_one_person_make_one_entry(scene: Scene) -> None:
    giveaway = scene.published()
    answers = in_threads(20, lambda: scene.admit(giveaway, 5))
    assert sum(isinstance(answer, Joined) for answer in answers) == 1
    assert sum(isinstance(answer, AlreadyIn) for answer in answers) == 19
    giveaway.refresh_from_db()
    assert (Entry.objects.count(), Person.objects.count(), giveaway.participant_count) == (1, 1, 1)


def test_twenty_arrivals_of_one_stranger_ask_one_question(scene: Scene) -> None:
    giveaway, visitor = scene.published(), Visitor(5, "Ann", "", "en")
    arrive = lambda: enter.arrive(giveaway_id=giveaway.pk, visitor=visitor, bot_id=scene.bot.pk)  # noqa: E731
    answers = in_threads(20, arrive)
    assert all(isinstance(answer, Question) for answer in answers)
    assert len(set(map(str, answers))) == 1


@pytest.mark.parametrize("status", CLOSED)
@pytest.mark.parametrize("language", ["en", "de", "ru", "ru-RU"])
def test_a_giveaway_that_does_not_run_says_so_in_the_visitors_language(
    scene: Scene, status: Status, language: str
) -> None:
    giveaway = make_giveaway(scene.user, status)
    said = scene.come(giveaway, scene.subscriber(language_code=language))
    assert CLOSED[status][language.startswith("ru")] in said
    assert not Entry.objects.exists()


def test_the_way_in_speaks_russian_to_russians(scene: Scene) -> None:
    giveaway = scene.published()
    person = scene.control.person("Аня", language_code="ru")
    assert "Один вопрос" in scene.come(giveaway, person)
    assert "Неверно" in scene.tell(person, "0")
    assert "подпишитесь на: News" in scene.solve(person)
    scene.control.subscribe(scene.channel, person)
    assert "Вы участвуете" in scene.press(person, "✅ Я подписался")
    assert "Вы уже участвуете" in scene.come(giveaway, person)


def test_another_bots_giveaway_is_not_found_here(scene: Scene, other_scene: Scene) -> None:
    giveaway = other_scene.published()
    assert "cannot be found" in scene.come(giveaway, scene.subscriber())


def test_joining_checks_again_what_may_have_changed_meanwhile(scene: Scene) -> None:
    giveaway = scene.published()
    scene.admit(giveaway, 5)
    person = Person.objects.get()
    Entry.objects.all().delete()
    Person.objects.update(captcha_passed_at=None)
    assert isinstance(enter.join(giveaway_id=giveaway.pk, person_id=person.pk), Question)
    life.finish(giveaway_id=giveaway.pk, by=OWNER)
    assert enter.join(giveaway_id=giveaway.pk, person_id=person.pk) is Closed.OVER


def test_arriving_enters_nobody(scene: Scene) -> None:
    giveaway = scene.published()
    row = know(Visitor(5, "Ann", "", "en"))
    Person.objects.update(captcha_passed_at=row.created_at)
    for _ in range(3):
        step = enter.arrive(giveaway_id=giveaway.pk, visitor=Visitor(5, "Ann", "", "en"), bot_id=scene.bot.pk)
        assert isinstance(step, CheckSubscription)
    assert not Entry.objects.exists()


def test_the_counter_is_the_number_of_entries(scene: Scene) -> None:
    giveaway = scene.published()
    people = list(range(1, 21))
    in_threads(20, lambda: scene.admit(giveaway, people.pop()))
    assert Giveaway.objects.get().participant_count == Entry.objects.count() == 20


def test_a_name_with_markup_does_no_harm(scene: Scene) -> None:
    giveaway = scene.published(title="<i>Tea & <b>")
    assert "You are in: <i>Tea & <b>." in scene.enter(giveaway, scene.subscriber("<b>&"))
