"""What nobody can do, however many try at once: join twice, draw twice, publish twice, see a result early, guess a
captcha for ever, enter without a Telegram identity. Real threads, every door a person or a worker has."""

import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuditEntry
from bots.models import Subscriber
from broadcasts.models import Broadcast
from broadcasts.tasks import pump
from giveaways import tasks as giveaway_tasks
from giveaways.models import Giveaway, Post, Status
from giveaways.services import life
from participants import captcha, tasks
from participants.models import Captcha, Draw, Entry, Person, Place
from participants.services.people import Visitor, know
from tests.bots.conftest import quick
from tests.bots.processes import running
from tests.broadcasts.factories import eventually
from tests.conftest import client_of
from tests.participants.visitors import app, ask, right, update
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads

__all__ = ["quick"]
Call = Callable[[], Any]
numbers = itertools.count(1000)


def at_once(*calls: Call) -> list[Any]:
    """Makes every call in a thread of its own, all at the same moment; what they gave."""
    waiting = list(calls)
    given = in_threads(len(calls), lambda: waiting.pop()())
    assert [each for each in given if isinstance(each, Exception)] == []
    return given


def writes(scene: Scene, person: int, text: str) -> Call:
    """A message of the person's, each time a new one, on its way to the bot."""
    number = next(numbers)
    return lambda: scene.replay([update(person, text, number, number)])


def solved(person: int) -> Person:
    """A person who answered the captcha once and for all."""
    row = know(Visitor(person, "Ann", "", "en"))
    Person.objects.filter(pk=row.pk).update(captcha_passed_at=timezone.now())
    return row


def talked(scene: Scene, name: str = "Ann") -> int:
    """A subscriber whom the bot may write to."""
    person = scene.subscriber(name)
    scene.control.start(person, scene.bot_id)
    scene.take_updates()
    return person


# --- twice ------------------------------------------------------------------------------------------------
def test_nobody_joins_twice(scene: Scene) -> None:
    giveaway, person = scene.published(), talked(scene)
    solved(person)
    pages = [app(scene, person) for _ in range(12)]
    by_page = [lambda page=page: ask(page, "register", giveaway) for page in pages]
    by_bot = [writes(scene, person, f"/start giveaway_{giveaway.pk}") for _ in range(8)]
    answers = [answer for answer in at_once(*by_page, *by_bot) if answer is not None]

    entry = Entry.objects.get()
    giveaway.refresh_from_db()
    assert giveaway.participant_count == 1
    entered = [answer.status_code for answer in answers].count(201)
    welcomed = sum("You are in" in said for said in scene.heard(person))
    assert entered + welcomed == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert all(entry.code in answer.content.decode() for answer in answers)


def test_nobody_draws_twice(scene: Scene) -> None:
    giveaway = scene.published(winner_count=2)
    people = scene.enrolled(giveaway, 5)
    owner, path = client_of(scene.user), f"/api/giveaways/{giveaway.pk}/finish"
    asked = f"/api/participants/select-winners/{giveaway.pk}"
    at_once(
        *[lambda: owner.post(path)] * 5,
        *[lambda: owner.post(asked)] * 5,
        *[tasks.draw_waiting] * 5,
        *[giveaway_tasks.conclude_waiting] * 3,
        *[pump] * 2,
    )
    at_once(*[scene.work] * 5)
    scene.work()  # what came in while another pump ran
    told = at_once(*[lambda: owner.post(asked).json()["winners"]] * 5)

    assert (Draw.objects.count(), Broadcast.objects.count()) == (1, 2)
    assert len({str(winners) for winners in told}) == 1
    assert [place.verdict for place in Place.objects.order_by("rank")][:2] == ["winner", "winner"]
    assert Place.objects.filter(verdict="winner").count() == 2
    assert [len(scene.heard(person)) for person in people] == [1] * 5
    assert len(scene.control.posts(scene.channel)) == 2
    verbs = AuditEntry.objects.filter(verb__in=["finish", "close_draw", "settle_draw", "complete"])
    assert sorted(verbs.values_list("verb", flat=True)) == ["close_draw", "complete", "finish", "settle_draw"]


