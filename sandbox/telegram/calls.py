"""What was called: a bounded log of Bot API requests, for tests and for the stage director."""

from collections import Counter, deque

from sandbox.telegram.clock import Clock
from sandbox.telegram.models import JSON

KEPT = 20_000
PARAMETER_LENGTH = 2_000


class CallLog:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: deque[JSON] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()

    def note(self, bot_id: int, method: str, parameters: JSON, status: int) -> None:
        short = {
            key: value[:PARAMETER_LENGTH] if isinstance(value, str) else value
            for key, value in parameters.items()
        }
        at = round(self._clock.now(), 3)
        self.counts[method] += 1
        self._calls.append({"method": method, "bot_id": bot_id, "params": short, "status": status, "at": at})

    def listed(self, method: str = "", bot_id: int | None = None) -> list[JSON]:
        wanted = method.lower()
        return [
            call
            for call in self._calls
            if (not wanted or call["method"].lower() == wanted) and bot_id in (None, call["bot_id"])
        ]

    def forget(self) -> None:
        self._calls.clear()
        self.counts.clear()
