"""What the keeper asks of a server; postgres.py and valkey.py answer."""

import os
import signal
from pathlib import Path
from typing import Any, Protocol

from sandbox.embedded.layout import Layout


class Server(Protocol):
    """One program, its data directory, and how to tell that it answers."""

    name: str
    title: str
    variable: str
    stop_signal: signal.Signals

    def prepare(self, layout: Layout) -> None:
        """Makes the data directory; raises EmbeddedServersError."""

    def command(self, layout: Layout) -> list[str | Path]:
        """The program and its arguments; it stays in the foreground."""

    def answers(self, layout: Layout) -> bool:
        """Whether it serves: the application's database exists, the data are loaded."""


def surroundings(layout: Layout) -> dict[str, Any]:
    """Popen's arguments for any server program: the account, and nothing of our environment."""
    settings: dict[str, Any] = {"cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C"}}
    if layout.account:
        settings |= {"user": layout.account.uid, "group": layout.account.gid, "extra_groups": []}
    return settings
