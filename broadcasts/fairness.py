"""Who gets the next slot of a bot: start-time fair queueing (Goyal, Vin, Cheng 1996). Pure, no clock of its own.

Each flow carries a tag: the virtual time at which it may have its next slot. The smallest tag is served, and
moves on by cost / weight; so flows that always have something to send share the slots by their weights, and
one that has nothing costs nobody a slot.
"""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

MOST_CREDIT = 3.0  # a flow that could not use its slots for a moment catches up that much, not more

Flow = TypeVar("Flow", bound=Hashable)


class FairQueue(Generic[Flow]):
    """Flows by weight. A flow that joins is served in the very next slot, before those of the same tag."""

    def __init__(self) -> None:
        self.virtual_time = 0.0
        self.weights: dict[Flow, int] = {}
        self.tags: dict[Flow, float] = {}
        self.ranks: dict[Flow, int] = {}
        self.joined = 0

    def join(self, flow: Flow, weight: int) -> None:
        """The flow has something to send from now on; leaving and coming back wins it nothing."""
        first = min((self.tags[each] for each in self.weights), default=self.virtual_time)
        self.weights[flow] = weight
        self.tags[flow] = max(min(first, self.virtual_time), self.tags.get(flow, 0.0))
        self.joined += 1
        self.ranks[flow] = -self.joined

    def leave(self, flow: Flow) -> None:
        """The flow has nothing more; what it had in advance is remembered until virtual time has passed it."""
        self.weights.pop(flow, None)
        if not self.weights:  # the end of a busy period
            self.virtual_time = max(self.tags.values(), default=0.0)
        for each in [each for each in self.tags if each not in self.weights]:
            if self.tags[each] <= self.virtual_time:
                del self.tags[each], self.ranks[each]

    def take(self, ready: Iterable[Flow], cost: int = 1) -> Flow | None:
        """The flow, of those ready, whose turn it is; the slot is counted for it."""
        flow = min(ready, key=self._turn, default=None)
        if flow is not None:
            start = max(self.tags[flow], self.virtual_time - MOST_CREDIT)
            self.virtual_time = max(self.virtual_time, start)
            self.tags[flow] = start + cost / self.weights[flow]
        return flow

    def charge(self, flow: Flow, cost: int) -> None:
        """The message took so many slots more than the one it was counted for."""
        self.tags[flow] += cost / self.weights[flow]

    def share(self, flow: Flow) -> float:
        """Of the slots, while all have something to send."""
        return self.weights[flow] / sum(self.weights.values())

    def _turn(self, flow: Flow) -> tuple[float, int]:
        return self.tags[flow], self.ranks[flow]
