"""The time the sandbox lives in: the machine's, moved forward when a test asks for it."""

import time


class Clock:
    def __init__(self) -> None:
        self.ahead_seconds = 0.0

    def now(self) -> float:
        """Unix time in seconds."""
        return time.time() + self.ahead_seconds

    def unix(self) -> int:
        return int(self.now())

    def advance(self, seconds: float) -> None:
        self.ahead_seconds += seconds
