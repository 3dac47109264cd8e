"""When broadcasts will be over: a bot's pace, shared by weight. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    """What a broadcast still has to send, and its weight beside the others of its bot."""

    pending: int
    weight: int


def seconds_left(works: Mapping[int, Work], pace: float) -> dict[int, float]:
    """Seconds until each is done when the bot sends `pace` messages a second.

    Whoever is done leaves its share to the others; so the one with least for its weight ends first, and
    between two ends everybody goes on at weight / all weights.
    """
    left: dict[int, float] = {}
    seconds, served = 0.0, 0.0  # served: messages for each unit of weight so far
    weights = sum(work.weight for work in works.values())
    for number, work in sorted(works.items(), key=lambda item: item[1].pending / item[1].weight):
        seconds += (work.pending / work.weight - served) * weights / pace
        served = work.pending / work.weight
        weights -= work.weight
        left[number] = seconds
    return left


def share(works: Mapping[int, Work], number: int, pace: float) -> float:
    """Messages a second this one gets while all the others are still under way."""
    weights = sum(work.weight for work in works.values() if work.pending)
    return pace * works[number].weight / weights if weights else pace
