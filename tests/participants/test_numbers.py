"""Numbers over HTTP: lists, counts, statistics, histories. Each comes from rows; a stranger sees none."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from giveaways.models import Giveaway, Status
from participants.models import Entry, Person, Place
from participants.services import enter
from tests.giveaways.rows import make_giveaway
from tests.scene import Scene

Api = Callable[[User | None], APIClient]
OF_A_GIVEAWAY = ["list/{id}", "count/{id}", "stats/{id}", "winner-status/1/{id}"]
OF_A_PERSON = ["history/1", "captcha-status/1"]


def entered(giveaway: Giveaway, *people: int) -> None:
    for telegram_id in people:
        values = {"first_name": f"P{telegram_id}", "captcha_passed_at": timezone.now()}
        person, _ = Person.objects.get_or_create(telegram_id=telegram_id, defaults=values)
        enter.join(giveaway_id=giveaway.pk, person_id=person.pk)


def get(client: APIClient, path: str) -> Any:
    return client.get(f"/api/participants/{path}")


@pytest.fixture
def running(owner: User) -> Giveaway:
    """A giveaway with persons 1, 2 and 3 in it."""
    giveaway = make_giveaway(owner, Status.ACTIVE, winner_count=2)
    entered(giveaway, 1, 2, 3)
    return giveaway


def test_the_list_shows_who_came_in_their_order(owner: User, api: Api, running: Giveaway) -> None:
    shown = get(api(owner), f"list/{running.pk}").json()
    assert (shown["count"], [row["user_id"] for row in shown["results"]]) == (3, [1, 2, 3])
    assert set(shown["results"][0]) == {"user_id", "first_name", "username", "code", "weight", "joined_at"}


def test_the_list_comes_in_pages(owner: User, api: Api, running: Giveaway) -> None:
    client = api(owner)
    first = get(client, f"list/{running.pk}?page_size=2").json()
    assert [row["user_id"] for row in first["results"]] == [1, 2]
    assert [row["user_id"] for row in client.get(first["next"]).json()["results"]] == [3]


@pytest.mark.parametrize(
    "query",
    ["page=-1", "page=0", "page=x", "page=99", "page_size=0", "page_size=-1", "page_size=101", "page=1.5"],
)
@pytest.mark.parametrize("path", ["list/{id}", "history/1"])
def test_a_page_that_makes_no_sense_is_400(
    owner: User, api: Api, running: Giveaway, path: str, query: str
) -> None:
    answer = get(api(owner), f"{path.format(id=running.pk)}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.split("=")[0]])


def test_the_count_is_of_entries(owner: User, api: Api, running: Giveaway) -> None:
    assert get(api(owner), f"count/{running.pk}").json() == {"giveaway_id": running.pk, "count": 3}


def test_before_the_draw_nobody_has_won_or_lost(owner: User, api: Api, running: Giveaway) -> None:
    told = get(api(owner), f"winner-status/1/{running.pk}").json()
    assert (told["participated"], told["is_winner"]) == (True, None)
    assert told["code"] == Entry.objects.get(person__telegram_id=1).code


def test_who_is_not_in_did_not_take_part(owner: User, api: Api, running: Giveaway) -> None:
    told = get(api(owner), f"winner-status/99/{running.pk}").json()
    assert told == {
        "participated": False, "is_winner": None, "code": "", "joined_at": None,
        "rank": None, "skip_reason": "", "claim_until": None, "claimed_at": None,
    }  # fmt: skip


def test_captcha_status_tells_whether_and_when(owner: User, api: Api, running: Giveaway) -> None:
    told = get(api(owner), "captcha-status/1").json()
    assert (told["user_id"], told["captcha_completed"]) == (1, True)
    assert told["completed_at"]


def test_a_person_who_entered_nothing_of_the_callers_is_not_there(
    owner: User, stranger: User, api: Api, running: Giveaway
) -> None:
    for path in ("history/99", "captcha-status/99"):
        answer = get(api(owner), path)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_PARTICIPATING")
    assert [get(api(stranger), path).status_code for path in OF_A_PERSON] == [404, 404]


def test_history_counts_entries_and_wins_of_the_callers_giveaways(
    scene: Scene, other_scene: Scene, api: Api
) -> None:
    person = scene.control.person()
    for stage, rounds in [(scene, 3), (other_scene, 1)]:
        for _ in range(rounds):
            giveaway = stage.published()
            stage.enrolled(giveaway, 1, told=False)
            stage.control.subscribe(stage.channel, person)
            stage.admit(giveaway, person)
            stage.finished(giveaway)
    told = get(api(scene.user), f"history/{person}").json()
    wins = Place.objects.filter(verdict="winner", entry__person__telegram_id=person)
    assert (told["total_participations"], told["count"]) == (3, 3)
    assert told["total_wins"] == wins.filter(draw__giveaway__account=scene.user.account).count()
    assert get(api(other_scene.user), f"history/{person}").json()["total_participations"] == 1


def test_history_tells_each_result(scene: Scene, api: Api) -> None:
    giveaway = scene.published(winner_count=1)
    people = scene.enrolled(giveaway, 2, told=False)
    scene.finished(giveaway)
    scene.admit(scene.published(), people[0])
    told = {person: get(api(scene.user), f"history/{person}").json() for person in people}
    assert sum(told[person]["total_wins"] for person in people) == 1
    assert told[people[0]]["results"][0]["is_winner"] is None
    assert {told[person]["results"][-1]["is_winner"] for person in people} == {True, False}


def test_stats_are_counted_from_rows(scene: Scene, api: Api) -> None:
    giveaway = scene.published(winner_count=2)
    blocker, *_others = scene.enrolled(giveaway, 4)
    scene.control.block(blocker, scene.bot_id)
    scene.finished(giveaway)
    expected = {
        "total_participants": 4, "captcha_completed_participants": 4, "winner_count": 2, "winners_selected": 2,
        "messages_total": 4, "messages_delivered": 3, "messages_failed": 1, "messages_unreachable": 1,
        "messages_pending": 0, "messages_uncertain": 0, "draw_status": "settled", "waiting_for": "",
        "beacon_round": None, "round_due_at": None, "winners_claimed": 0, "winners_replaced": 0,
    }  # fmt: skip
    for path in (f"/api/participants/stats/{giveaway.pk}", f"/api/giveaways/{giveaway.pk}/stats"):
        assert api(scene.user).get(path).json() == {"stats": expected}
    assert len(scene.control.accepted(scene.bot_id)) == 2 + 3  # two posts, three results


def test_stats_before_the_draw_promise_nothing(owner: User, api: Api, running: Giveaway) -> None:
    told = get(api(owner), f"stats/{running.pk}").json()["stats"]
    assert (told["total_participants"], told["winner_count"], told["winners_selected"]) == (3, 2, 0)
    assert told["messages_total"] == 0


def test_select_winners_is_the_one_draw_however_often(scene: Scene, api: Api) -> None:
    giveaway, client = scene.published(winner_count=2), api(scene.user)
    scene.enrolled(giveaway, 4, told=False)
    path = f"/api/participants/select-winners/{giveaway.pk}"
    first = client.post(path)
    assert (first.status_code, first.json()) == (
        202,
        {"status": "finishing", "total_participants": 4, "winners": []},
    )
    scene.work()
    answers = [client.post(path).json() for _ in range(3)]
    assert answers == [answers[0]] * 3
    assert [winner["rank"] for winner in answers[0]["winners"]] == [1, 2]
    codes = Place.objects.filter(verdict="winner").values_list("entry__code", flat=True)
    assert [winner["code"] for winner in answers[0]["winners"]] == list(codes)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHING, Status.CANCELLED])
def test_winners_are_selected_of_a_running_giveaway_only(owner: User, api: Api, status: Status) -> None:
    giveaway = make_giveaway(owner, status)
    answer = api(owner).post(f"/api/participants/select-winners/{giveaway.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "CANNOT_FINISH")


@pytest.mark.parametrize("path", OF_A_GIVEAWAY)
def test_a_stranger_gets_404(stranger: User, api: Api, running: Giveaway, path: str) -> None:
    answer = get(api(stranger), path.format(id=running.pk))
    assert (answer.status_code, answer.json()["code"]) == (404, "GIVEAWAY_NOT_FOUND")


def test_a_stranger_draws_nothing(stranger: User, api: Api, running: Giveaway) -> None:
    assert api(stranger).post(f"/api/participants/select-winners/{running.pk}").status_code == 404
    assert Giveaway.objects.get().status == Status.ACTIVE


@pytest.mark.parametrize("path", OF_A_GIVEAWAY + OF_A_PERSON)
def test_nobody_gets_401(api: Api, running: Giveaway, path: str) -> None:
    assert get(api(None), path.format(id=running.pk)).status_code == 401


def test_staff_see_everything(staff: User, api: Api, running: Giveaway) -> None:
    client = api(staff)
    paths = [path.format(id=running.pk) for path in OF_A_GIVEAWAY + OF_A_PERSON]
    assert {get(client, path).status_code for path in paths} == {200}


@pytest.mark.parametrize("number", ["0", "999999999999999999", "9" * 19, "-1", "x", "1.5", "%00"])
def test_a_number_that_is_none_is_404_and_no_error(owner: User, api: Api, number: str) -> None:
    paths = [f"list/{number}", f"count/{number}", f"history/{number}", f"winner-status/{number}/{number}"]
    assert {get(api(owner), path).status_code for path in paths} == {404}


@pytest.mark.parametrize("path", ["list/{id}", "stats/{id}", "count/{id}"])
def test_the_number_of_queries_does_not_grow_with_the_rows(owner: User, api: Api, path: str) -> None:
    giveaway, client = make_giveaway(owner, Status.ACTIVE), api(owner)
    counted = []
    for people in (range(1, 11), range(11, 101)):
        entered(giveaway, *people)
        with CaptureQueriesContext(connection) as queries:
            assert get(client, f"{path.format(id=giveaway.pk)}?page_size=100").status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]