def test_nobody_publishes_twice(scene: Scene) -> None:
    giveaway = scene.draft()
    owner, path = client_of(scene.user), f"/api/giveaways/{giveaway.pk}/publish"
    answers = at_once(*[lambda: owner.post(path)] * 10, *[giveaway_tasks.post_waiting] * 10)
    giveaway_tasks.post_waiting()

    giveaway.refresh_from_db()
    [post] = scene.control.posts(scene.channel)
    assert post["message_id"] == giveaway.message_id
    assert giveaway.opening_sha256 in post["text"]
    assert Post.objects.filter(kind=Post.Kind.ANNOUNCEMENT).count() == 1
    assert {answer.status_code for answer in answers if answer is not None} <= {200, 202}
    assert AuditEntry.objects.filter(verb="publish").count() == 1


# --- early ------------------------------------------------------------------------------------------------
class Peeper:
    """Somebody who reads one door again and again until it tells the result; `look` answers (told it, its words)."""

    def __init__(self, look: Callable[[], tuple[bool, str]], ready: threading.Barrier) -> None:
        self.look = look
        self.ready = ready
        self.early: list[str] = []
        self.status = ""

    def __call__(self) -> None:
        for number in itertools.count():
            told, words = self.look()
            if told:
                self.status = Giveaway.objects.get().status
                return
            self.early.append(words)
            if number == 0:
                self.ready.wait(timeout=30)
            assert number < 3000


def doors(scene: Scene, giveaway: Giveaway, people: list[int]) -> Iterator[Callable[[], tuple[bool, str]]]:
    """Everything that tells a result, to anybody, to a participant and to the owner."""
    anybody, owner = APIClient(), client_of(scene.user)
    public = f"/draws/{giveaway.public_id}/"

    def by_token() -> tuple[bool, str]:
        words = anybody.get(f"/api/giveaways/by-token/{giveaway.result_token}").json()["giveaway"]
        return words["status"] == "finished", str(words)

    def page() -> tuple[bool, str]:
        words = anybody.get(public).content.decode()
        return anybody.get(f"{public}proof.json").status_code == 200, words

    def winner_status() -> tuple[bool, str]:
        words = owner.get(f"/api/participants/winner-status/{people[0]}/{giveaway.pk}").json()
        return words["is_winner"] is not None, ""

    def messages() -> tuple[bool, str]:
        pump()
        heard = scene.heard(people[1])
        return bool(heard), "".join(heard)

    def view_results() -> tuple[bool, str]:
        writes(scene, asking, f"/start result_{giveaway.result_token}")()
        words = scene.last(asking)
        return "still running" not in words, words

    asking = people[2]
    yield from (by_token, page, winner_status, messages, view_results)


def test_nobody_sees_a_result_early(scene: Scene) -> None:
    giveaway = scene.published(winner_count=3, winner_message="You won!", loser_message="Not this time.")
    people = scene.enrolled(giveaway, 6)
    life.finish(giveaway_id=giveaway.pk, by=OWNER)
    scene.control.fault("delay", method="getChatMember", ms=300, times=None)
    ready = threading.Barrier(6)
    peepers = [Peeper(look, ready) for look in doors(scene, giveaway, people)]

    def draw() -> None:
        ready.wait(timeout=30)
        tasks.draw_waiting()

    at_once(draw, *peepers)
    codes = Place.objects.filter(verdict="winner").values_list("entry__code", flat=True)
    assert len(codes) == 3
    for peeper in peepers:
        assert peeper.early
        assert peeper.status == Status.FINISHED
        early = "".join(peeper.early)
        assert not any(code in early for code in codes)
        assert not any(words in early for words in ("You won!", "Not this time."))


