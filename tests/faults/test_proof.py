"""The campaign's proof finds what it is there to find: every way in which a delivery may break its word."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.campaign import proof
from tests.faults.campaign.proof import Told

SENT, DOUBT = ("sent", ""), ("uncertain", "interrupted")


def told(policy: str = "skip", **changes: Any) -> Told:
    """Four people: three were sent to and one is in doubt, who did receive it."""
    good = Told(
        policy=policy,
        audience=[1, 2, 3, 4],
        recorded={1: SENT, 2: SENT, 3: SENT, 4: DOUBT},
        rows=4,
        counted={"sent": 3, "uncertain": 1},
        accepted=Counter([1, 2, 3, 4]),
        attempts={1: 1, 2: 1, 3: 1, 4: 1},
    )
    return replace(good, **changes)


@pytest.mark.parametrize("policy", ["skip", "resend_once", "ask"])
def test_a_delivery_that_kept_its_word_passes(policy: str) -> None:
    assert proof.off(told(policy)) == []
    assert proof.off(told(policy, accepted=Counter([1, 2, 3]))) == []  # whoever is in doubt may have nothing


def test_a_flagged_repeat_passes_where_the_policy_wants_it() -> None:
    recorded = {1: ("sent", "resent"), 2: SENT, 3: SENT, 4: DOUBT}
    changes = {"recorded": recorded, "accepted": Counter([1, 1, 2, 3, 4]), "attempts": {1: 2}}
    assert proof.off(told("resend_once", **changes)) == []
    assert proof.off(told("skip", **changes)) != []
    assert proof.off(told("ask", **changes)) != []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"accepted": Counter([1, 2])}, "called sent and received nothing"),
        ({"recorded": {1: SENT, 2: SENT, 3: SENT}, "rows": 3, "counted": {"sent": 3}}, "no result"),
        ({"audience": [1, 2, 3]}, "never meant"),
        ({"accepted": Counter([1, 2, 3, 4, 5])}, "not for them"),
        ({"accepted": Counter([1, 1, 2, 3])}, "twice in silence"),
        ({"accepted": Counter([1, 2, 3, 4, 4, 4])}, "more than twice"),
        ({"attempts": {4: 3}}, "third attempt"),
        ({"rows": 5}, "5 rows for 4 recipients"),
        ({"counted": {"sent": 4}}, "the counts say"),
        (
            {
                "recorded": {1: SENT, 2: SENT, 3: ("failed", "blocked"), 4: DOUBT},
                "counted": {"sent": 2, "failed": 1, "uncertain": 1},
            },
            "Telegram refused nobody",
        ),
    ],
)
def test_every_broken_word_is_found(changes: dict[str, Any], said: str) -> None:
    assert any(said in sentence for sentence in proof.off(told("resend_once", **changes)))


def paced(rate: float, number: int, *, from_at: float = 100.0) -> list[tuple[float, int]]:
    return [(from_at + index / rate, index) for index in range(number)]


def test_the_limit_itself_is_not_too_fast() -> None:
    left = paced(30, 90)
    assert proof.busiest([at for at, _ in left]) == 30
    assert proof.too_fast(30, left, [(at + 0.01, chat) for at, chat in left]) == []


def test_two_processes_that_do_not_know_of_each_other_are_too_fast() -> None:
    left = sorted([*paced(30, 60), *((at, chat + 60) for at, chat in paced(30, 60, from_at=100.01))])
    assert proof.too_fast(30, left, left) == [
        "60 messages left in one second at 30/s",
        "60 messages arrived in one second at 30/s",
    ]


def test_a_frozen_telegram_takes_late_what_had_left_in_time() -> None:
    left = paced(30, 90)
    frozen = [(max(at, 101.5), chat) for at, chat in left]
    assert proof.busiest([at for at, _ in frozen]) > 60
    assert proof.too_fast(30, left, frozen) == []


def test_a_blow_puts_only_so_much_in_doubt() -> None:
    many = told("ask", recorded=dict.fromkeys(range(40), DOUBT))
    assert proof.too_doubtful(30, 20, [many], {"kill Redis": 2}) == []
    assert proof.too_doubtful(30, 20, [many], {"kill Redis": 1}) == ["40 in doubt, at most 28 could be"]
    assert proof.too_doubtful(30, 20, [many], {"freeze Telegram": 1}) == []
