"""What the keeper tells its users: a small file, replaced whole, locked while the keeper lives."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from sandbox.embedded.locks import is_locked, try_exclusive


@dataclass
class State:
    keeper: int
    ready: list[str] = field(default_factory=list)
    failed: dict[str, tuple[int, str]] = field(default_factory=dict)  # how often by now, and why
    pids: dict[str, int] = field(default_factory=dict)
    is_true: bool = field(default=True, compare=False)  # False: the keeper that wrote it is dead


def write(path: Path, state: State) -> IO[bytes]:
    """Returns the file, locked before anybody can see it; closing it makes the state a thing of the past."""
    unfinished = path.with_suffix(".unfinished")
    file = unfinished.open("wb")
    try_exclusive(file)
    file.write(json.dumps(asdict(state)).encode())
    file.flush()
    unfinished.replace(path)
    return file


def read(path: Path) -> State | None:
    try:
        with path.open("rb") as file:
            is_true = is_locked(file)
            news = State(**{**json.loads(file.read()), "is_true": is_true})
            news.failed = {name: (count, why) for name, (count, why) in news.failed.items()}
            return news
    except (FileNotFoundError, ValueError, TypeError):
        return None