# --- for ever ---------------------------------------------------------------------------------------------
def guesses(scene: Scene, giveaway: Giveaway, person: int, first: int) -> list[Call]:
    """Twenty tries at one moment by every way there is, and asking for easier questions in between."""
    pages = [app(scene, person) for _ in range(14)]
    by_page = [
        lambda page=page, guess=guess: ask(page, "validate-captcha", giveaway, answer=str(guess))
        for guess, page in enumerate(pages[:8], start=first)
    ]
    anew = [lambda page=page: ask(page, "generate-captcha", giveaway, otherwise=True) for page in pages[8:]]
    by_bot = [writes(scene, person, str(guess)) for guess in range(first + 50, first + 56)]
    return [*by_page, *anew, *by_bot]


def test_nobody_guesses_a_captcha_for_ever(scene: Scene) -> None:
    giveaway, person = scene.published(), talked(scene)
    moment = timezone.now()
    for number, pause in enumerate(captcha.PAUSES_SECONDS[:4], start=1):
        with later(seconds=(moment - timezone.now()).total_seconds()):
            ask(app(scene, person), "register", giveaway)
            at_once(*guesses(scene, giveaway, person, first=1000 * number))
            row = Person.objects.get(telegram_id=person)
            assert row.captcha_failures == number * captcha.MOST_ATTEMPTS
            assert row.captcha_blocked_until is not None
            assert row.captcha_blocked_until - timezone.now() > timedelta(seconds=pause - 30)
            moment = row.captcha_blocked_until + timedelta(seconds=1)
            refused = ask(app(scene, person), "validate-captcha", giveaway, answer=known_answer(row))
            assert (refused.status_code, Entry.objects.count()) == (429, 0)


def known_answer(person: Person) -> str:
    """The right answer, which is of no use while the person has to wait."""
    asked = Captcha.objects.get(person=person)
    return right() if asked.kind == "sum" else next(iter(captcha.PICTURES))


# --- nobody at all ----------------------------------------------------------------------------------------
WAYS_IN: dict[str, dict[str, str]] = {
    "register": {}, "validate-captcha": {"answer": "7"}, "generate-captcha": {}, "verify-subscription": {},
}  # fmt: skip


def strangers(scene: Scene, other_scene: Scene, person: int) -> list[APIClient]:
    """Clients that say they are somebody, and cannot show that Telegram says so."""
    plain, owner, empty, nonsense = APIClient(), client_of(scene.user), APIClient(), APIClient()
    empty.credentials(HTTP_AUTHORIZATION="tma ")
    nonsense.credentials(HTTP_AUTHORIZATION="tma user=%7B%22id%22%3A1%7D&hash=" + "0" * 64)
    return [
        plain, owner, empty, nonsense,
        app(scene, person, hash="0" * 64),
        app(scene, person, user=f'{{"id":{person + 1},"first_name":"Eve"}}'),
        app(scene, person, auth_date="1"),
        app(other_scene, person),
    ]  # fmt: skip


@pytest.mark.usefixtures("quick")
def test_nobody_enters_without_a_telegram_identity(scene: Scene, other_scene: Scene) -> None:
    giveaway, ann = scene.published(), scene.subscriber()
    solved(ann)
    page, clients = app(scene, ann), strangers(scene, other_scene, ann)
    with running("webhook") as process:
        eventually(lambda: scene.bot.pk in process.serves)
        hook = f"{process.url}/telegram/{scene.bot.pk}"
        forged = update(ann + 2, f"/start giveaway_{giveaway.pk}", next(numbers))
        by_page = [
            lambda client=client, path=path, body=body: ask(client, path, giveaway, **body).status_code
            for client in clients
            for path, body in WAYS_IN.items()
        ]
        by_hook = [
            lambda secret=secret: httpx.post(hook, json=forged, headers=secret, timeout=20).status_code
            for secret in ({}, {"X-Telegram-Bot-Api-Secret-Token": "0" * 64})
        ]
        codes = at_once(*by_page, *by_hook, lambda: ask(page, "register", giveaway).status_code)
    assert codes.count(201) == 1
    assert set(codes) == {201, 401, 403}
    assert [entry.person.telegram_id for entry in Entry.objects.all()] == [ann]
    assert not Subscriber.objects.exclude(chat_id=ann).exists()
