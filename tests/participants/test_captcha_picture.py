"""The other kind of captcha: a picture whose name is chosen; for whoever does not like to add."""

from typing import Any

from participants import captcha
from participants.models import Captcha, Entry, Person
from tests.participants.visitors import app, ask
from tests.scene import Scene

INSTEAD = "🖼 Choose a picture instead"


def shown(scene: Scene, person: int) -> list[str]:
    """The buttons under the bot's last message."""
    rows = scene.control.chat(person, scene.bot_id)[-1]["reply_markup"]["inline_keyboard"]
    return [button["text"] for row in rows for button in row]


def answer_of(row: Captcha) -> str:
    """The right picture, by its sign: as a person sees it."""
    return next(key for key, picture in captcha.PICTURES.items() if picture.sign == row.question)


def wrong_name(row: Captcha) -> str:
    wrong = next(choice for choice in row.choices if choice != answer_of(row))
    return captcha.PICTURES[wrong].en


def test_a_person_may_choose_a_picture_instead_of_adding(scene: Scene) -> None:
    person = scene.subscriber()
    scene.come(scene.published(), person)
    asked = scene.press(person, INSTEAD)
    row = Captcha.objects.get()
    assert f"What is this? {row.question}" in asked
    assert shown(scene, person) == [
        *(captcha.PICTURES[choice].en for choice in row.choices), "🔢 Add numbers instead"
    ]  # fmt: skip
    assert "You are in" in scene.press(person, captcha.PICTURES[answer_of(row)].en)
    assert Entry.objects.count() == 1


def test_its_name_may_be_written_as_well(scene: Scene) -> None:
    person = scene.subscriber("Анна", language_code="ru")
    scene.come(scene.published(), person)
    scene.press(person, "🖼 Лучше выбрать картинку")
    name = captcha.PICTURES[answer_of(Captcha.objects.get())].ru
    assert name in shown(scene, person)
    assert "Вы участвуете" in scene.tell(person, name.lower())


def test_a_wrong_choice_costs_an_attempt_and_brings_another_picture(scene: Scene) -> None:
    person = scene.subscriber()
    scene.come(scene.published(), person)
    scene.press(person, INSTEAD)
    digests = {Captcha.objects.get().answer_digest}
    assert "Attempts left: 2" in scene.press(person, wrong_name(Captcha.objects.get()))
    digests.add(Captcha.objects.get().answer_digest)
    assert "Attempts left: 1" in scene.press(person, wrong_name(Captcha.objects.get()))
    digests.add(Captcha.objects.get().answer_digest)
    assert "Too many wrong answers" in scene.press(person, wrong_name(Captcha.objects.get()))
    assert len(digests) > 1
    assert Person.objects.get().captcha_failures == 3


def test_asking_otherwise_gives_no_attempts_back(scene: Scene) -> None:
    person = scene.subscriber()
    scene.come(scene.published(), person)
    scene.tell(person, "99")
    until = Captcha.objects.get().expires_at
    scene.press(person, INSTEAD)
    scene.press(person, "🔢 Add numbers instead")
    row = Captcha.objects.get()
    assert (row.kind, row.attempts_left, row.expires_at) == ("sum", 2, until)


def test_a_button_of_a_question_that_is_answered_only_stops_spinning(scene: Scene) -> None:
    person = scene.subscriber()
    giveaway = scene.published()
    scene.come(giveaway, person)
    scene.press(person, INSTEAD)
    chosen = captcha.PICTURES[answer_of(Captcha.objects.get())].en
    old = scene.control.chat(person, scene.bot_id)[-1]
    scene.press(person, chosen)
    heard = len(scene.heard(person))
    row = Captcha.objects.get()
    assert row.solved_at
    scene.press_under(person, old, chosen)
    assert len(scene.heard(person)) == heard


def test_a_page_shows_names_with_their_answers(scene: Scene) -> None:
    giveaway, person = scene.published(), scene.subscriber()
    page = app(scene, person)
    ask(page, "register", giveaway)
    asked: Any = ask(page, "generate-captcha", giveaway, otherwise=True).json()
    assert (asked["kind"], len(asked["choices"])) == ("picture", captcha.CHOICES)
    right = answer_of(Captcha.objects.get())
    assert {"answer": right, "name": captcha.PICTURES[right].en} in asked["choices"]
    assert ask(page, "validate-captcha", giveaway, answer=right).status_code == 201
