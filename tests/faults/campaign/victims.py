"""Who can be hurt: our own programs, and the servers that a keeper starts again. Kill is kill -9, freeze SIGSTOP."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from sandbox.embedded import state
from sandbox.embedded.layout import Layout
from sandbox.supervisor.health import is_healthy
from sandbox.supervisor.nursery import Nursery, Process

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.02


class Victim(Protocol):
    name: str

    def kill(self) -> None: ...
    def revive(self) -> None: ...
    def freeze(self) -> None: ...
    def thaw(self) -> None: ...


@dataclass
class Program:
    """A pump or the sandbox's Telegram. Its output is appended to the log, however often it is started."""

    name: str
    command: tuple[str, ...]
    nursery: Nursery
    log: Path
    health: str = ""
    process: Process | None = None

    def revive(self) -> None:
        self.process, output = self.nursery.spawn(("python", *self.command), forked=True)
        with self.log.open("ab") as log:  # a process of its own, so that nobody here has to read
            subprocess.Popen(["cat"], stdin=output, stdout=log, start_new_session=True)
        output.close()
        assert not self.health or is_healthy(self.health, PATIENCE_SECONDS), f"{self.name} does not come up"

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


@dataclass
class Server:
    """PostgreSQL or Redis with all its processes."""

    name: str
    key: str
    layout: Layout
    killed: int = 0

    def kill(self) -> None:
        self.killed = self._pid()
        self._signal("kill")

    def revive(self) -> None:
        """The keeper does it."""
        wait_for(lambda: self._pid() not in (0, self.killed), f"{self.name} to be back")

    def freeze(self) -> None:
        self._signal("suspend")

    def thaw(self) -> None:
        self._signal("resume")

    def _pid(self) -> int:
        news = state.read(self.layout.state)
        return news.pids.get(self.key, 0) if news and self.key in news.ready else 0

    def _signal(self, verb: str) -> None:
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                getattr(process, verb)()

    def _family(self) -> Iterator[psutil.Process]:
        """The parent first: it must not see its children die one by one."""
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self._pid() or self.killed)
            yield parent
            yield from parent.children(recursive=True)


def wait_for(come_true: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not come_true():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain for {what}"
        time.sleep(LOOK_SECONDS)
