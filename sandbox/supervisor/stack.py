"""The one platform of a var directory: a lock with a note about where it listens."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sandbox.embedded.locks import is_locked, try_exclusive
from sandbox.supervisor.environment import PORTS
from sandbox.supervisor.errors import SupervisorError

NOTED = (*PORTS, "PUBLIC_URL", "SANDBOX_URL", "TELEGRAM_API_URL")


@contextmanager
def only_stack(var: Path) -> Iterator[Path]:
    """Holds the lock of `var`; a second platform there is refused."""
    path = var / "stack.json"
    with path.open("a+b") as file:
        if not try_exclusive(file):
            note = running_stack(var) or {}
            raise SupervisorError(
                f"The platform of {var} runs already ({note.get('PUBLIC_URL', 'it is just starting')}): "
                "use it, or stop it with Ctrl-C in its terminal."
            )
        file.truncate(0)
        yield path


def note_addresses(path: Path, environment: Mapping[str, str]) -> None:
    """Tells other commands where this platform listens."""
    note = {"pid": str(os.getpid())} | {name: environment[name] for name in NOTED}
    path.write_text(json.dumps(note))


def running_stack(var: Path) -> dict[str, str] | None:
    """The addresses of the platform that runs in `var`; empty while it is just starting, None without one."""
    try:
        with (var / "stack.json").open("rb") as file:
            if not is_locked(file):
                return None
            note: dict[str, str] = json.loads(file.read() or "{}")
            return note
    except (FileNotFoundError, ValueError):
        return None
