"""What one play left behind: collected over HTTP while it ran, judged afterwards."""

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.client import JSON
from sandbox.demo.options import Options


@dataclass(frozen=True)
class Cast:
    """Everybody by Telegram id. `hasty` answer wrong first and belong to the eligible ones."""

    eligible: frozenset[int]
    hasty: frozenset[int]
    unsubscribed: frozenset[int]


@dataclass(frozen=True)
class Scene:
    """Where it is played; the three messages of the end carry the play's own tag and occur nowhere else."""

    tag: str
    bot_id: int
    channel_id: int
    channel_title: str
    giveaway: JSON  # as it was right after publication


@dataclass(frozen=True)
class Before:
    """What a stranger could learn before the draw."""

    by_token: JSON
    proof_status: int


@dataclass(frozen=True)
class Proof:
    """The published files of the draw and what the standalone verifier said of them."""

    directory: Path
    proof: JSON
    codes: frozenset[str]
    exit_code: int
    last_line: str


@dataclass
class Times:
    """Seconds of each phase."""

    prepare: float = 0.0
    publish: float = 0.0
    joins: float = 0.0
    finish: float = 0.0
    delivery: float = 0.0
    check: float = 0.0


@dataclass(frozen=True)
class Facts:
    options: Options
    scene: Scene
    cast: Cast
    before: Before
    count: int
    entered: list[int]
    finished: JSON
    stats: JSON
    accepted: list[JSON]
    posts: list[JSON]
    proof: Proof
    times: Times = field(default_factory=Times)
