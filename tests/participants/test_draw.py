"""The draw: down the one ranking, past those who left, waiting for what is unknown; once, whoever works."""

import pytest

from accounts.models import AuditEntry
from broadcasts.models import Broadcast
from giveaways.models import Giveaway, Status
from giveaways.services import life
from participants import draw, tasks
from participants.models import Draw, Entry, Place
from participants.services import draws
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads


def closed(scene: Scene, entrants: int, **fields: object) -> Giveaway:
    """A giveaway with sealed entries whose draw nobody has begun to settle."""
    giveaway = scene.published(**fields)
    scene.enrolled(giveaway, entrants, told=False)
    life.finish(giveaway_id=giveaway.pk, by=OWNER)
    draws.close(giveaway_id=giveaway.pk)
    return giveaway


def ranking(giveaway: Giveaway) -> list[str]:
    """All codes in the order of the draw, computed from the published formula."""
    giveaway.refresh_from_db()
    seed = draws.seed_of(giveaway)
    key = draw.prk(seed=seed, randomness=bytes(32), open_sha256=giveaway.opening_sha256)
    codes = Entry.objects.filter(giveaway=giveaway).values_list("code", flat=True)
    return sorted(codes, key=lambda code: draw.score(key, code, 1))


def person_of(code: str) -> int:
    return Entry.objects.get(code=code).person.telegram_id


def places() -> list[tuple[str, str, str]]:
    looked_at = Place.objects.exclude(verdict="pending").order_by("rank")
    return list(looked_at.values_list("entry__code", "verdict", "reason"))


def standing() -> list[str]:
    return [code for code, verdict, _ in places() if verdict == "winner"]


def status_of(giveaway: Giveaway) -> str:
    return Giveaway.objects.get(pk=giveaway.pk).status


def test_places_go_down_the_ranking(scene: Scene) -> None:
    giveaway = closed(scene, 6, winner_count=3)
    tasks.draw_waiting()
    assert standing() == ranking(giveaway)[:3]
    assert status_of(giveaway) == Status.FINISHED


def test_who_left_the_channel_is_skipped_and_the_next_moves_up(scene: Scene) -> None:
    giveaway = closed(scene, 5, winner_count=2)
    first, second, third, *_ = ranking(giveaway)
    scene.control.leave(scene.channel, person_of(first))
    tasks.draw_waiting()
    assert places() == [(first, "skipped", "not_subscribed"), (second, "winner", ""), (third, "winner", "")]


def test_who_left_a_place_below_the_winners_is_not_asked_about(scene: Scene) -> None:
    giveaway = closed(scene, 5, winner_count=2)
    scene.control.leave(scene.channel, person_of(ranking(giveaway)[2]))
    tasks.draw_waiting()
    assert (len(places()), len(standing())) == (2, 2)


def test_with_fewer_eligible_than_winners_all_of_them_win(scene: Scene) -> None:
    giveaway = closed(scene, 4, winner_count=3)
    codes = ranking(giveaway)
    for code in codes[:3]:
        scene.control.leave(scene.channel, person_of(code))
    tasks.draw_waiting()
    assert standing() == codes[3:]
    assert Giveaway.objects.get().winners_selected == 1


def test_with_nobody_eligible_it_finishes_without_winners(scene: Scene) -> None:
    giveaway = closed(scene, 3)
    for code in ranking(giveaway):
        scene.control.leave(scene.channel, person_of(code))
    tasks.draw_waiting()
    assert (status_of(giveaway), standing(), len(places())) == (Status.FINISHED, [], 3)


def test_the_ranking_goes_on_beyond_the_first_look(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draws, "LOOK_AHEAD", 1)
    giveaway = closed(scene, 8, winner_count=2)
    codes = ranking(giveaway)
    for code in codes[:6]:
        scene.control.leave(scene.channel, person_of(code))
    tasks.draw_waiting()
    assert standing() == codes[6:]
    assert list(Place.objects.values_list("rank", flat=True)) == list(range(1, 9))


@pytest.mark.parametrize(
    "fault", [{"code": 500}, {"code": 429, "retry_after": 30}, {"kind": "html_502"}], ids=str
)
def test_unknown_waits_and_skips_nobody(scene: Scene, fault: dict[str, object]) -> None:
    giveaway = closed(scene, 3)
    first = ranking(giveaway)[0]
    about = {"kind": "error", "method": "getChatMember", "match": str(person_of(first)), **fault}
    scene.control.fault(**about)  # type: ignore[arg-type]
    tasks.draw_waiting()
    assert (status_of(giveaway), places()) == (Status.FINISHING, [])
    with later(seconds=draws.RETRY.total_seconds() + 1):
        tasks.draw_waiting()
    assert (status_of(giveaway), standing()) == (Status.FINISHED, [first])


def test_after_a_day_of_silence_the_unknown_stands(scene: Scene) -> None:
    giveaway = closed(scene, 3)
    scene.control.fault("error", method="getChatMember", times=None)
    for hours in (0, 1, 23):
        with later(hours=hours):
            tasks.draw_waiting()
    assert status_of(giveaway) == Status.FINISHING
    with later(hours=25):
        tasks.draw_waiting()
    assert (status_of(giveaway), standing()) == (Status.FINISHED, ranking(giveaway)[:1])


