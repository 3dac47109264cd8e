"""Fairness: slots by weight, the newcomer next, nobody starves, no slot idle while somebody is ready."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcasts.fairness import MOST_CREDIT, FairQueue
from broadcasts.models import Broadcast

WEIGHTS: dict[str, int] = {str(name): weight for name, weight in Broadcast.WEIGHTS.items()}
weights = st.sampled_from(list(WEIGHTS.values()))


def served(queue: FairQueue[str], ready: list[str], slots: int) -> list[str]:
    return [str(queue.take(ready)) for _ in range(slots)]


def queue_of(*flows: str) -> FairQueue[str]:
    """Flows named after their class: high, low2, ..."""
    queue: FairQueue[str] = FairQueue()
    for flow in flows:
        queue.join(flow, WEIGHTS[flow.rstrip("0123456789")])
    return queue


@pytest.mark.parametrize(
    ("flows", "shares"),
    [
        (["medium", "low"], {"medium": 22.5, "low": 7.5}),
        (["high", "medium", "low"], {"high": 18, "medium": 9, "low": 3}),
        (["high1", "high2"], {"high1": 15, "high2": 15}),
        (["low"], {"low": 30}),
    ],
)
def test_thirty_slots_a_second_are_shared_by_weight(flows: list[str], shares: dict[str, float]) -> None:
    queue = queue_of(*flows)
    for _ in range(20):  # in every two seconds, not only on the whole
        second = Counter(served(queue, flows, 60))
        assert all(abs(second[flow] / 2 - share) <= 0.5 for flow, share in shares.items())


@given(st.lists(weights, min_size=1, max_size=12), st.integers(1, 400))
def test_whoever_is_always_ready_gets_its_share_of_any_stretch(given_weights: list[int], slots: int) -> None:
    queue: FairQueue[int] = FairQueue()
    for flow, weight in enumerate(given_weights):
        queue.join(flow, weight)
    counted = Counter(queue.take(range(len(given_weights))) for _ in range(slots))
    for flow, weight in enumerate(given_weights):
        due = slots * weight / sum(given_weights)
        assert abs(counted[flow] - due) <= 1 + weight  # the bound of the paper: one message of each


@given(st.lists(weights, min_size=1, max_size=30), st.integers(0, 300), weights)
def test_a_newcomers_first_message_is_in_the_very_next_slot(
    given_weights: list[int], slots: int, weight: int
) -> None:
    queue: FairQueue[int] = FairQueue()
    for flow, each in enumerate(given_weights):
        queue.join(flow, each)
    for _ in range(slots):
        queue.take(range(len(given_weights)))
    queue.join(99, weight)
    assert queue.take([*range(len(given_weights)), 99]) == 99


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans()), max_size=200))
def test_no_slot_is_idle_while_somebody_is_ready(moves: list[tuple[str, bool]]) -> None:
    queue: FairQueue[str] = FairQueue()
    here: set[str] = set()
    for flow, comes in moves:
        if comes and flow not in here:
            queue.join(flow, 1 + ord(flow) % 3)
            here.add(flow)
        elif not comes and flow in here:
            queue.leave(flow)
            here.discard(flow)
        assert (queue.take(sorted(here)) is None) == (not here)


@given(st.integers(1, 40))
def test_low_is_served_however_many_are_above_it(number: int) -> None:
    flows = [f"high{index}" for index in range(number)]
    queue = queue_of("low", *flows)
    assert "low" in served(queue, ["low", *flows], 6 * number + 2)


def test_whoever_had_nothing_for_a_while_does_not_take_everything_afterwards() -> None:
    queue = queue_of("high", "low")
    served(queue, ["low"], 300)
    after = Counter(served(queue, ["high", "low"], 70))
    assert after["high"] <= 60 + 6 * MOST_CREDIT / 7 + 1


def test_leaving_and_coming_back_wins_nothing() -> None:
    queue = queue_of("low1", "low2")
    taken = Counter[str]()
    for _ in range(100):
        flow = str(queue.take(["low1", "low2"]))
        taken[flow] += 1
        queue.leave("low1")
        queue.join("low1", 1)
    assert taken["low1"] <= 51


def test_what_left_is_forgotten() -> None:
    queue: FairQueue[int] = FairQueue()
    for flow in range(1000):
        queue.join(flow, 1)
        queue.take([flow])
        queue.leave(flow)
    assert len(queue.tags) <= 3


def test_an_album_is_as_many_messages_as_it_has() -> None:
    queue = queue_of("low1", "low2")
    messages = Counter[str]()
    for _ in range(110):
        flow = str(queue.take(["low1", "low2"]))
        messages[flow] += 1
        if flow == "low1":
            queue.charge(flow, 9)
            messages[flow] += 9
    assert abs(messages["low1"] - messages["low2"]) <= 10
