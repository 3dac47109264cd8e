"""The way in for a Mini App: only whom Telegram vouches for, by the same steps as in the bot."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from bots.models import Subscriber
from giveaways.models import Giveaway, Status
from participants.models import Entry, Person
from tests.participants.visitors import app, ask, right
from tests.scene import Scene, later
from tests.threads import in_threads


@pytest.fixture
def giveaway(scene: Scene) -> Giveaway:
    return scene.published()


def test_a_person_goes_all_the_way_in(scene: Scene, giveaway: Giveaway) -> None:
    person = scene.subscriber()
    page = app(scene, person)
    asked = ask(page, "register", giveaway)
    assert (asked.status_code, asked.json()["status"], asked.json()["attempts_left"]) == (200, "captcha", 3)
    assert ask(page, "validate-captcha", giveaway, answer="999").json()["wrong"] is True
    entered = ask(page, "validate-captcha", giveaway, answer=right())
    assert entered.status_code == 201
    assert entered.json()["code"] == Entry.objects.get().code
    assert {"nonce", "receipt", "start_link"} <= entered.json().keys()
    again = ask(page, "register", giveaway)
    assert (again.status_code, again.json()["code"]) == (409, "ALREADY_PARTICIPATED")
    assert entered.json()["code"] in again.json()["message"]


def test_who_never_started_the_bot_is_not_taken_for_somebody_it_may_write_to(
    scene: Scene, giveaway: Giveaway
) -> None:
    ask(app(scene, scene.subscriber()), "register", giveaway)
    assert not Subscriber.objects.exists()
    started = scene.subscriber("Bob")
    scene.control.start(started, scene.bot_id)
    ask(app(scene, started), "register", giveaway)
    assert Subscriber.objects.get().chat_id == started


@pytest.mark.parametrize(
    "forged", [{"hash": "0" * 64}, {"user": '{"id":1,"first_name":"Eve"}'}, {"start_param": "more"}]
)
def test_nobody_enters_as_somebody_else(scene: Scene, giveaway: Giveaway, forged: dict[str, str]) -> None:
    refused = ask(app(scene, scene.subscriber(), **forged), "register", giveaway)
    assert (refused.status_code, refused.json()["code"]) == (401, "NOT_AUTHENTICATED")
    assert not Person.objects.exists()


def test_what_another_bot_signed_is_worth_nothing_here(
    scene: Scene, other_scene: Scene, giveaway: Giveaway
) -> None:
    assert ask(app(other_scene, scene.subscriber()), "register", giveaway).status_code == 401


def test_a_page_that_was_open_for_too_long_says_so(scene: Scene, giveaway: Giveaway) -> None:
    page = app(scene, scene.subscriber())
    with later(hours=2):
        refused = ask(page, "register", giveaway)
    assert (refused.status_code, refused.json()["code"]) == (401, "INIT_DATA_EXPIRED")


@pytest.mark.parametrize(
    "data", ["", "x", "user={}", "user=[]&hash=1&auth_date=1", "auth_date=99999999999999999999", "user=%7B"]
)
def test_nonsense_is_nobody(scene: Scene, giveaway: Giveaway, data: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"tma {data}")
    assert ask(client, "register", giveaway).status_code == 401


def test_a_login_of_an_owner_enters_nobody(scene: Scene, giveaway: Giveaway, api: Any) -> None:
    assert ask(api(scene.user), "register", giveaway).status_code == 401


def test_who_is_not_subscribed_hears_where_to_and_may_check_again(scene: Scene, giveaway: Giveaway) -> None:
    person = scene.control.person()
    page = app(scene, person)
    ask(page, "register", giveaway)
    unmet = ask(page, "validate-captcha", giveaway, answer=right())
    assert (unmet.status_code, "press Start" in unmet.json()["message"]) == (503, True)
    scene.control.start(person, scene.bot_id)
    refused = ask(page, "register", giveaway)
    assert (refused.status_code, refused.json()["code"]) == (403, "USER_NOT_SUBSCRIBED")
    assert "News" in refused.json()["message"]
    told = ask(page, "verify-subscription", giveaway).json()
    assert (told["subscribed"], told["missing"][0]["telegram_id"]) == (False, scene.channel)
    scene.control.subscribe(scene.channel, person)
    assert ask(page, "verify-subscription", giveaway).json() == {"subscribed": True, "missing": []}
    assert ask(page, "register", giveaway).status_code == 201


def test_silence_of_telegram_refuses_nobody_for_good(scene: Scene, giveaway: Giveaway) -> None:
    page = app(scene, scene.subscriber())
    ask(page, "register", giveaway)
    scene.control.fault("error", method="getChatMember", code=500, description="Internal Server Error")
    unknown = ask(page, "validate-captcha", giveaway, answer=right())
    assert (unknown.status_code, unknown.json()["code"]) == (503, "SUBSCRIPTION_UNKNOWN")
    assert ask(page, "register", giveaway).status_code == 201


def test_the_same_wrong_answer_sent_again_costs_one_attempt(scene: Scene, giveaway: Giveaway) -> None:
    page = app(scene, scene.subscriber())
    ask(page, "register", giveaway)
    left = {ask(page, "validate-captcha", giveaway, answer="999").json()["attempts_left"] for _ in range(4)}
    assert left == {2}


def test_guessing_ends_in_a_pause_that_names_its_end(scene: Scene, giveaway: Giveaway) -> None:
    page = app(scene, scene.subscriber())
    ask(page, "register", giveaway)
    answers = [ask(page, "validate-captcha", giveaway, answer=guess) for guess in ("97", "98", "99")]
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "CAPTCHA_ATTEMPTS_EXCEEDED")
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert ask(page, "generate-captcha", giveaway).status_code == 429


def test_a_solved_captcha_is_not_asked_again(scene: Scene, giveaway: Giveaway) -> None:
    page = app(scene, scene.subscriber())
    ask(page, "register", giveaway)
    ask(page, "validate-captcha", giveaway, answer=right())
    assert ask(page, "generate-captcha", giveaway).json()["status"] == "passed"
    expired = ask(page, "validate-captcha", giveaway, answer="5")
    assert (expired.status_code, expired.json()["code"]) == (409, "CAPTCHA_EXPIRED")


def test_many_requests_at_once_make_one_entry(scene: Scene, giveaway: Giveaway) -> None:
    person = scene.subscriber()
    ask(app(scene, person), "register", giveaway)
    ask(app(scene, person), "validate-captcha", giveaway, answer=right())
    Entry.objects.all().delete()
    pages = [app(scene, person) for _ in range(8)]
    codes = in_threads(8, lambda: ask(pages.pop(), "register", giveaway).status_code)
    assert sorted(codes) == [201, *[409] * 7]
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "code"), [(Status.FINISHING, "GIVEAWAY_NOT_ACTIVE"), (Status.DRAFT, "GIVEAWAY_NOT_FOUND")]
)
def test_a_giveaway_that_does_not_run_says_so(
    scene: Scene, giveaway: Giveaway, status: str, code: str
) -> None:
    Giveaway.objects.filter(pk=giveaway.pk).update(status=status, finish_requested_at="2026-01-01T00:00Z")
    assert ask(app(scene, scene.subscriber()), "register", giveaway).json()["code"] == code


@pytest.mark.parametrize(
    "body", [{}, {"giveaway_id": "1"}, {"giveaway_id": True}, {"giveaway_id": 1, "x": 2}]
)
def test_a_wrong_body_names_its_field(scene: Scene, body: dict[str, Any]) -> None:
    refused = app(scene, scene.subscriber()).post("/api/participants/register", body)
    assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_ERROR")


def test_the_words_are_in_the_persons_language(scene: Scene, giveaway: Giveaway) -> None:
    page = app(scene, scene.subscriber("Анна", language_code="ru"))
    said = ask(page, "register", giveaway).json()["message"]
    assert "вы человек?" in said
    assert "<b>" not in said


def test_the_mini_app_is_framed_by_telegram_alone(db: None) -> None:
    page = APIClient().get("/join/")
    assert page.status_code == 200
    assert "X-Frame-Options" not in page.headers
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors https://web.telegram.org" in policy
    assert "default-src 'self'" in policy
