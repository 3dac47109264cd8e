"""Writing to a giveaway's people: everybody, the winners, the rest; and what became of the results."""

from typing import Any

import pytest

from accounts.models import User
from broadcasts.models import Broadcast, Recipient
from participants.models import Draw
from tests.conftest import client_of
from tests.scene import Scene

CONTENT = {"type": "text", "text": "Thank you for coming"}


def audience_of(task_id: str) -> set[int]:
    rows = Recipient.objects.filter(broadcast__public_id=task_id)
    return set(rows.values_list("chat_id", flat=True))


def mail(user: User, giveaway_id: int, **body: Any) -> Any:
    return client_of(user).post(f"/api/participants/broadcast/{giveaway_id}", {"content": CONTENT, **body})


def test_everybody_who_entered_is_written_to_while_it_runs(scene: Scene, owner: User, stranger: User) -> None:
    giveaway = scene.published()
    people = scene.enrolled(giveaway, 3)
    answer = mail(owner, giveaway.pk, who="participants", priority="low")
    assert answer.status_code == 201
    assert audience_of(answer.json()["task_id"]) == set(people)
    made = Broadcast.objects.get()
    assert (made.bot, made.priority, made.audience["giveaway"]) == (giveaway.binding.bot, "low", giveaway.pk)
    for who in ("winners", "rest"):
        refused = mail(owner, giveaway.pk, who=who)
        assert (refused.status_code, refused.json()["code"]) == (409, "NOT_DRAWN_YET")
    assert mail(owner, giveaway.pk, who="friends").status_code == 400
    assert mail(stranger, giveaway.pk, who="participants").status_code == 404
    assert mail(owner, 10**9, who="participants").status_code == 404


def test_winners_and_the_rest_are_apart_once_it_is_drawn(scene: Scene, owner: User) -> None:
    giveaway = scene.published(winner_count=2)
    people = set(scene.enrolled(giveaway, 5))
    scene.finished(giveaway)
    winners, rest = (
        audience_of(mail(owner, giveaway.pk, who=who).json()["task_id"]) for who in ("winners", "rest")
    )
    assert (len(winners), winners | rest, winners & rest) == (2, people, set())
    draw = Draw.objects.get()
    assert winners == audience_of(str(draw.winners_broadcast.public_id))
    told = client_of(owner).get(f"/api/participants/broadcast/{giveaway.pk}/audience?who=rest").json()
    assert told == {"received": 3, "duplicates": 0, "recipients": 3, "unreachable": 0}


def test_results_go_in_the_top_lane_and_their_fate_is_told(scene: Scene, owner: User) -> None:
    giveaway = scene.published(winner_count=1)
    scene.enrolled(giveaway, 2)
    scene.enrolled(giveaway, 1, told=False)  # never started the bot: it may not write to them
    scene.finished(giveaway)
    draw = Draw.objects.get()
    assert draw.winners_broadcast.priority == "high"
    assert {draw.winners_broadcast.uncertain_policy, draw.rest_broadcast.uncertain_policy} == {"resend_once"}
    stats = client_of(owner).get(f"/api/giveaways/{giveaway.pk}/stats").json()["stats"]
    found = {name: stats[f"messages_{name}"] for name in ("total", "delivered", "unreachable", "uncertain")}
    assert found == {"total": 3, "delivered": 2, "unreachable": 1, "uncertain": 0}


@pytest.mark.parametrize("path", ["", "/audience"])
def test_nobody_may(db: None, path: str) -> None:
    client = client_of(None)
    method = client.get if path else client.post
    assert method(f"/api/participants/broadcast/1{path}").status_code == 401
