"""One process under the supervisor: started, heard, started again after a crash, stopped."""

import contextlib
import os
import signal
import time
from pathlib import Path

from sandbox.supervisor.health import Probe
from sandbox.supervisor.nursery import Nursery, Process
from sandbox.supervisor.output import Hear, Output
from sandbox.supervisor.table import Program

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
LONG_LIFE_SECONDS = 30.0


class Child:
    def __init__(self, program: Program, log: Path, hear: Hear) -> None:
        self.program = program
        self.log = log
        self.is_up = False
        self.crashes = 0
        self.output: Output | None = None
        self._hear = hear
        self._probe = Probe(program.health) if program.health else None
        self._process: Process | None = None
        self._started_at = 0.0
        self._start_at = 0.0

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def is_due(self) -> bool:
        """Whether it waits for its next start, and long enough."""
        return self._process is None and time.monotonic() >= self._start_at

    def start(self, nursery: Nursery) -> None:
        self._process, pipe = nursery.spawn(self.program.command, forked=self.program.forked)
        self._started_at = time.monotonic()
        self.output = Output(pipe, self.log, self._hear)

    def look(self) -> bool:
        """Whether it came up just now."""
        if self.is_up or self._process is None:
            return False
        self.is_up = self._probe is None or self._probe.is_up()
        return self.is_up

    def ended(self) -> int | None:
        """The exit code, once, of a process that has ended."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        self._kill_group(self._process.pid)  # what it left behind would hold its port
        self._process = None
        self.is_up = False
        if self.output:
            self.output.close()
        if self._probe:
            self._probe.close()
        return code

    def pause(self) -> float:
        """Seconds until it is started again: short after a long life, longer after every short one."""
        lived = time.monotonic() - self._started_at
        self.crashes = 1 if lived > LONG_LIFE_SECONDS else self.crashes + 1
        seconds = min(FIRST_PAUSE_SECONDS * 2.0 ** (self.crashes - 1), LONGEST_PAUSE_SECONDS)
        self._start_at = time.monotonic() + seconds
        return seconds

    def ask_to_stop(self) -> None:
        if self._process:
            self._process.terminate()

    def kill(self) -> None:
        if self._process:
            self._kill_group(self._process.pid)
            self._process.wait()

    def _kill_group(self, group: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: EPERM for an empty group
            os.killpg(group, signal.SIGKILL)
