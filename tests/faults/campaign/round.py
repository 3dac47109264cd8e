"""What a campaign is asked for, and what one round of it found: plain data that goes through JSON."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Wanted:
    rates: list[float]
    seconds: float
    pumps: int
    seed: str
    json: str

    def written(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, words: str) -> "Wanted":
        return cls(**json.loads(words))


@dataclass
class Round:
    """`off` are sentences about what must not be; an empty list is the proof."""

    rate: float
    seconds: float
    mischief: dict[str, int]
    broadcasts: list[dict[str, Any]] = field(default_factory=list)
    busiest_left: int = 0
    busiest_accepted: int = 0
    off: list[str] = field(default_factory=list)