def test_a_channel_required_besides_counts_at_the_draw(scene: Scene) -> None:
    about = {"title": "Sport", "owner_id": scene.author, "username": f"sport{scene.bot_id}"}
    second = int(scene.control.ask("POST", "/channels", **about)["id"])
    scene.control.ask("PUT", f"/channels/{second}/administrators/{scene.bot_id}")
    scene.bind(second)
    giveaway = closed(scene, 2, channel_id=scene.channel, required_channels=[second])
    last = ranking(giveaway)[-1]
    scene.control.subscribe(second, person_of(last))
    tasks.draw_waiting()
    assert standing() == [last]


def test_twenty_workers_settle_once(scene: Scene) -> None:
    giveaway = closed(scene, 10, winner_count=4)
    assert in_threads(20, tasks.draw_waiting) == [None] * 20
    assert standing() == ranking(giveaway)[:4]
    assert (Draw.objects.count(), Broadcast.objects.count()) == (1, 2)
    assert AuditEntry.objects.filter(verb="settle_draw").count() == 1


def test_workers_who_lost_their_lease_and_go_on_change_nothing(scene: Scene) -> None:
    giveaway = closed(scene, 10, winner_count=4)
    scene.control.leave(scene.channel, person_of(ranking(giveaway)[0]))
    row = Draw.objects.select_related("giveaway__binding__bot", "giveaway__binding__channel").get()
    assert in_threads(8, lambda: tasks.go_down(row)) == [True] * 8
    assert standing() == ranking(giveaway)[1:5]
    assert (Broadcast.objects.count(), AuditEntry.objects.filter(verb="complete").count()) == (2, 1)


@pytest.mark.parametrize("subscribed", [True, False, None])
def test_a_place_that_cannot_win_any_more_is_not_judged(scene: Scene, subscribed: bool | None) -> None:
    closed(scene, 5, winner_count=2)
    row = draws.claim_draw()
    assert row
    for place in draws.candidates(row):
        draws.judge(place_id=place.pk, subscribed=True)
    late = Place.objects.get(rank=3)
    assert draws.judge(place_id=late.pk, subscribed=subscribed) is False
    assert (len(places()), len(standing())) == (2, 2)


def test_a_draw_whose_places_are_not_judged_is_not_settled(scene: Scene) -> None:
    giveaway = closed(scene, 3)
    draws.settle(draw_id=Draw.objects.get().pk)
    assert (status_of(giveaway), Broadcast.objects.count()) == (Status.FINISHING, 0)


def test_sealing_at_once_makes_one_draw(scene: Scene) -> None:
    giveaway = scene.published()
    scene.enrolled(giveaway, 3, told=False)
    life.finish(giveaway_id=giveaway.pk, by=OWNER)
    rows = in_threads(10, lambda: draws.close(giveaway_id=giveaway.pk).pk)
    assert rows == [Draw.objects.get().pk] * 10
    assert AuditEntry.objects.filter(verb="close_draw").count() == 1


@pytest.mark.parametrize("died_after", ["closing", "claiming", "ranking", "one verdict", "all verdicts"])
def test_a_worker_that_died_in_the_middle_is_followed_to_the_same_result(
    scene: Scene, died_after: str
) -> None:
    giveaway = closed(scene, 6, winner_count=3)
    expected = ranking(giveaway)[:3]
    die_after(died_after)
    with later(seconds=draws.LEASE.total_seconds() + 1):
        tasks.draw_waiting()
    assert (status_of(giveaway), standing()) == (Status.FINISHED, expected)
    assert Broadcast.objects.count() == 2


def die_after(step: str) -> None:
    """Does what a worker does, up to this step, and no more."""
    verdicts = {"one verdict": 1, "all verdicts": 3}.get(step, 0)
    row = None if step == "closing" else draws.claim_draw()
    if row and step != "claiming":
        for place in draws.candidates(row)[:verdicts]:
            draws.judge(place_id=place.pk, subscribed=True)


def test_a_held_draw_is_left_to_its_worker(scene: Scene) -> None:
    giveaway = closed(scene, 3)
    assert draws.claim_draw()
    tasks.draw_waiting()
    assert (status_of(giveaway), places()) == (Status.FINISHING, [])


def test_a_verdict_stands_for_ever(scene: Scene) -> None:
    giveaway = closed(scene, 3)
    tasks.draw_waiting()
    [winner] = standing()
    draws.judge(place_id=Place.objects.get(entry__code=winner).pk, subscribed=False)
    scene.control.leave(scene.channel, person_of(winner))
    life.finish(giveaway_id=giveaway.pk, by=OWNER)
    tasks.draw_waiting()
    assert standing() == [winner]


def test_the_trail_tells_the_whole_draw(scene: Scene) -> None:
    giveaway = closed(scene, 3)
    tasks.draw_waiting()
    trail = AuditEntry.objects.filter(object_type="giveaway", object_id=giveaway.pk)
    told = dict(trail.values_list("verb", "after"))
    assert told["close_draw"]["entries"] == 3
    assert told["settle_draw"]["winners"] == ranking(giveaway)[:1]
    assert told["complete"] == {"status": "finished", "participants": 3, "winners_selected": 1}
