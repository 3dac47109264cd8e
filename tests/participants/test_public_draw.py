"""A public draw: the list's hash in the channel first, then the promised round, and never anything less."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from accounts.models import AuditEntry, User
from giveaways import beacon
from giveaways.models import Giveaway, Post, Status
from giveaways.services import life, posts
from giveaways.tasks import conclude_waiting
from participants import draw, tasks
from participants.errors import NotTheRoundsSignature, NotWaitingForARound
from participants.models import Draw, Entry, Place
from participants.services import draws, rounds
from sandbox import drand
from tests.conftest import client_of
from tests.participants.public import DELAY, closed, waiting, with_relays
from tests.scene import OWNER, Scene, later
from tests.threads import in_threads


@pytest.fixture(autouse=True)
def _relays(settings: Any, scene: Scene) -> None:
    with_relays(settings, scene)


def status_of(giveaway: Giveaway) -> str:
    return Giveaway.objects.get(pk=giveaway.pk).status


def announced(scene: Scene) -> str:
    return str(scene.control.posts(scene.channel)[0]["text"])


def winners() -> list[str]:
    return list(Place.objects.filter(verdict="winner").order_by("rank").values_list("entry__code", flat=True))


def test_the_hash_and_the_round_stand_in_the_channel_before_the_round_is_made(scene: Scene) -> None:
    giveaway = waiting(scene)
    row = Draw.objects.get()
    text = announced(scene)
    assert f"Sealed list: {row.closing_sha256}" in text
    assert f"drand round {row.beacon_round}, {row.round_due_at:%Y-%m-%d %H:%M:%S} UTC" in text
    assert "Public draw: " + giveaway.opening_sha256 in text
    assert row.sealed_post_at and row.round_due_at and row.sealed_post_at < row.round_due_at


def test_the_numbers_say_what_the_draw_waits_for(scene: Scene) -> None:
    giveaway = closed(scene, 2)
    client = client_of(scene.user)
    told = client.get(f"/api/giveaways/{giveaway.pk}/stats").json()["stats"]
    assert told["waiting_for"].startswith(
        "The list is sealed; its hash is on its way into the channel. Round"
    )
    conclude_waiting()
    tasks.draw_waiting()
    row = Draw.objects.get()
    told = client.get(f"/api/giveaways/{giveaway.pk}/stats").json()["stats"]
    due = f"{row.round_due_at:%Y-%m-%d %H:%M:%S} UTC"
    assert told["waiting_for"] == f"Waiting for drand round {row.beacon_round}, due at {due}."
    assert (told["draw_status"], told["beacon_round"]) == ("waiting", row.beacon_round)


def test_nothing_is_drawn_before_the_round(scene: Scene) -> None:
    giveaway = waiting(scene)
    with later(seconds=DELAY - 15):
        tasks.draw_waiting()
    assert (status_of(giveaway), Place.objects.count()) == (Status.FINISHING, 0)


def test_the_round_decides_the_ranking(scene: Scene) -> None:
    giveaway = waiting(scene, 6, winner_count=2)
    with later(seconds=DELAY + 5):
        scene.work()
    row = Draw.objects.get()
    signature = bytes.fromhex(drand.signature_of(row.beacon_round or 0))
    key = draw.prk(
        seed=draws.seed_of(giveaway),
        randomness=draw.randomness(signature),
        open_sha256=giveaway.opening_sha256,
    )
    codes = sorted(Entry.objects.values_list("code", flat=True), key=lambda code: draw.score(key, code, 1))
    assert (status_of(giveaway), winners()) == (Status.FINISHED, codes[:2])
    assert bytes.fromhex(row.signature) == signature
    assert announced(scene).count("Sealed list") == 1


def test_a_recorded_round_of_quicknet_is_accepted(scene: Scene, settings: Any) -> None:
    with_relays(settings, scene, quicknet=True)
    with time_machine.travel(datetime.fromtimestamp(1692806302, UTC), tick=False) as clock:
        giveaway = waiting(scene)
        assert Draw.objects.get().beacon_round == 1000
        clock.shift(DELAY + 5)
        tasks.draw_waiting()
    assert status_of(giveaway) == Status.FINISHED
    assert Draw.objects.get().signature == drand.RECORDED[1000]


@pytest.mark.parametrize(
    ("relays", "trouble"),
    [
        (("silent", "silent"), "answered 503"),
        (("honest", "lying"), "contradict each other"),
        (("lying", "lying"), "not the signature of round"),
    ],
)
def test_without_a_trustworthy_round_the_draw_waits_and_says_why(
    scene: Scene, settings: Any, relays: tuple[str, ...], trouble: str
) -> None:
    giveaway = waiting(scene)
    with_relays(settings, scene, *relays)
    with later(seconds=DELAY + 5):
        tasks.draw_waiting()
        tasks.draw_waiting()
        row = Draw.objects.get()
        assert (row.status, row.tries, row.signature) == (Draw.Status.WAITING, 1, "")
        assert trouble in row.trouble
    with_relays(settings, scene)
    with later(seconds=DELAY + 70):
        tasks.draw_waiting()
    assert (status_of(giveaway), Draw.objects.get().trouble) == (Status.FINISHED, "")


def test_one_silent_relay_stops_nobody(scene: Scene, settings: Any) -> None:
    giveaway = waiting(scene)
    with_relays(settings, scene, "silent", "honest")
    settings.DRAND_URLS.append("http://127.0.0.1:9")
    with later(seconds=DELAY + 5):
        tasks.draw_waiting()
    assert status_of(giveaway) == Status.FINISHED


def test_pauses_grow_while_the_relays_are_silent(scene: Scene, settings: Any) -> None:
    waiting(scene)
    with_relays(settings, scene, "silent")
    for seconds in (0, 3, 8, 17):
        with later(seconds=DELAY + 5 + seconds):
            tasks.draw_waiting()
    assert Draw.objects.get().tries == 4
    with later(seconds=DELAY + 23):
        tasks.draw_waiting()
    assert Draw.objects.get().tries == 4


def test_the_draw_waits_until_the_hash_is_in_the_channel(scene: Scene) -> None:
    giveaway = closed(scene, 3)
    scene.control.fault("error", method="editMessageText", code=500, times=None)
    with later(seconds=20):
        scene.work()
        scene.work()
    assert Draw.objects.get().status == Draw.Status.SEALING
    assert Draw.objects.get().trouble
    scene.control.calm()
    with later(seconds=40):
        scene.work()
        scene.work()
    assert Draw.objects.get().status == Draw.Status.WAITING
    assert status_of(giveaway) == Status.FINISHING


def test_a_hash_that_came_too_late_is_sealed_anew_for_a_later_round(scene: Scene) -> None:
    giveaway = closed(scene, 3)
    missed = Draw.objects.get()
    with later(seconds=DELAY + 30):
        conclude_waiting()
        tasks.draw_waiting()
        row = Draw.objects.get()
        assert row.status == Draw.Status.SEALING
        assert (row.beacon_round or 0) > (missed.beacon_round or 0)
        assert row.closing_sha256 != missed.closing_sha256
        conclude_waiting()
        tasks.draw_waiting()
        assert Draw.objects.get().status == Draw.Status.WAITING
        assert row.closing_sha256 in announced(scene)
    with later(seconds=2 * DELAY + 40):
        tasks.draw_waiting()
    assert status_of(giveaway) == Status.FINISHED
    fresh = Draw.objects.get()
    assert fresh.sealed_post_at and fresh.round_due_at and fresh.sealed_post_at < fresh.round_due_at
    assert AuditEntry.objects.get(verb="seal_anew").before == {"closing_sha256": missed.closing_sha256}


def test_without_the_announcement_the_hash_becomes_a_post_of_its_own(scene: Scene) -> None:
    giveaway = closed(scene, 3)
    gone = "Bad Request: message to edit not found"
    scene.control.fault("error", method="editMessageText", code=400, description=gone)
    conclude_waiting()
    tasks.draw_waiting()
    assert Draw.objects.get().status == Draw.Status.WAITING
    text = scene.control.posts(scene.channel)[-1]["text"]
    assert f"Sealed list: {Draw.objects.get().closing_sha256}" in text
    assert Post.objects.filter(giveaway=giveaway, kind=Post.Kind.SEAL, status="sent").count() == 1


def test_a_worker_that_died_over_the_round_is_followed(scene: Scene) -> None:
    giveaway = waiting(scene)
    with later(seconds=DELAY + 5):
        assert rounds.claim_round()
        tasks.draw_waiting()
        assert status_of(giveaway) == Status.FINISHING
    with later(seconds=DELAY + 70):
        tasks.draw_waiting()
    assert status_of(giveaway) == Status.FINISHED


def test_twenty_workers_record_one_round(scene: Scene) -> None:
    giveaway = waiting(scene)
    with later(seconds=DELAY + 5):
        assert in_threads(20, tasks.draw_waiting) == [None] * 20
        tasks.draw_waiting()
    assert status_of(giveaway) == Status.FINISHED
    assert AuditEntry.objects.filter(verb="record_round").count() == 1
    assert AuditEntry.objects.filter(verb="settle_draw").count() == 1


def test_a_round_by_hand_is_checked_like_any_other(scene: Scene) -> None:
    giveaway = waiting(scene)
    row = Draw.objects.get()
    number = row.beacon_round or 0
    with pytest.raises(NotTheRoundsSignature):
        by_hand(row, number, drand.signature_of(number + 1))
    with pytest.raises(NotWaitingForARound):
        by_hand(row, number + 1, drand.signature_of(number + 1))
    by_hand(row, number, drand.signature_of(number))
    by_hand(row, number, drand.signature_of(number))
    tasks.draw_waiting()
    assert status_of(giveaway) == Status.FINISHED
    assert AuditEntry.objects.get(verb="record_round").actor_label == "owner"


def by_hand(row: Draw, number: int, signature: str) -> None:
    rounds.record_round(draw_id=row.pk, beacon_round=number, signature=bytes.fromhex(signature), by=OWNER)


def test_an_uncertain_seal_is_posted_again(scene: Scene) -> None:
    closed(scene, 2)
    scene.control.fault("error", method="editMessageText", code=400, description="message to edit not found")
    scene.control.fault("html_502", method="sendMessage")
    conclude_waiting()
    assert Post.objects.get(kind=Post.Kind.SEAL).status == Post.Status.WAITING
    with later(seconds=5):
        conclude_waiting()
    assert Post.objects.get(kind=Post.Kind.SEAL).status == Post.Status.SENT


def test_a_worker_that_died_over_the_seal_is_followed(scene: Scene) -> None:
    closed(scene, 2)
    assert posts.claim_post(kinds=[Post.Kind.CLOSING])
    with later(minutes=5):
        conclude_waiting()
    assert Post.objects.get(kind=Post.Kind.CLOSING).status == Post.Status.SENT


def test_without_the_means_to_check_signatures_it_is_refused(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beacon, "pyblst", None)
    body = {"title": "A bag of coffee", "main_body": "Press the button.", "beacon": "drand"}
    answer = client_of(owner).post("/api/giveaways/create", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "BEACON_NOT_AVAILABLE")
    assert list(answer.json()["errors"]) == ["beacon"]


def test_a_draft_is_not_published_without_the_means_either(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = scene.draft(beacon="drand")
    monkeypatch.setattr(beacon, "pyblst", None)
    assert [problem["code"] for problem in life.problems(draft)] == ["BEACON_NOT_AVAILABLE"]


def test_the_promise_names_the_chain_and_the_delay(scene: Scene) -> None:
    record = scene.published(beacon="drand").opening_record
    assert f"beacon={drand.PROMISED}\nbeacon_delay={DELAY}\n" in record
