"""Finishing: once, by its owner, at its promised time or with its last place; with nobody as well."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from broadcasts.models import Broadcast
from giveaways import tasks
from giveaways.errors import IllegalMove
from giveaways.models import NEXT, Giveaway, Status
from giveaways.services import life
from participants import tasks as draw_tasks
from participants.models import Draw, Entry, Place
from participants.steps import Closed, Joined
from tests.giveaways.rows import make_giveaway
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads

Api = Callable[[User | None], APIClient]


def finish(client: APIClient, giveaway: Giveaway, wait: int = 0) -> Any:
    return client.post(f"/api/giveaways/{giveaway.pk}/finish", HTTP_PREFER=f"wait={wait}")


def test_it_answers_202_while_it_goes_on_and_the_numbers_once_done(scene: Scene, api: Api) -> None:
    giveaway, client = scene.published(winner_count=2), api(scene.user)
    scene.enrolled(giveaway, 3, told=False)
    answer = finish(client, giveaway)
    assert (answer.status_code, answer.json()) == (202, {"status": "finishing"})
    scene.work()
    done = finish(client, giveaway)
    assert done.status_code == 200
    assert (
        done.json().items() >= {"status": "finished", "winners_selected": 2, "total_participants": 3}.items()
    )
    assert done.json()["finished_at"]


def test_twenty_callers_at_once_draw_once_and_send_once(scene: Scene, api: Api) -> None:
    giveaway = scene.published()
    people = scene.enrolled(giveaway, 3)

    def call() -> dict[str, Any]:
        finish(api(scene.user), giveaway)
        draw_tasks.draw_waiting()
        tasks.conclude_waiting()
        return dict(finish(api(scene.user), giveaway, wait=10).json())

    answers = in_threads(20, call)
    scene.work()
    assert answers == [answers[0]] * 20
    assert (Draw.objects.count(), Broadcast.objects.count()) == (1, 2)
    assert len(scene.control.posts(scene.channel)) == 2
    assert [len(scene.heard(person)) for person in people] == [1, 1, 1]
    assert AuditEntry.objects.filter(verb="finish").count() == 1


def test_nobody_took_part_and_it_finishes_all_the_same(scene: Scene, api: Api) -> None:
    giveaway = scene.finished(scene.published())
    conclusion = scene.control.posts(scene.channel)[-1]["text"]
    page = api(None).get(f"/draws/{giveaway.public_id}/").content.decode()
    assert (giveaway.status, giveaway.winners_selected) == (Status.FINISHED, 0)
    assert "Participants: 0\n🏆 Winners: 0" in conclusion
    assert "Nobody could win" in page


def test_a_finished_giveaway_frees_the_account(scene: Scene) -> None:
    scene.finished(scene.published())
    assert scene.published().status == Status.ACTIVE


@pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHING, Status.PUBLISH_FAILED, Status.CANCELLED])
def test_only_a_running_one_can_be_finished(owner: User, api: Api, status: Status) -> None:
    answer = finish(api(owner), make_giveaway(owner, status))
    assert (answer.status_code, answer.json()["code"]) == (409, "CANNOT_FINISH")
    assert Giveaway.objects.get().status == status


@pytest.mark.parametrize("body", ["{", "[1]", '{"winners": [1]}'])
def test_nobody_can_name_the_winners(owner: User, api: Api, body: str) -> None:
    path = f"/api/giveaways/{make_giveaway(owner, Status.ACTIVE).pk}/finish"
    assert api(owner).post(path, body, content_type="application/json").status_code == 400


def test_it_finishes_by_itself_at_its_end(scene: Scene) -> None:
    giveaway = scene.published(ends_at=timezone.now() + timedelta(hours=1))
    tasks.finish_due()
    assert Giveaway.objects.get().status == Status.ACTIVE
    with later(hours=2):
        assert in_threads(5, tasks.finish_due) == [None] * 5
        draw_tasks.draw_waiting()
    assert Giveaway.objects.get().status == Status.FINISHED
    assert AuditEntry.objects.get(verb="finish", object_id=giveaway.pk).actor_label == "system"


def test_only_what_runs_is_finished_at_its_end(owner: User) -> None:
    statuses = [Status.DRAFT, Status.CANCELLED]
    for status in statuses:
        make_giveaway(owner, status, ends_at=timezone.now() + timedelta(hours=1))
    with later(hours=2):
        assert life.finish_due() == 0
    assert set(Giveaway.objects.values_list("status", flat=True)) == set(statuses)


def test_the_last_place_closes_it_under_fifty_joiners(scene: Scene) -> None:
    giveaway = scene.published(max_participants=5)
    people = list(range(10**6, 10**6 + 50))
    answers = in_threads(50, lambda: scene.admit(giveaway, people.pop()))
    giveaway.refresh_from_db()
    assert sum(isinstance(answer, Joined) for answer in answers) == 5
    assert answers.count(Closed.OVER) == 45
    assert (Entry.objects.count(), giveaway.participant_count) == (5, 5)
    assert giveaway.status == Status.FINISHING


def test_joiners_racing_the_end_are_in_or_told_that_it_is_over(scene: Scene) -> None:
    giveaway = scene.published(winner_count=100)
    people = list(range(10**6, 10**6 + 20))
    roles = [lambda: scene.admit(giveaway, people.pop())] * 20
    roles.insert(7, lambda: life.finish(giveaway_id=giveaway.pk, by=OWNER))
    answers = in_threads(21, lambda: roles.pop()())
    draw_tasks.draw_waiting()
    giveaway.refresh_from_db()
    joined = sum(isinstance(answer, Joined) for answer in answers)
    assert joined + answers.count(Closed.OVER) == 20
    assert Draw.objects.get().entries == Entry.objects.count() == giveaway.participant_count == joined


def test_a_winner_count_beyond_the_participants_takes_them_all(scene: Scene) -> None:
    giveaway = scene.published(winner_count=100)
    scene.enrolled(giveaway, 3, told=False)
    assert scene.finished(giveaway).winners_selected == 3
    assert Place.objects.filter(verdict=Place.Verdict.WINNER).count() == 3


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_only_listed_moves_are_possible(before: Status, after: Status) -> None:
    giveaway = Giveaway(status=before)
    if after in NEXT[before]:
        giveaway.move_to(after)
        assert giveaway.status == after
    else:
        with pytest.raises(IllegalMove):
            giveaway.move_to(after)
