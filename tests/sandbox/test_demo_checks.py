"""The demo's judgement: what counts as told exactly once, as a right winner, as a kept promise."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.demo import checks, texts
from sandbox.demo.facts import Before, Cast, Facts, Proof, Scene
from sandbox.demo.options import Options

TAG = "a1b2c3"
CHANNEL = -1001
OPENING = "draw=1\ngiveaway=x\n"
SHA256 = hashlib.sha256(OPENING.encode()).hexdigest()
CODES = {person: chr(ord("a") + person) * 32 for person in range(1, 5)}
ANNOUNCEMENT = 7


def said(chat_id: int, text: str) -> dict[str, Any]:
    return {"chat_id": chat_id, "text": text, "at": 0.0}


def joined(person: int) -> dict[str, Any]:
    return said(person, f"🎉 You are in: it.\n\nYour code: {CODES[person]}\nIt stands for you.")


def conclusion(**more: Any) -> dict[str, Any]:
    keyboard = {"inline_keyboard": [[{"text": texts.RESULTS_BUTTON, "url": "https://t.me/b?start=result_x"}]]}
    return {"message_id": 8, "text": f"🏁\n\n{texts.conclusion(TAG)}", "reply_markup": keyboard, **more}


def accepted() -> list[dict[str, Any]]:
    """1..4 come, 4 answers wrong first, 9 is not subscribed; 2 wins."""
    lost = [said(person, f"it\n\n{texts.loser(TAG)}") for person in (1, 3, 4)]
    return [
        said(CHANNEL, f"it\n{SHA256}"),
        said(4, f"{texts.WRONG_ANSWER} 1 + 1 = ?"),
        *(joined(person) for person in CODES),
        said(9, f"{texts.NOT_SUBSCRIBED}: it."),
        said(2, f"it\n\n{texts.winner(TAG)}"),
        *lost,
        said(CHANNEL, texts.conclusion(TAG)),
    ]


@pytest.fixture
def facts() -> Facts:
    """A play in which everything went as promised."""
    proof = {"open": OPENING, "close": f"open_sha256={SHA256}\nentries=4\n", "winners": [CODES[2]]}
    return Facts(
        options=Options(people=5, not_subscribed=1, fail_captcha=1, over_seconds=0, winners=1),
        scene=Scene(TAG, 77, CHANNEL, "it", {"message_id": ANNOUNCEMENT, "opening_sha256": SHA256}),
        cast=Cast(eligible=frozenset(CODES), hasty=frozenset({4}), unsubscribed=frozenset({9})),
        before=Before(by_token={"status": "running"}, proof_status=404),
        count=4,
        entered=[1, 2, 3, 4],
        finished={},
        stats={"messages_delivered": 4, "messages_failed": 0, "messages_uncertain": 0, "messages_pending": 0},
        accepted=accepted(),
        posts=[{"message_id": ANNOUNCEMENT, "text": f"it\n{SHA256}"}, conclusion()],
        proof=Proof(Path(), proof, frozenset(CODES.values()), 0, "VERIFIED"),
    )


def failed(facts: Facts) -> set[str]:
    return {check.name for part in checks.judge(facts).values() for check in part if not check.ok}


def test_a_play_that_went_as_promised_passes_every_check(facts: Facts) -> None:
    assert failed(facts) == set()


def test_somebody_told_twice_is_found(facts: Facts) -> None:
    again = replace(facts, accepted=[*facts.accepted, said(1, texts.loser(TAG))])
    assert failed(again) == {"Told exactly once", "Told more than once"}


def test_somebody_told_that_they_won_and_that_they_lost_is_found(facts: Facts) -> None:
    both = replace(facts, accepted=[*facts.accepted, said(2, texts.loser(TAG))])
    assert failed(both) == {"Told exactly once", "Told more than once"}


def test_somebody_never_told_is_found(facts: Facts) -> None:
    silent = [
        entry for entry in facts.accepted if not (entry["chat_id"] == 3 and texts.loser(TAG) in entry["text"])
    ]
    assert failed(replace(facts, accepted=silent)) == {"Told exactly once", "Never told"}


def test_somebody_outside_who_is_told_is_found(facts: Facts) -> None:
    leaked = replace(facts, accepted=[*facts.accepted, said(9, texts.loser(TAG))])
    assert failed(leaked) == {"Told without taking part"}


def test_the_result_of_another_play_is_no_result_of_this_one(facts: Facts) -> None:
    foreign = replace(facts, accepted=[*facts.accepted, said(1, texts.loser("ffffff"))])
    assert failed(foreign) == set()


def test_a_winner_who_does_not_hold_the_proven_code_is_found(facts: Facts) -> None:
    proof = replace(facts.proof, proof={**facts.proof.proof, "winners": [CODES[3]]})
    assert failed(replace(facts, proof=proof)) == {"They hold the winning codes"}


def test_a_code_missing_from_the_sealed_list_is_found(facts: Facts) -> None:
    proof = replace(facts.proof, codes=frozenset(CODES.values()) - {CODES[1]})
    assert failed(replace(facts, proof=proof)) == {"Codes told are in entries.txt"}


def test_an_unsubscribed_person_who_entered_is_found(facts: Facts) -> None:
    entered = replace(facts, entered=[*facts.entered, 9], count=5)
    assert failed(entered) == {"Participants counted", "Participants listed", "Not subscribed, yet entered"}


def test_a_person_listed_twice_is_found(facts: Facts) -> None:
    assert failed(replace(facts, entered=[*facts.entered, 1])) == {"Listed twice"}


def test_a_result_link_that_tells_more_than_running_is_found(facts: Facts) -> None:
    before = Before(by_token={"status": "running", "title": "it"}, proof_status=404)
    assert failed(replace(facts, before=before)) == {"The result link tells only"}


def test_another_hash_in_the_post_is_found(facts: Facts) -> None:
    posts = [{"message_id": ANNOUNCEMENT, "text": "0" * 64}, conclusion()]
    assert failed(replace(facts, posts=posts)) == {
        "The post's hash is the proof's",
        "The post's hash is open_sha256",
    }


def test_a_refusal_of_the_verifier_is_found_even_when_its_last_line_looks_well(facts: Facts) -> None:
    proof = replace(facts.proof, exit_code=1)
    assert failed(replace(facts, proof=proof)) == {"verify_draw.py, run alone"}


def test_a_second_conclusion_is_found(facts: Facts) -> None:
    twice = [*facts.accepted, said(CHANNEL, texts.conclusion(TAG))]
    assert failed(replace(facts, accepted=twice)) == {"Conclusion posted"}


def test_a_conclusion_without_its_button_is_found(facts: Facts) -> None:
    posts = [facts.posts[0], conclusion(reply_markup=None)]
    assert failed(replace(facts, posts=posts)) == {"Its button"}


def test_a_button_left_under_the_announcement_is_found(facts: Facts) -> None:
    keyboard = {"inline_keyboard": [[{"text": "🎯 Participate", "url": "https://t.me/b?start=giveaway_1"}]]}
    posts = [{**facts.posts[0], "reply_markup": keyboard}, facts.posts[1]]
    assert failed(replace(facts, posts=posts)) == {"Button left under the announcement"}


def test_a_deleted_announcement_is_found(facts: Facts) -> None:
    assert "Button left under the announcement" in failed(replace(facts, posts=facts.posts[1:]))


def test_a_platform_that_counts_differently_is_found(facts: Facts) -> None:
    stats = {**facts.stats, "messages_delivered": 3, "messages_failed": 1}
    assert failed(replace(facts, stats=stats)) == {"The platform's own count"}


def test_fewer_people_than_prizes_means_that_everybody_wins(facts: Facts) -> None:
    told = [
        said(entry["chat_id"], entry["text"].replace(texts.loser(TAG), texts.winner(TAG)))
        for entry in facts.accepted
    ]
    proof = replace(facts.proof, proof={**facts.proof.proof, "winners": list(CODES.values())})
    options = replace(facts.options, winners=9)
    assert failed(replace(facts, options=options, accepted=told, proof=proof)) == set()


@pytest.mark.parametrize(
    ("moments", "expected"), [([], 0.0), ([5.0], 0.0), ([1.0, 2.0, 3.0], 1.0), ([0.0, 0.5, 1.0], 2.0)]
)
def test_the_pace_is_taken_from_the_first_to_the_last(moments: list[float], expected: float) -> None:
    assert checks.pace(moments) == expected
