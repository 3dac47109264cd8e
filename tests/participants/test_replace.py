"""One ranking for ever: a winner who is replaced leaves a public row with the reason, and the next moves up, once."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from broadcasts.models import Broadcast
from broadcasts.tasks import pump
from giveaways.models import Giveaway, Post
from giveaways.tasks import conclude_waiting
from participants import tasks
from participants.models import Draw, Entry, Place, Skip
from participants.services import draws, places
from tests.participants.test_draw import person_of, ranking, standing
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads

Api = Callable[[User | None], APIClient]
REPLACE = "/api/participants/replace-winner"
WON, LOST = "You won tea!", "Alas, not you."


def finished(scene: Scene, entrants: int = 5, **fields: Any) -> Giveaway:
    values = {"winner_count": 2, "winner_message": WON, "loser_message": LOST, **fields}
    giveaway = scene.published(**values)
    scene.enrolled(giveaway, entrants)
    return scene.finished(giveaway)


def replace(giveaway: Giveaway, code: str, reason: str = "declined", **about: Any) -> Skip:
    about = {"by": OWNER, **about}
    return places.replace(giveaway_id=giveaway.pk, telegram_id=person_of(code), reason=reason, **about)


def after_that(scene: Scene) -> None:
    tasks.promote_waiting()
    conclude_waiting()
    pump()


def test_the_next_of_the_ranking_moves_up_and_is_told(scene: Scene) -> None:
    giveaway = finished(scene)
    first, second, third, *_ = ranking(giveaway)
    replace(giveaway, first)
    after_that(scene)
    assert standing() == [second, third]
    assert [WON in said for said in scene.heard(person_of(third))] == [False, True]
    assert Broadcast.objects.filter(dedup_scope=f"giveaway-promoted:{giveaway.pk}:{third}").count() == 1


def test_the_conclusion_says_that_winners_were_replaced(scene: Scene) -> None:
    giveaway = finished(scene)
    for _ in range(2):
        replace(giveaway, standing()[0])
        after_that(scene)
    giveaway.refresh_from_db()
    [post] = [post for post in scene.control.posts(scene.channel) if "Check the draw" in post["text"]]
    assert post["message_id"] == giveaway.conclusion_message_id
    assert post["text"].endswith("Winners replaced since, each with its reason: 2")
    assert post["reply_markup"]["inline_keyboard"][0][0]["text"] == "🏆 VIEW RESULTS"
    assert (giveaway.winners_selected, giveaway.replaced_winners) == (2, 2)


def test_who_lost_the_place_reads_why(scene: Scene) -> None:
    giveaway = finished(scene)
    person = person_of(standing()[0])
    replace(giveaway, standing()[0], "ineligible", note="Works here")
    scene.control.start(person, scene.bot_id, f"result_{giveaway.result_token}")
    scene.take_updates()
    assert "the place went to the next one: ineligible" in scene.last(person)


def test_whoever_left_meanwhile_does_not_move_up(scene: Scene) -> None:
    giveaway = finished(scene)
    codes = ranking(giveaway)
    scene.control.leave(scene.channel, person_of(codes[2]))
    replace(giveaway, codes[0])
    after_that(scene)
    assert standing() == [codes[1], codes[3]]
    assert list(Skip.objects.values_list("number", "reason")) == [(1, "declined"), (2, "not_subscribed")]


def test_with_nobody_left_the_place_stays_empty(scene: Scene) -> None:
    giveaway = finished(scene, entrants=2)
    replace(giveaway, ranking(giveaway)[0])
    after_that(scene)
    giveaway.refresh_from_db()
    assert (len(standing()), giveaway.winners_selected) == (1, 1)
    assert Draw.objects.get().promoting_at is None


def test_the_rows_are_bound_to_each_other_and_to_the_closing(scene: Scene) -> None:
    giveaway = finished(scene)
    for reason in ("declined", "ineligible", "declined"):
        replace(giveaway, standing()[0], reason, note="One\nline  only\t")
        after_that(scene)
    previous = Draw.objects.get().closing_sha256
    for number, skip in enumerate(Skip.objects.order_by("number"), start=1):
        lines = dict(line.split("=", 1) for line in skip.record.splitlines())
        assert list(lines) == [
            "skip", "giveaway", "number", "rank", "code", "reason", "evidence_at", "note", "previous",
        ]  # fmt: skip
        assert (lines["number"], lines["previous"], lines["note"]) == (str(number), previous, "One line only")
        previous = hashlib.sha256(skip.record.encode()).hexdigest()
        assert skip.sha256 == previous


def test_a_proof_is_never_half_of_a_change(scene: Scene) -> None:
    giveaway = finished(scene)
    codes = ranking(giveaway)
    before = draws.proof_of(Draw.objects.select_related("giveaway").get())
    replace(giveaway, codes[0])
    assert draws.proof_of(Draw.objects.select_related("giveaway").get()) == before
    after_that(scene)
    after = draws.proof_of(Draw.objects.select_related("giveaway").get())
    assert after["skipped"] == {codes[0]: "declined"}
    assert (len(after["skips"]), after["winners"]) == (1, codes[1:3])


def test_unreachable_has_to_be_true(scene: Scene, owner: User, api: Api) -> None:
    giveaway = finished(scene)
    first, second, *_ = ranking(giveaway)
    answer = post(api(owner), giveaway, person_of(first), "unreachable")
    assert (answer.status_code, answer.json()["code"]) == (409, "NO_EVIDENCE")
    assert standing() == [first, second]


def test_a_winner_who_blocked_the_bot_is_unreachable(scene: Scene) -> None:
    giveaway = scene.published(winner_count=2)
    scene.enrolled(giveaway, 4)
    for code in Entry.objects.values_list("code", flat=True):
        scene.control.block(person_of(code), scene.bot_id)
    giveaway = scene.finished(giveaway)
    skip = replace(giveaway, standing()[0], "unreachable")
    assert skip.reason == "unreachable"
    assert skip.evidence_at < Draw.objects.get().promoting_at  # type: ignore[operator]


# Once ---------------------------------------------------------------------------------------------
def test_twenty_callers_replace_one_winner_once(scene: Scene) -> None:
    giveaway = finished(scene, entrants=8)
    codes = ranking(giveaway)
    in_threads(20, lambda: replace(giveaway, codes[0]))
    in_threads(8, tasks.promote_waiting)
    after_that(scene)
    assert standing() == codes[1:3]
    assert Skip.objects.count() == 1
    assert AuditEntry.objects.filter(verb="replace_winner").count() == 1
    assert [WON in said for said in scene.heard(person_of(codes[2]))].count(True) == 1


def test_a_key_replaces_one_winner_however_often_it_is_sent(scene: Scene, owner: User, api: Api) -> None:
    giveaway = finished(scene)
    person = person_of(ranking(giveaway)[0])
    first = post(api(owner), giveaway, person, "declined", key="k1")
    again = post(api(owner), giveaway, person, "declined", key="k1")
    assert (first.status_code, first.json()) == (200, again.json())
    other = post(api(owner), giveaway, person_of(ranking(giveaway)[1]), "declined", key="k1")
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert Skip.objects.count() == 1


def test_without_a_key_the_second_call_finds_no_winner(scene: Scene, owner: User, api: Api) -> None:
    giveaway = finished(scene)
    person = person_of(ranking(giveaway)[0])
    assert post(api(owner), giveaway, person, "declined").status_code == 200
    again = post(api(owner), giveaway, person, "declined")
    assert (again.status_code, again.json()["code"]) == (409, "NOT_A_WINNER")


@pytest.mark.parametrize("died_after", ["replacing", "claiming", "judging", "half of promoting"])
def test_a_worker_that_died_in_the_middle_is_followed_to_the_same_winners(
    scene: Scene, died_after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    giveaway = finished(scene)
    codes = ranking(giveaway)
    replace(giveaway, codes[0])
    row = None if died_after == "replacing" else places.claim_promotion()
    if row and died_after != "claiming":
        draws.judge(place_id=draws.candidates(row)[0].pk, subscribed=True)
    if row and died_after == "half of promoting":
        with monkeypatch.context() as patched, pytest.raises(RuntimeError):
            patched.setattr(draws.life, "correct", die)
            draws.promote(draw_id=row.pk)
    with later(minutes=3):
        after_that(scene)
        after_that(scene)
    assert standing() == codes[1:3]
    assert [WON in said for said in scene.heard(person_of(codes[2]))].count(True) == 1
    assert Broadcast.objects.filter(dedup_scope__startswith="giveaway-promoted:").count() == 1


def die(**_: object) -> None:
    raise RuntimeError("killed")


def test_silence_of_telegram_moves_nobody_up_and_nobody_out(scene: Scene) -> None:
    giveaway = finished(scene)
    codes = ranking(giveaway)
    scene.control.fault("error", method="getChatMember", code=500, times=None)
    replace(giveaway, codes[0])
    after_that(scene)
    assert (standing(), Skip.objects.count()) == ([codes[1]], 1)
    scene.control.calm()
    with later(minutes=1):
        after_that(scene)
    assert standing() == codes[1:3]


def test_correcting_while_an_edit_is_recorded_ends_nobody(scene: Scene) -> None:
    giveaway = finished(scene, entrants=12)
    replace(giveaway, standing()[0])
    after_that(scene)
    for _ in range(3):
        replace(giveaway, standing()[0])
        Post.objects.filter(kind=Post.Kind.CORRECTION).update(status="waiting")
        calls = [tasks.promote_waiting, conclude_waiting] * 4
        said = in_threads(8, lambda calls=calls: calls.pop()())  # type: ignore[misc]
        assert said == [None] * 8
    after_that(scene)
    [post] = [post for post in scene.control.posts(scene.channel) if "Check the draw" in post["text"]]
    assert post["text"].endswith("with its reason: 4")


# The door -----------------------------------------------------------------------------------------
def post(client: APIClient, giveaway: Giveaway, person: int, reason: str, key: str = "", **more: Any) -> Any:
    body = {"giveaway_id": giveaway.pk, "user_id": person, "reason": reason, **more}
    return client.post(REPLACE, body, **({"HTTP_IDEMPOTENCY_KEY": key} if key else {}))


def test_a_stranger_finds_no_giveaway(scene: Scene, stranger: User, api: Api) -> None:
    giveaway = finished(scene)
    person = person_of(ranking(giveaway)[0])
    assert post(api(stranger), giveaway, person, "declined").status_code == 404
    assert post(api(None), giveaway, person, "declined").status_code == 401


def test_before_the_draw_nobody_is_replaced(scene: Scene, owner: User, api: Api) -> None:
    giveaway = scene.published()
    [person] = scene.enrolled(giveaway, 1, told=False)
    answer = post(api(owner), giveaway, person, "declined")
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_DRAWN_YET")


def test_ineligible_needs_a_note(scene: Scene, owner: User, api: Api) -> None:
    giveaway = finished(scene)
    person = person_of(ranking(giveaway)[0])
    answer = post(api(owner), giveaway, person, "ineligible")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["note"])
    assert post(api(owner), giveaway, person, "ineligible", note="Works here").json()["note"] == "Works here"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("user_id", value) for value in (None, True, "5", 0, 1.5, [])],
        *[("reason", value) for value in (None, "", "disliked", "unclaimed", 1, [])],
        *[("note", value) for value in (None, 5, "x" * 201)],
        *[("giveaway_id", value) for value in (None, True, "1", 0)],
        ("winner", 5),
    ],
)
def test_a_wrong_value_is_400_and_names_its_field(owner: User, api: Api, field: str, value: Any) -> None:
    body = {"giveaway_id": 1, "user_id": 5, "reason": "declined", field: value}
    answer = api(owner).post(REPLACE, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_a_loser_is_no_winner(scene: Scene, owner: User, api: Api) -> None:
    giveaway = finished(scene)
    answer = post(api(owner), giveaway, person_of(ranking(giveaway)[-1]), "declined")
    assert (answer.status_code, list(answer.json()["errors"])) == (409, ["user_id"])


def test_the_trail_names_who_replaced_whom_and_why(scene: Scene) -> None:
    giveaway = finished(scene)
    code = ranking(giveaway)[0]
    replace(giveaway, code, "ineligible", note="Works here")
    entry = AuditEntry.objects.get(verb="replace_winner")
    assert entry.actor_label == "owner"
    assert json.loads(json.dumps(entry.after)) == {
        "code": code, "rank": 1, "reason": "ineligible", "note": "Works here",
    }  # fmt: skip


def test_the_correction_waits_while_the_bot_is_away(scene: Scene) -> None:
    giveaway = finished(scene)
    scene.control.fault("error", method="editMessageText", code=500)
    replace(giveaway, ranking(giveaway)[0])
    after_that(scene)
    assert Post.objects.get(kind=Post.Kind.CORRECTION).status == Post.Status.WAITING
    with later(seconds=10):
        conclude_waiting()
    assert Post.objects.get(kind=Post.Kind.CORRECTION).status == Post.Status.SENT
    assert Place.objects.filter(verdict="winner").count() == 2
